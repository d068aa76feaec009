"""The words that a network writes or reads, and their numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

PADDING, UNKNOWN, START, END = range(4)  # the first numbers of every vocabulary
MARKS = ("<padding>", "<unknown>", "<start>", "<end>")  # by their numbers


class Vocabulary:
    """Words by number, the four marks first.

    Args:
        words: Without the marks, each once.
    """

    def __init__(self, words: Sequence[str]):
        self.words = tuple(words)
        self._names = (*MARKS, *self.words)
        self._numbers = {word: number for number, word in enumerate(self._names)}

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]], least: int) -> "Vocabulary":
        """The words that so many texts or more have, the most frequent first."""
        counts = Counter(word for text in texts for word in set(text))
        return cls(
            [word for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count >= least]
        )

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers

    def number(self, word: str) -> int:
        """The number of a word; `UNKNOWN` of one that is not there."""
        return self._numbers.get(word, UNKNOWN)

    def name(self, number: int) -> str:
        """The word of a number, or its mark."""
        return self._names[number]

    def numbers(self, texts: Sequence[Sequence[str]], longest: int) -> np.ndarray:
        """N texts to numbers between START and END, padded: int64 (N, longest + 2)."""
        table = np.full((len(texts), longest + 2), PADDING)
        for row, text in enumerate(texts):
            numbers = [START, *map(self.number, text[:longest]), END]
            table[row, : len(numbers)] = numbers
        return table

    def presence(self, texts: Sequence[Sequence[str]]) -> np.ndarray:
        """Which words each of N texts has, without the marks: float32 (N, W), 1 or 0."""
        table = np.zeros((len(texts), len(self.words)), np.float32)
        for row, text in enumerate(texts):
            table[row, [self._numbers[word] - len(MARKS) for word in text if word in self._numbers]] = 1.0
        return table

    def text(self, numbers: Sequence[int]) -> str:
        """The words of some numbers, with spaces between."""
        return " ".join(map(self.name, numbers))
