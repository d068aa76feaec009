"""Trust: does a model's confidence tell its right answers from its wrong ones?

A detector gives every answer a confidence, of any scale; the larger, the more it is to be trusted. Answering only the
surest posts gives fewer errors, if it is worth anything: `coverage` is the share that is answered, `risk` the share of
those that are wrong. Posts of one confidence are answered together: between them, the curves are straight lines.

Letters: N answered posts, G groups of one confidence, R resamples.

Source: Hanley and McNeil 1982 (AUROC as a share of pairs); Geifman et al. 2019, "Bias-reduced uncertainty estimation
for deep neural classifiers" (AURC); Traub et al. 2024, "Overcoming common flaws in the evaluation of selective
classification systems" (AUGRC).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.intervals import RESAMPLES, Interval, draw, interval

Array = NDArray[np.float64]
COVERAGE = 0.8  # at which the error is given
SCORES = ("auroc", "aurc", "augrc", "error_at_coverage", "error_ratio")
_DRAWS_AT_ONCE = 4_000_000  # counts of posts, so that a bootstrap of many posts fits in memory


@dataclass(frozen=True, slots=True)
class Curve:
    """Answers by falling confidence, from none to all; leading axes are resamples.

    Args:
        posts: (..., G + 1), how many are answered.
        errors: (..., G + 1), how many of those are wrong.
    """

    posts: Array
    errors: Array

    @property
    def coverage(self) -> Array:
        """The share of the posts that is answered: (..., G + 1)."""
        return self.posts / self.posts[..., -1:]

    @property
    def risk(self) -> Array:
        """The share of the answers that is wrong; of no answers, that of the first group: (..., G + 1)."""
        risk = np.divide(self.errors, self.posts, out=np.zeros_like(self.errors), where=self.posts > 0)
        empty = self.posts == 0  # a resample may lack the first groups
        first = np.argmax(~empty, axis=-1, keepdims=True)
        return np.where(empty, np.take_along_axis(risk, first, axis=-1), risk)


def risk_coverage(confidence: ArrayLike, right: ArrayLike, weights: ArrayLike | None = None) -> Curve:
    """The errors among the surest posts, for every number of them.

    Args:
        confidence: (N,), of any scale, no NaN.
        right: (N,), whether each answer is right.
        weights: (..., N), how often each post counts; None counts each once.
    """
    sure, is_right = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=bool)
    assert sure.ndim == 1 and sure.shape == is_right.shape, "one confidence for each answer"
    assert sure.size and not np.isnan(sure).any(), "confidence of one post or more, and no NaN"
    counts = np.ones(len(sure)) if weights is None else np.asarray(weights, dtype=np.float64)  # (..., N)
    order = np.argsort(-sure, kind="stable")
    falling = sure[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])  # (G,)

    def summed(of: Array) -> Array:
        groups = np.add.reduceat(of[..., order], starts, axis=-1)  # (..., G)
        none = np.zeros((*groups.shape[:-1], 1))
        return np.concatenate([none, np.cumsum(groups, axis=-1)], axis=-1)  # (..., G + 1)

    return Curve(summed(counts), summed(counts * ~is_right))


def auroc(curve: Curve) -> Array:
    """The share of pairs of a right and a wrong answer whose right one is surer; a tie counts half: (...).

    NaN where all answers are right, or all wrong.
    """
    wrong, right = np.diff(curve.errors), np.diff(curve.posts - curve.errors)  # (..., G)
    below = curve.errors[..., -1:] - curve.errors[..., 1:]  # wrong answers that are less sure
    pairs = curve.errors[..., -1] * (curve.posts[..., -1] - curve.errors[..., -1])
    return _ratio((right * (below + wrong / 2)).sum(axis=-1), pairs)


def aurc(curve: Curve) -> Array:
    """The area under risk over coverage: the mean risk over all coverages (...).

    The integral of the curve; the sum that is often given instead takes its value at every post.
    """
    start, end = curve.coverage[..., :-1], curve.coverage[..., 1:]
    total = curve.posts[..., -1:]
    slope = _ratio(np.diff(curve.errors), np.diff(curve.posts))  # errors a post, (..., G); NaN for an empty group
    slope = np.nan_to_num(slope)
    before = curve.errors[..., :-1] / total - slope * start  # what the line would have at coverage 0
    logs = np.log(np.divide(end, start, out=np.ones_like(end), where=start > 0))
    return (slope * (end - start) + before * logs).sum(axis=-1)


def augrc(curve: Curve) -> Array:
    """The area under the share of all posts that are answered wrongly, over coverage (...): at most a half.

    Unlike AURC, it gives every error the same weight (Traub et al. 2024, eq. 7).
    """
    middle = (curve.errors[..., 1:] + curve.errors[..., :-1]) / 2
    return (middle * np.diff(curve.posts)).sum(axis=-1) / curve.posts[..., -1] ** 2


def error_at(curve: Curve, coverage: float = COVERAGE) -> Array:
    """The risk where this share of the posts is answered, above 0 to 1: (...)."""
    wanted = coverage * curve.posts[..., -1:]
    group = np.argmax(curve.posts[..., 1:] >= wanted * (1 - 1e-12), axis=-1)[..., np.newaxis]  # that reaches it

    def at(of: Array, number: NDArray[np.int64]) -> Array:
        return np.take_along_axis(of, number, axis=-1)

    share = _ratio(wanted - at(curve.posts, group), at(curve.posts, group + 1) - at(curve.posts, group))
    errors = at(curve.errors, group) + share * (at(curve.errors, group + 1) - at(curve.errors, group))
    return (errors / wanted)[..., 0]


@dataclass(frozen=True, slots=True)
class Trust:
    """What a detector is worth on some posts.

    Args:
        error: The share of all answers that is wrong.
        error_at_coverage: Of the surest posts, 80% of all.
        error_ratio: That error over the error of all; 1 for a detector that knows nothing.
        intervals: Score name to its 95% interval.
    """

    posts: int
    error: float
    auroc: float
    aurc: float
    augrc: float
    error_at_coverage: float
    error_ratio: float
    intervals: Mapping[str, Interval]


def trust(
    confidence: ArrayLike,
    right: ArrayLike,
    *,
    coverage: float = COVERAGE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Trust:
    """Score a detector, with 95% bootstrap intervals over posts.

    Args:
        confidence: (N,), of any scale.
        right: (N,), whether each answer is right.
        coverage: At which the error is given, above 0 to 1.
    """
    scores = _resampled(confidence, right, coverage, resamples, seed)
    is_right = np.asarray(right, dtype=bool)
    intervals = {name: interval(values[1:]) for name, values in scores.items()} if resamples else {}
    first = {name: float(values[0]) for name, values in scores.items()}
    return Trust(len(is_right), float((~is_right).mean()), **first, intervals=intervals)


def paired_difference(
    confidence: ArrayLike,
    other: ArrayLike,
    right: ArrayLike,
    *,
    coverage: float = COVERAGE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, tuple[float, Interval]]:
    """By score, a detector's less another's on the same answers, and the interval of a paired bootstrap."""
    one, two = (_resampled(of, right, coverage, resamples, seed) for of in (confidence, other))
    differences = {name: one[name] - two[name] for name in SCORES}
    return {name: (float(values[0]), interval(values[1:])) for name, values in differences.items()}


def _resampled(confidence: ArrayLike, right: ArrayLike, coverage: float, resamples: int, seed: int) -> dict[str, Array]:
    """By score its value on the posts as they are, then on each resample: (1 + R,)."""
    posts = len(np.asarray(right))
    draws = draw(posts, resamples, seed)  # (1 + R, N)
    parts = []
    for start in range(0, len(draws), size := max(1, _DRAWS_AT_ONCE // posts)):
        curve = risk_coverage(confidence, right, draws[start : start + size])
        error = error_at(curve, coverage)
        ratio = _ratio(error, curve.errors[..., -1] / curve.posts[..., -1])
        parts.append((auroc(curve), aurc(curve), augrc(curve), error, ratio))
    return {name: np.concatenate(values) for name, values in zip(SCORES, zip(*parts, strict=True), strict=True)}


def _ratio(top: Array, bottom: Array) -> Array:
    shape = np.broadcast(top, bottom).shape
    return np.divide(top, bottom, out=np.full(shape, np.nan), where=np.asarray(bottom) != 0)
