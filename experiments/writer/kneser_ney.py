"""Interpolated Kneser-Ney of n words, with one discount for each order or with three.

Source: Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling", sections 2.7 and 3.
The lowest order falls back to one word of the vocabulary, each alike. Checked against a plain loop by
`tests/generate/writer/test_experiment.py`.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

BEGIN = "<s>"
_Gram = tuple[str, ...]


class KneserNey:
    """Probabilities of words by those before them.

    Args:
        posts: Words of each, closed by an end mark where the end is known.
        vocabulary: How many words there are, with unknown and end.
        order: Of how many words, the guessed one included.
        several: Three discounts an order, for what was seen once, twice and more often; otherwise one.
    """

    def __init__(self, posts: Sequence[Sequence[str]], vocabulary: int, order: int = 5, several: bool = True):
        self.order, self._vocabulary = order, vocabulary
        counts: list[Counter[_Gram]] = [Counter() for _ in range(order + 1)]  # by length
        for post in posts:
            words = [BEGIN] * (order - 1) + [*post]
            for at in range(order - 1, len(words)):
                counts[order][tuple(words[at - order + 1 : at + 1])] += 1
        for length in range(order - 1, 0, -1):  # of shorter ones, how many different words they follow
            for gram in counts[length + 1]:
                counts[length][gram[1:]] += 1
        self._counts = counts
        self._discounts = [(0.0,) * 4, *(_discounts(one, several) for one in counts[1:])]
        self._sums: list[defaultdict[_Gram, int]] = [defaultdict(int) for _ in range(order + 1)]  # by what is before
        self._taken: list[defaultdict[_Gram, float]] = [defaultdict(float) for _ in range(order + 1)]
        for length in range(1, order + 1):
            for gram, count in counts[length].items():
                self._sums[length][gram[:-1]] += count
                self._taken[length][gram[:-1]] += self._discounts[length][min(3, count)]

    def probability(self, before: Sequence[str], word: str) -> float:
        """Of a word after others."""
        found = 1 / self._vocabulary
        for length in range(1, self.order + 1):
            context = tuple(before[len(before) - length + 1 :])
            total = self._sums[length].get(context, 0)
            if not total:
                break
            count = self._counts[length].get((*context, word), 0)
            rest = self._taken[length][context] * found
            found = (max(0.0, count - self._discounts[length][min(3, count)]) + rest) / total
        return found

    def probabilities(self, post: Sequence[str]) -> list[float]:
        """Of each word of a post."""
        words = [BEGIN] * (self.order - 1) + [*post]
        return [
            self.probability(words[at - self.order + 1 : at], words[at]) for at in range(self.order - 1, len(words))
        ]


def _discounts(counts: Counter[_Gram], several: bool) -> tuple[float, ...]:
    often = Counter(counts.values())
    once, twice, thrice, four = (often[number] or 1 for number in (1, 2, 3, 4))
    first = once / (once + 2 * twice)
    if not several:
        return (0.0, first, first, first)
    return (0.0, 1 - 2 * first * twice / once, 2 - 3 * first * thrice / twice, 3 - 4 * first * four / thrice)


def perplexity(probabilities: Sequence[float]) -> float:
    """Of how many words, equally likely, the next one is chosen."""
    return math.exp(-sum(map(math.log, probabilities)) / len(probabilities))
