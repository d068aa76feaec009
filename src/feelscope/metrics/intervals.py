"""Intervals: how far a number may lie from what it would be on other posts of the same kind.

Shares have Wilson's interval and their differences Newcombe's, for single numbers and for arrays alike. Every other
score has a percentile bootstrap, of one model (`resample`) or of several on the same posts (`draw`).

Both are by hand, checked against scipy in the tests: the explorer has no scipy, whose `binomtest` takes one share at a
time (7 emotions in 96 months: 190 ms, here 0.02 ms), and whose `bootstrap` scores every resample post by post (macro-F1
of 50,000 posts, 1,000 resamples: 0.9 s, here 3 ms); `python benchmarks/intervals.py`.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95  # how often an interval holds what it is of
RESAMPLES = 1000  # of a bootstrap

Interval = tuple[float, float]


def wilson(hits: Any, posts: Any, level: float = LEVEL) -> tuple[Any, Any]:
    """The interval of a share (Wilson 1927).

    Args:
        hits: How many posts have it; need not be whole.
        posts: Of how many, above 0.
    """
    deviations = NormalDist().inv_cdf((1 + level) / 2)
    share, square = hits / posts, deviations**2
    centre = (share + square / (2 * posts)) / (1 + square / posts)
    half = deviations / (1 + square / posts) * (share * (1 - share) / posts + square / (4 * posts**2)) ** 0.5
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def difference(hits: Any, posts: Any, other_hits: Any, other_posts: Any, level: float = LEVEL) -> tuple[Any, Any, Any]:
    """A share less another of other posts, and its interval.

    Source:
        Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.
    """
    share, other = hits / posts, other_hits / other_posts
    low, high = wilson(hits, posts, level)
    other_low, other_high = wilson(other_hits, other_posts, level)
    down = ((share - low) ** 2 + (other_high - other) ** 2) ** 0.5
    up = ((high - share) ** 2 + (other - other_low) ** 2) ** 0.5
    return share - other, share - other - down, share - other + up


def correlation(x: ArrayLike, y: ArrayLike) -> tuple[float, float, float]:
    """Pearson's r of two columns (N,), N above 3, and its interval by Fisher's z; needs scipy."""
    from scipy.stats import pearsonr

    found = pearsonr(x, y)
    ends = found.confidence_interval(LEVEL)
    return float(found.statistic), float(ends.low), float(ends.high)


def resample(counts: NDArray, resamples: int = RESAMPLES, seed: int = 0) -> NDArray[np.int64]:
    """Bootstrap counts of posts, of any shape: (R, ...).

    Drawing N posts with replacement and counting them is one multinomial draw of N over the cells, so the time does not
    grow with the posts.
    """
    cells = counts.ravel()
    filled = np.flatnonzero(cells)
    drawn = np.zeros((resamples, cells.size), dtype=np.int64)
    posts = int(cells.sum())
    drawn[:, filled] = np.random.default_rng(seed).multinomial(posts, cells[filled] / posts, size=resamples)
    return drawn.reshape(resamples, *counts.shape)


def draw(posts: int, resamples: int = RESAMPLES, seed: int = 0) -> NDArray[np.int64]:
    """How often each post is drawn, for a paired bootstrap: (1 + R, N), first the posts as they are, once each."""
    draws = np.random.default_rng(seed).multinomial(posts, np.full(posts, 1 / posts), size=resamples)
    return np.concatenate([np.ones((1, posts), dtype=draws.dtype), draws])


def interval(scores: NDArray) -> Interval:
    """The middle 95% of resampled scores (R,); a resample without the score, NaN, is left out."""
    known = scores[~np.isnan(scores)]
    low, high = np.quantile(known, ((1 - LEVEL) / 2, (1 + LEVEL) / 2)) if known.size else (np.nan, np.nan)
    return float(low), float(high)


def mean_interval(values: NDArray, seed: int = 0) -> Interval:
    """The bootstrap interval of a mean over posts (N,); of few distinct values, such as right and wrong."""
    distinct, counts = np.unique(values, return_counts=True)
    return interval(resample(counts, seed=seed) @ distinct / len(values))


def with_interval(value: float | None, ends: Sequence[float] | None, to: str = "–") -> str:
    """A number and its interval as people read them: `0.812 (0.790–0.834)`; a dash where there is no number.

    Args:
        to: Stands between the ends; " to " where they may be negative.
    """
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.3f} ({ends[0]:.3f}{to}{ends[1]:.3f})" if ends else f"{value:.3f}"


def shown(scores: Mapping[str, Any], name: str) -> str:
    """One score and its interval, from one combination of modalities of `Evaluation.to_json()`."""
    return with_interval(scores[name], scores["intervals"].get(name))
