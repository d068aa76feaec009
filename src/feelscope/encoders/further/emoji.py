"""Emoji: which known emoji a post has, as numbers that stand for vectors.

"so good 😂😂 👍🏽" -> 😂 👍 -> (3, 871, 0 ... 0)

A model has the vectors themselves in its networks, so that a post takes a few numbers. Where emoji are a modality, they
are no words: what reads words gets the post without them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.text.emoji import all_emoji, find_emoji
from feelscope.text.without_emoji import blank_emoji, without_emoji

MOST = 12  # different emoji of a post that are read; ours
_MOST_KNOWN = 20_000
_LONGEST = 40  # characters of an emoji
_MOST_CHARACTERS = 20_000  # of title and text each that are searched, as encoders of words cut them too


def emoji_of(post: Post) -> list[str]:
    """The different emoji of a post's title and text, in order; skin tones and variation selectors do not count."""
    return [*dict.fromkeys(emoji for text in post.texts for emoji in find_emoji(text[:_MOST_CHARACTERS]))]


def words_of(post: Post) -> Post:
    """The post without its emoji, as words are read where emoji are a modality."""
    return replace(post, title=without_emoji(post.title), text=without_emoji(post.text))


def words_in_place(post: Post) -> Post:
    """As `words_of`, with blanks for emoji, so that every word stands where it stood."""
    return replace(post, title=blank_emoji(post.title), text=blank_emoji(post.text))


@dataclass(frozen=True)
class Emoji:
    """Which of the known emoji a post has."""

    emoji: tuple[str, ...]  # (E,), each once, as `find_emoji` gives them
    most: int  # F, emoji of a post that are read

    def __post_init__(self) -> None:
        if not 0 < len(set(self.emoji)) == len(self.emoji) <= _MOST_KNOWN:
            raise ConfigError(f"emoji: expected 1 to {_MOST_KNOWN:,}, each once; fit the modality again")
        if not all(0 < len(emoji) <= _LONGEST for emoji in self.emoji):
            raise ConfigError(f"emoji: expected 1 to {_LONGEST} characters each; fit the modality again")
        if not 1 <= self.most <= 100:
            raise ConfigError(f"most: expected 1 to 100 emoji of a post, found {self.most}; fit the modality again")

    @classmethod
    def fit(cls, posts: Iterable[Post]) -> "Emoji":
        """Know every emoji of Unicode, and the other signs of the posts that count as emoji.

        Raises:
            TableError: No post has an emoji.
        """
        found = {emoji for post in posts for emoji in emoji_of(post)}
        if not found:
            raise TableError("no training post has an emoji in title or text; leave the modality 'emoji' out")
        return cls(tuple(dict.fromkeys([*all_emoji(), *sorted(found)])), MOST)

    def only(self, emoji: Sequence[str]) -> "Emoji":
        """The modality with these emoji alone."""
        return Emoji(tuple(emoji), self.most)

    @cached_property
    def _numbers(self) -> dict[str, float]:
        return {emoji: float(number) for number, emoji in enumerate(self.emoji, 1)}

    @property
    def width(self) -> int:
        """F, the most emoji of a post."""
        return self.most

    def vector(self, post: Post) -> np.ndarray | None:
        """float32 (F,), the numbers of its known emoji from 1, then zeros; None for a post without a known emoji."""
        known = [self._numbers[emoji] for emoji in emoji_of(post) if emoji in self._numbers][: self.most]
        return np.array([*known, *[0.0] * (self.most - len(known))], np.float32) if known else None
