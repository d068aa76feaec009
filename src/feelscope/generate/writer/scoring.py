"""How probable a writer finds given words after given words, without torch.

    "He works as a" | "nurse"  ->  ln Pr["nurse" | <start> "he works as a"], summed over the words of the second

It is asked without a picture and without an emotion: with the mean of all emotions' vectors, as in drawing.
"""

from collections.abc import Sequence

import numpy as np

from feelscope.generate.writer.folder import SavedWriter
from feelscope.generate.writer.network import WritingNetwork
from feelscope.generate.writer.reading import words_of
from feelscope.post import Post
from feelscope.text.vocabulary import START

_AT_ONCE = 256  # texts side by side


class WordScorer:
    """Scores words with a writer. Safe to call from many threads."""

    def __init__(self, saved: SavedWriter):
        self.name = saved.name
        self._saved, self._network = saved, WritingNetwork(saved.weights)
        self._condition = self._network.condition(None, None)  # (P + M,)

    def unknown(self, text: str) -> list[str]:
        """The words of a text that the writer does not have; it reads them all as one."""
        return [word for word in self._words(text) if word not in self._saved.vocabulary]

    def log_probabilities(self, given: Sequence[str], following: Sequence[str]) -> np.ndarray:
        """The natural logarithm of the probability of each text after another one, (N,).

        NaN where the writer does not know a word that follows, or where there is none, or where both have more words
        than it reads.
        """
        before = [self._words(text) for text in given]
        whole = [self._words(f"{text} {next}") for text, next in zip(given, following, strict=True)]
        found = np.full(len(whole), np.nan)
        askable = [
            row
            for row, words in enumerate(whole)
            if len(before[row]) < len(words) <= self._saved.settings.longest
            and all(word in self._saved.vocabulary for word in words[len(before[row]) :])
        ]
        askable.sort(key=lambda row: len(whole[row]))  # those of a batch are about as long
        for at in range(0, len(askable), _AT_ONCE):
            rows = askable[at : at + _AT_ONCE]
            found[rows] = self._batch([whole[row] for row in rows], [len(before[row]) for row in rows])
        return found

    def _words(self, text: str) -> list[str]:
        return words_of(Post(id="", text=text), self._saved.settings.characters)

    def _batch(self, texts: Sequence[Sequence[str]], begins: Sequence[int]) -> np.ndarray:
        """Sums (B,) of the logarithms from the word at which each text's second part begins."""
        longest, starts = max(map(len, texts)), np.array(begins)
        numbers = self._saved.vocabulary.numbers(texts, longest)[:, 1 : longest + 1]  # (B, T), without <start>
        lengths = np.array([*map(len, texts)])  # (B,)
        writing = self._network.begin(np.tile(self._condition, (len(texts), 1)))
        last, sums = np.full(len(texts), START), np.zeros(len(texts))
        for place in range(longest):
            scores = writing.next(last).astype(np.float64)  # (B, V)
            word = numbers[:, place]  # (B,)
            top = scores.max(axis=1, keepdims=True)  # (B, 1)
            whole = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]  # (B,)
            counts = (place >= starts) & (place < lengths)
            row = np.arange(len(texts))[counts]
            sums[row] += scores[row, word[row]] - whole[row]
            last = word
        return sums
