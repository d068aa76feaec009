"""The words a captioner knows, and their numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch

from feelscope.models.captioner import END, PADDING, START, UNKNOWN

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
    def of(cls, captions: Iterable[Sequence[str]], least: int) -> "Vocabulary":
        """The words that so many captions or more have, the most frequent first."""
        counts = Counter(word for caption in captions for word in set(caption))
        return cls(
            [word for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count >= least]
        )

    def __len__(self) -> int:
        return len(self._names)

    def numbers(self, captions: Sequence[Sequence[str]], longest: int) -> torch.Tensor:
        """N captions to numbers between START and END, padded: (N, longest + 2)."""
        table = torch.full((len(captions), longest + 2), PADDING)
        for row, caption in enumerate(captions):
            numbers = [START, *(self._numbers.get(word, UNKNOWN) for word in caption[:longest]), END]
            table[row, : len(numbers)] = torch.tensor(numbers)
        return table

    def presence(self, captions: Sequence[Sequence[str]]) -> torch.Tensor:
        """Which words each of N captions has, without the marks: (N, W), 1 or 0."""
        table = torch.zeros(len(captions), len(self.words))
        for row, caption in enumerate(captions):
            table[row, [self._numbers[word] - len(MARKS) for word in caption if word in self._numbers]] = 1.0
        return table

    def text(self, numbers: Sequence[int]) -> str:
        """The words of some numbers."""
        return " ".join(self._names[number] for number in numbers)
