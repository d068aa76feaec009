"""Change points: the bins at which the mix of emotions became another.

Idea: split the time line into stretches within which shares stay the same, so that the counts are likely and the
stretches few. The best splitting of all is found, not a good one step by step.

Months differ by more than chance draws of single posts would: one event makes many posts alike. How much more is
measured between neighbouring bins, and each bin then counts as the smaller number of independent posts that would
differ as much; without this every large archive seems to change all the time.

Source: Jackson et al. 2005, "An algorithm for optimal partitioning of data on an interval"; the price of a change is
that of Zhang and Siegmund 2007, "A modified Bayes information criterion", whose further term for the lengths of
stretches is left out; the smaller numbers are the effective sizes of clustered samples (Rao and Scott 1992).
"""

import math
from itertools import pairwise

import numpy as np

LEAST_BINS = 3  # of a stretch: what lasts shorter is an event, no change
_LEAST_POSTS = 10  # of a bin that tells how much bins differ
_LEAST_PAIRS = 5  # of neighbouring bins, to tell that


def change_points(counts: np.ndarray) -> list[int]:
    """The first bins of all stretches but the first.

    Args:
        counts: (T, K), posts of each emotion by bin.
    """
    return _best_splitting(effective(counts, correlation(counts)))


def effective(counts: np.ndarray, alike: float) -> np.ndarray:
    """Counts (T, K) scaled to the independent posts that each bin is worth, float.

    Args:
        alike: The correlation of posts of one bin, as `correlation` finds it.
    """
    posts = counts.sum(axis=1, keepdims=True)
    return counts / (1 + np.maximum(posts - 1, 0) * alike)


def correlation(counts: np.ndarray) -> float:
    """How alike the posts of one bin are: 0 for independent ones, the intraclass correlation of Rao and Scott.

    It is that at which the differences of neighbouring bins have the median that chance gives them. A median is not
    moved by the few pairs between which there is a change.
    """
    pairs = [(a, b) for a, b in pairwise(counts) if min(a.sum(), b.sum()) >= _LEAST_POSTS]
    degrees = int((counts.sum(axis=0) > 0).sum()) - 1
    if len(pairs) < _LEAST_PAIRS or degrees < 1:
        return 0.0
    first, second = (np.array(side, float) for side in zip(*pairs, strict=True))  # (pairs, K)
    usual = _median_of_chi_square(degrees)

    def too_far(alike: float) -> bool:
        return float(np.median(_distance(effective(first, alike), effective(second, alike)))) > usual

    if not too_far(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if too_far(middle) else (low, middle)
    return high


def _distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's chi-square of each pair of rows (N, K), for that both have the same shares: (N,)."""
    n, m = first.sum(axis=1, keepdims=True), second.sum(axis=1, keepdims=True)
    together = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (first / n - second / m) ** 2 / (together / (n + m))
    return np.asarray((np.nan_to_num(parts).sum(axis=1, keepdims=True) * n * m / (n + m))[:, 0])


def _median_of_chi_square(degrees: int) -> float:
    """To within 1% (Wilson and Hilferty 1931)."""
    return degrees * (1 - 2 / (9 * degrees)) ** 3


def _best_splitting(counts: np.ndarray) -> list[int]:
    """The splitting of least cost of counts (T, K)."""
    bins = len(counts)
    sums = np.concatenate([np.zeros((1, counts.shape[1])), counts.cumsum(axis=0)])  # (T + 1, K)
    filled = int((counts.sum(axis=1) > 0).sum())
    degrees = int((sums[-1] > 0).sum()) - 1
    if degrees < 1 or bins < 2 * LEAST_BINS:
        return []
    price = (degrees + 2) * math.log(filled)  # a place costs twice what a share does
    best = np.full(bins + 1, np.inf)  # cost of the first t bins
    best[0] = -price
    before = np.zeros(bins + 1, int)  # where the last stretch of the first t bins begins
    for end in range(LEAST_BINS, bins + 1):
        starts = np.arange(0, end - LEAST_BINS + 1)
        cost = best[starts] + price + _surprise(sums[end] - sums[starts])
        before[end] = starts[int(cost.argmin())]
        best[end] = cost.min()
    found = []
    at = int(before[bins])
    while at:
        found.append(at)
        at = int(before[at])
    return found[::-1]


def _surprise(counts: np.ndarray) -> np.ndarray:
    """Minus twice the log-likelihood of counts (N, K) at their own shares, (N,)."""
    posts = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_emotion = np.nan_to_num(counts * np.log(counts)).sum(axis=1)
        whole = np.nan_to_num(posts * np.log(posts))
    return np.asarray(2 * (whole - by_emotion))
