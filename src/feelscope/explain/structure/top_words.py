"""The words of each emotion: those whose posts most certainly have more of it than posts at large.

For a word in n posts and an emotion whose probability has mean m and deviation s over all posts, the posts with the
word have mean m_w, and m_w - m has an error of z s / sqrt(n). Words are ranked by what is left when that is taken off:
a rare word needs a large difference, a common one a steady one. z is so high that, were words drawn by chance, one
emotion in twenty would get any word at all (Bonferroni, over all words).

It says which words go with what the model reads, not why: a word may stand beside what the model really looked at.
"""

from collections.abc import Iterable, Sequence
from statistics import NormalDist

import numpy as np

FEWEST_POSTS = 5  # that must have a word
MOST_WORDS = 300_000  # kept in memory; beyond it, words seen only once so far are forgotten
_CHANCE = 0.05  # that an emotion gets any word where words do not matter


class WordMeans:
    """Adds up the probabilities of K emotions over the posts that have each word."""

    def __init__(self, emotions: int):
        self.forgotten = 0  # words, see MOST_WORDS
        self._posts = 0
        self._sum, self._squares = np.zeros(emotions), np.zeros(emotions)
        self._rows: dict[str, int] = {}
        self._counts = np.zeros(1024, dtype=np.int64)
        self._sums = np.zeros((1024, emotions))

    def add(self, words: Iterable[str], probabilities: np.ndarray) -> None:
        """Count the words of a post, each once, with its probabilities (K,)."""
        self._posts += 1
        self._sum += probabilities
        self._squares += probabilities * probabilities
        rows = self._rows
        own = [rows.setdefault(word, len(rows)) for word in set(words)]
        if not own:
            return
        if len(rows) > len(self._counts):
            self._grow()
        self._counts[own] += 1  # each row once
        self._sums[own] += probabilities
        if len(rows) > MOST_WORDS:
            self._forget()

    def top(self, emotions: Sequence[str], count: int) -> list[dict[str, object]]:
        """The first `count` words of each emotion, as rows of `emotion`, `rank`, `word`, `posts`, `mean`, `surely`.

        `mean` is the emotion's mean probability in the posts with the word; `surely` is the least by which that is
        above the mean of all posts, with 95% confidence for all words together. An emotion may have fewer words, or
        none.
        """
        if not self._rows:
            return []
        mean = self._sum / self._posts  # (K,)
        deviation = np.sqrt(np.clip(self._squares / self._posts - mean**2, 0, None))  # (K,)
        words = np.array(list(self._rows), dtype=object)
        counts = self._counts[: len(words)]
        often = counts >= FEWEST_POSTS
        words, counts, means = words[often], counts[often], self._sums[: len(often)][often] / counts[often, None]
        z = NormalDist().inv_cdf(1 - _CHANCE / max(len(words), 1))
        surely = means - mean - z * deviation / np.sqrt(counts)[:, None]  # (V, K)
        rows: list[dict[str, object]] = []
        for column, emotion in enumerate(emotions):
            best = sorted(np.flatnonzero(surely[:, column] > 0), key=lambda row: (-surely[row, column], words[row]))
            rows += [
                {
                    "emotion": emotion,
                    "rank": rank,
                    "word": str(words[row]),
                    "posts": int(counts[row]),
                    "mean": float(means[row, column]),
                    "surely": float(surely[row, column]),
                }
                for rank, row in enumerate(best[:count], 1)
            ]
        return rows

    def most_frequent(self, count: int) -> list[tuple[str, int]]:
        """The words of the most posts, and of how many; of equal ones in the order of the alphabet."""
        known = ((word, int(self._counts[row])) for word, row in self._rows.items())
        return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:count]

    def _grow(self) -> None:
        more = max(len(self._counts), len(self._rows) - len(self._counts))
        self._counts = np.concatenate([self._counts, np.zeros(more, dtype=np.int64)])
        self._sums = np.concatenate([self._sums, np.zeros((more, self._sums.shape[1]))])

    def _forget(self) -> None:
        kept = [(word, row) for word, row in self._rows.items() if self._counts[row] > 1]
        self.forgotten += len(self._rows) - len(kept)
        rows = [row for _, row in kept]
        self._counts, self._sums = self._counts[rows], self._sums[rows]
        self._rows = {word: row for row, (word, _) in enumerate(kept)}
