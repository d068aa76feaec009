"""A bigram sampler: the next word as often as it follows the last one in the posts of one emotion."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

BEGIN, END = "<s>", "</s>"


class Bigrams:
    """Draws posts from posts.

    Args:
        posts: Words of each.
        longest: Words of a drawn post.
    """

    def __init__(self, posts: Sequence[Sequence[str]], longest: int):
        self._longest, self._following = longest, defaultdict(list)
        for post in posts:
            for before, word in pairwise([BEGIN, *post, END]):
                self._following[before].append(word)

    def draw(self, draws: np.random.Generator) -> list[str]:
        """One post."""
        words = [BEGIN]
        while len(words) <= self._longest:
            following = self._following[words[-1]]
            word = following[draws.integers(len(following))]
            if word == END:
                break
            words.append(word)
        return words[1:]
