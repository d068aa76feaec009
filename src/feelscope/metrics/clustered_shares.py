"""Shares of posts of which some go together, as those of one author do, from counts that no number of posts makes grow.

    authors are dealt into G groups by a hash; groups are the independent units, and 256 of them tell as much as all
    authors would, but for 1% of the width

How much further the groups' shares lie apart than those of posts drawn one by one, the design effect, says how many
independent posts would tell as much as these. Wilson's interval is of so many.

Letters: G groups, K emotions; one group alone says that posts are independent.

Source: random groups: Wolter 2007, "Introduction to Variance Estimation", chapter 2. Wilson's interval of an effective
sample size: Dean and Pagano 2015, "Evaluating confidence interval methods for binomial proportions in clustered
surveys". Differences: Zou 2007, "Toward using confidence intervals to compare correlations", equation 15, with shares
in the place of correlations. Ours: a design effect below 1 is chance, and taken as 1; Student's t has the degrees of
freedom of as many groups of one size as would tell as much, after Kish 1965, section 11.7.
"""

import zlib
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from feelscope.metrics.intervals import LEVEL, wilson
from feelscope.metrics.student import student_quantile

GROUPS = 256
Array = NDArray[np.float64]


def group_of(author: str, groups: int = GROUPS) -> int:
    """The group of an author, the same in every run."""
    return zlib.crc32(author.encode("utf-8", "surrogatepass")) % groups


def shares(counts: NDArray, level: float = LEVEL) -> tuple[Array, Array, Array]:
    """The share of each emotion and its interval, (K,) each; NaN where there is no post, or the posts of one group.

    Args:
        counts: (G, K), posts of each emotion by group; with one row, posts are independent.
    """
    posts = counts.sum()
    if not posts:
        unknown = np.full(counts.shape[1], np.nan)
        return unknown, unknown, unknown
    share = counts.sum(axis=0) / posts
    effective = _effective(counts, level)
    low, high = wilson(share * effective, effective, level)
    return share, low, high


def difference(counts: NDArray, others: NDArray, level: float = LEVEL) -> tuple[Array, Array, Array]:
    """The share of each emotion less that among others, and its interval, (K,) each.

    Args:
        counts, others: (G, K) each; a row is the same group in both, so that what authors say on both sides counts.
    """
    share, low, high = shares(counts, level)
    other, other_low, other_high = shares(others, level)
    together = _correlation(counts, others)
    down = _joined(share - low, other_high - other, together)
    up = _joined(high - share, other - other_low, together)
    return share - other, share - other - down, share - other + up


def _joined(own: Array, other: Array, correlation: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(own**2 + other**2 - 2 * correlation * own * other, 0)))


def _residuals(counts: NDArray) -> Array:
    """What each group adds to the error of the shares, (G, K)."""
    in_group = counts.sum(axis=1, keepdims=True)  # (G, 1)
    return np.asarray((counts - in_group * counts.sum(axis=0) / counts.sum()) / counts.sum())


def _effective(counts: NDArray, level: float) -> Array:
    """How many independent posts would tell as much of each emotion, (K,)."""
    posts = counts.sum()
    if len(counts) == 1:
        return np.full(counts.shape[1], float(posts))
    filled = int((counts.sum(axis=1) > 0).sum())
    if filled < 2:
        return np.full(counts.shape[1], np.nan)
    share = counts.sum(axis=0) / posts
    variance = filled / (filled - 1) * (_residuals(counts) ** 2).sum(axis=0)
    alone = share * (1 - share) / posts
    effect = np.divide(variance, alone, out=np.ones_like(alone), where=alone > 0)
    even = posts**2 / (counts.sum(axis=1, dtype=np.float64) ** 2).sum()  # groups of one size that would tell as much
    wider = student_quantile((1 + level) / 2, float(max(even - 1, 1))) / NormalDist().inv_cdf((1 + level) / 2)
    return np.asarray(posts / np.maximum(effect, 1) / wider**2)


def _correlation(counts: NDArray, others: NDArray) -> Array:
    """How the errors of two shares go together, (K,), -1 to 1."""
    if len(counts) == 1 or not counts.sum() or not others.sum():
        return np.zeros(counts.shape[1])
    first, second = _residuals(counts), _residuals(others)
    sizes = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    together = (first * second).sum(axis=0)
    return np.clip(np.divide(together, sizes, out=np.zeros_like(sizes), where=sizes > 0), -1, 1)
