"""Tags: a vector with one place for each tag that training posts have.

"#happy #Dog" -> {happy, dog} -> (0 ... 0.71 ... 0.71 ... 0), of length 1 however many tags a post has
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.errors import ConfigError, TableError
from feelscope.post import Post

AT_LEAST = 2  # training posts that must have a tag; a tag of one post says nothing about others
_BETWEEN = re.compile(r"[\s,|#]+")


def tags_of(post: Post) -> set[str]:
    """The words of a post's tags, in lower case: "Sun Set" is sun and set."""
    return {word for tag in post.tags for word in _BETWEEN.split(tag.lower()) if word}


@dataclass(frozen=True, slots=True)
class Tags:
    """Which of the known tags a post has."""

    tags: tuple[str, ...]  # (D,), each once

    def __post_init__(self) -> None:
        if not self.tags or len(set(self.tags)) != len(self.tags):
            raise ConfigError("tags: expected one or more, each once; fit the modality again")

    @classmethod
    def fit(cls, posts: Iterable[Post], at_least: int = AT_LEAST) -> "Tags":
        """Know the tags that `at_least` of the posts have, the most frequent first.

        Raises:
            TableError: There is none.
        """
        counts = Counter(tag for post in posts for tag in tags_of(post))
        known = _by_frequency({tag: count for tag, count in counts.items() if count >= at_least})
        if not known:
            raise TableError(
                f"no tag is in {at_least} or more of the training posts (their column 'tags' has {len(counts)} "
                "different ones); name the column with --columns tags=NAME, or leave the modality out"
            )
        return cls(known)

    @property
    def width(self) -> int:
        """D, the number of known tags."""
        return len(self.tags)

    def vector(self, post: Post) -> np.ndarray | None:
        """float32 (D,) of length 1; None for a post without a known tag."""
        vector = _vector(self.tags, tags_of(post))
        return None if vector is None else vector / np.sqrt(vector.sum())


def _by_frequency(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _vector(known: Sequence[str], present: set[str]) -> np.ndarray | None:
    vector = np.array([name in present for name in known], np.float32)  # (D,)
    return vector if vector.any() else None
