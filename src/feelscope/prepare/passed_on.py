"""Which columns of a post a dataset has: those of an allow-list, and those that were asked for by name.

A dataset is handed on. What a column is called does not say what is in it, so everything else stays behind: authors,
handles, profiles' addresses, what was searched for, paths of this machine.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from feelscope.post import Post
from feelscope.table.times import iso, unix_seconds

# Counts, as numbers alone; the first three are votes.
COUNTS = ("votes", "score", "ups", "num_comments", "raters", "agreement")
WORDS = ("source", "subreddit", "licence", "lang", "language")  # short names, and no person's
FLAGS = ("reblog", "repost", "quote", "reply", "sensitive", "bot")
ADDRESSES = ("url", "image_url", "images")  # only where they are asked for, as they may name the author
ALLOWED = ("created_at", *COUNTS, *WORDS, *FLAGS)
_LONGEST = 100  # characters of a name
# An address, a handle, a path or mail; of a subreddit, the one that is a person's profile.
_PRIVATE = re.compile(r"://|^\s*@|\S@\S|[/\\]|^\s*~|^\s*(?:u_|www\.)|\.[a-z]{2,4}$", re.IGNORECASE)
_NAMES_AUTHOR = re.compile(r"://|@")  # in an id
_LICENCE = re.compile(r"https?://(?:www\.)?(?:creativecommons|rightsstatements)\.org/[\w./-]+")


@dataclass(slots=True)
class PassedOn:
    """Chooses a post's further columns.

    Args:
        keep: Columns that are asked for by name; their cells are as they were.
        addresses: Whether the posts' addresses are asked for.

    Attributes:
        left_behind: Names of the columns that had something and are not in the dataset.
    """

    keep: Iterable[str] = ()
    addresses: bool = False
    left_behind: set[str] = field(default_factory=set)
    _named: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._named = frozenset((*self.keep, *(ADDRESSES if self.addresses else ())))

    def __call__(self, post: Post) -> dict[str, object]:
        """The cells that are written."""
        cells: dict[str, object] = {}
        for name, value in post.other.items():
            if isinstance(value, bytes):
                continue
            if name == "created_at" and name not in self._named:
                cells[name] = _time(post.created_at, day_only=post.day_only)
            elif name in self._named or _is_allowed(name, value):
                cells[name] = value
            elif name not in ("tags", "author") and value not in (None, "", [], {}):  # written in a form of their own
                self.left_behind.add(name)
                if name in ALLOWED:
                    cells[name] = None
        return cells


def _is_allowed(name: str, value: object) -> bool:
    if value is None or value == "":
        return name in ALLOWED
    if name in COUNTS:
        return isinstance(value, int | float)
    if name in FLAGS:
        return isinstance(value, bool)
    if name not in WORDS or not isinstance(value, str) or len(value) > _LONGEST:
        return False
    return not _PRIVATE.search(value) or (name == "licence" and bool(_LICENCE.fullmatch(value)))


def _time(when: datetime | None, *, day_only: bool) -> str | None:
    seconds = unix_seconds(when)
    if seconds is None:
        return None
    return iso(seconds)[: len("2012-01-31")] if day_only else iso(seconds)


def shared_id(id: str) -> str:
    """An id as a dataset has it: one that is an address, as Mastodon's are, may name its author; a digest takes its
    place."""
    if not _NAMES_AUTHOR.search(id):
        return id
    return hashlib.sha256(id.encode(errors="replace")).hexdigest()[:32]
