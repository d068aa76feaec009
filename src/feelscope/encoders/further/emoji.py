"""Emoji: a vector with one place for each emoji in the training posts' titles and texts, 1 where a post has it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.text.emoji_for_models import emoji_characters


def _emoji_in(post: Post) -> set[str]:
    """The emoji of a post's title and text; skin tones and variation selectors do not count."""
    return {*emoji_characters(post.title), *emoji_characters(post.text)}


@dataclass(frozen=True, slots=True)
class Emoji:
    """Which of the known emoji a post has.

    Args:
        emoji: (D,), each once.
    """

    emoji: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.emoji or len(set(self.emoji)) != len(self.emoji):
            raise ConfigError("emoji: expected one or more, each once; fit the modality again")

    @classmethod
    def fit(cls, posts: Iterable[Post]) -> "Emoji":
        """Know every emoji of the posts, the most frequent first.

        Raises:
            TableError: There is none.
        """
        counts = Counter(emoji for post in posts for emoji in _emoji_in(post))
        if not counts:
            raise TableError("no training post has an emoji in title or text; leave the modality 'emoji' out")
        return cls(tuple(sorted(counts, key=lambda emoji: (-counts[emoji], emoji))))

    @property
    def width(self) -> int:
        """D, the number of known emoji."""
        return len(self.emoji)

    def vector(self, post: Post) -> np.ndarray | None:
        """float32 (D,) of 0 and 1; None for a post without a known emoji."""
        present = _emoji_in(post)
        vector = np.array([emoji in present for emoji in self.emoji], np.float32)  # (D,)
        return vector if vector.any() else None
