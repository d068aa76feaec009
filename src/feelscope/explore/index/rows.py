"""What is asked of a table's row before anything is made of it, and what tells that it has changed."""

import hashlib
import json
from collections.abc import Sequence

from feelscope.explore.index.shards import END, FIRST, Shards, as_array
from feelscope.explore.index.tagging import facet_values, given_probabilities
from feelscope.explore.index.text_numbers import TextNumbers
from feelscope.post import Post
from feelscope.table import BadRow
from feelscope.table.times import unix_seconds

_LONGEST = 65_000  # bytes of an id, an emotion or a facet; the engine silently looks up no longer ones


def check(post: Post, facets: Sequence[str] = ()) -> None:
    """Refuse a post that no index can hold.

    Args:
        facets: The columns that are facets.

    Raises:
        BadRow: It is one.
    """
    seconds = unix_seconds(post.created_at)
    if seconds is not None and not FIRST <= seconds < END:
        raise BadRow("date is before 1678 or after 2261", str(post.created_at), post.id)
    held = [("id", post.id), ("emotion", post.emotion or ""), ("author", post.author), ("source", post.source)]
    held += ((name, value) for name, values in facet_values(post, facets).items() for value in values)
    for name, text in held:
        if len(text) > _LONGEST // 4 and len(text.encode()) > _LONGEST:
            raise BadRow(f"{name} is over {_LONGEST:,} bytes", f"{text[:40]}...", post.id)


def digest(post: Post, facets: Sequence[str]) -> int:
    """64 bits of a digest of everything that an index takes from a row; a picture's file counts by its name."""
    texts = (post.title, post.text, post.author, post.source, post.url, post.emotion or "", post.picture_name)
    numbers = [unix_seconds(post.created_at), sorted(given_probabilities(post).items())]
    content = [*texts, *numbers, facet_values(post, facets)]
    return int.from_bytes(hashlib.blake2b(json.dumps(content).encode(), digest_size=8).digest(), signed=True)


class Known:
    """The posts that are in shards.

    Args:
        facets: The columns that are facets.

    Attributes:
        ids: Id to place.
    """

    def __init__(self, shards: Shards, facets: Sequence[str]) -> None:
        columns = shards.columns(shards.names(), ("id", "image", "digest"))
        self.ids = TextNumbers(as_array(columns["id"]))
        self._images, self._digests = columns["image"].dictionary_encode(), columns["digest"]
        self._facets = facets

    def has_picture(self, number: int) -> bool:
        """Whether a post has a small picture."""
        return bool(self._images[number].as_py())

    def is_same(self, number: int, post: Post) -> bool:
        """Whether a row is as it was."""
        return int(self._digests[number].as_py()) == digest(post, self._facets)
