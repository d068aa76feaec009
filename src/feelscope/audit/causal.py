"""Causal testing: matched pairs differ in one concept alone, and the difference of their scores is the bias.

    bias(o) = mean over templates and swaps of s(first) - s(second)        of a subject o, as an occupation
    mean absolute bias = mean over o of |bias(o)|

Any function that scores things, and any list of pairs of such things, can be tested. For gender the first is a man and
the second a woman.

Source: after Lu, Mardziel, Wu, Amancharla and Datta 2018, "Gender Bias in Neural Natural Language Processing". Their
formal definition we have not seen: that bias(o) is a mean with its sign, and the aggregate one of absolute values, is
our reading.
Letters: N pairs, S scores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.audit.swaps import Swap
from feelscope.audit.templates import Sentence, TemplateSet, fill

T = TypeVar("T")
Array = NDArray[np.float64]
Score = Callable[[Sequence[T]], ArrayLike]  # N things to (N,) or (N, S); NaN where one cannot be scored


@dataclass(frozen=True, slots=True)
class MatchedPair(Generic[T]):
    """Two things that differ in one concept alone.

    Args:
        first, second: What is scored.
        subject: What they are about, such as an occupation.
        template, swap: What they were made of.
    """

    first: T
    second: T
    subject: str = ""
    template: str = ""
    swap: str = ""


@dataclass(frozen=True, slots=True)
class Tested(Generic[T]):
    """Matched pairs and their scores, those that could be scored.

    Args:
        first, second: (N, S).
        unscored: How many pairs could not be.
    """

    pairs: tuple[MatchedPair[T], ...]
    first: Array
    second: Array
    unscored: int = 0

    @property
    def differences(self) -> Array:
        """(N, S)."""
        return self.first - self.second

    def groups(self, of: str) -> NDArray:
        """The `subject`, `template` or `swap` of each pair, (N,)."""
        return np.array([getattr(pair, of) for pair in self.pairs], dtype=str)


def matched(swaps: Sequence[Swap], templates: TemplateSet, every: int = 1) -> list[MatchedPair[Sentence]]:
    """Every template with every subject and every swap, or every second, third, ... of these, spread evenly."""
    subjects = templates.subjects or ("",)
    return [
        MatchedPair(
            fill(template, swap.first, subject),
            fill(template, swap.second, subject),
            subject or template,
            template,
            swap.name,
        )
        for number, subject in enumerate(subjects)
        for place, template in enumerate(templates.templates)
        for turn, swap in enumerate(swaps)
        if len(subjects) == 1 or (number + place + turn) % every == 0
    ]


def run_test(score: Score[T], pairs: Sequence[MatchedPair[T]]) -> Tested[T]:
    """Score both sides of all pairs, each thing once."""
    places: dict[T, int] = {}
    for pair in pairs:
        places.setdefault(pair.first, len(places))
        places.setdefault(pair.second, len(places))
    scores = np.asarray(score([*places]), dtype=np.float64)
    assert len(scores) == len(places), f"a score for each of {len(places)} things, not {len(scores)}"
    scores = scores.reshape(len(places), -1)  # (U, S)
    first, second = (
        scores[[places[thing] for thing in side]]
        for side in ([pair.first for pair in pairs], [pair.second for pair in pairs])
    )  # (N, S) each
    scored = np.flatnonzero(~np.isnan(first + second).any(axis=1))
    return Tested(tuple(pairs[int(place)] for place in scored), first[scored], second[scored], len(pairs) - len(scored))


def bias(tested: Tested[T]) -> dict[str, Array]:
    """The bias (S,) of each subject."""
    subjects, differences = tested.groups("subject"), tested.differences
    return {str(name): differences[subjects == name].mean(axis=0) for name in dict.fromkeys(subjects.tolist())}


def mean_absolute_bias(tested: Tested[T]) -> Array:
    """The mean over subjects of the absolute value of their bias, (S,)."""
    return np.abs([*bias(tested).values()]).mean(axis=0)


def total_variation(tested: Tested[T]) -> Array:
    """Half the sum of the absolute differences of a pair's probabilities, (N,): 0 where they are alike, up to 1."""
    return np.abs(tested.differences).sum(axis=1) / 2


def flips(tested: Tested[T]) -> Array:
    """Whether the most probable answer of a pair's two sides differs, (N,), 0 or 1."""
    return (tested.first.argmax(axis=1) != tested.second.argmax(axis=1)).astype(np.float64)
