"""Means of numbers that are not independent: each is of one group in each of several groupings.

    swap 1   0.1  0.3        every number is of a swap and of a template; those of one swap rise and fall together, and
    swap 2   0.4  0.6        so do those of one template
             T 1  T 2

The interval says where the mean may lie with other swaps and other templates of the same kind, not with more of these.

Letters: N numbers, S of them side by side, G groups.

Source: Cameron, Gelbach and Miller 2011, "Robust inference with multiway clustering", section 2: the variances of all
groupings, less those of two crossed, and so on; ours: where that is below the variance of one grouping alone, that one
is taken. The degrees of freedom are Satterthwaite's (1946), at most the G - 1 of the grouping that adds most (ours).
Needs scipy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.intervals import LEVEL

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimates:
    """S means, their 95% intervals, and the p-values of a mean of 0; NaN where no grouping has two groups."""

    mean: Array
    low: Array
    high: Array
    p: Array


def mean(values: ArrayLike, groupings: Sequence[ArrayLike], level: float = LEVEL) -> Estimates:
    """The mean of each of S columns.

    Args:
        values: (N, S).
        groupings: For each, the group of every number, (N,).
    """
    table = np.asarray(values, dtype=np.float64)  # (N, S)
    means = table.mean(axis=0)
    return _estimates(means, (table - means) / len(table), groupings, level)


def difference(
    values: ArrayLike,
    groupings: Sequence[ArrayLike],
    others: ArrayLike,
    other_groupings: Sequence[ArrayLike],
    level: float = LEVEL,
) -> Estimates:
    """The mean of each column less that of others; a group that both have, as a template, is the same group.

    Args:
        values, others: (N, S) and (M, S).
        groupings, other_groupings: As many of the one as of the other.
    """
    tables = [np.asarray(one, dtype=np.float64) for one in (values, others)]
    means = [table.mean(axis=0) for table in tables]
    first, second = ((table - of) / len(table) for table, of in zip(tables, means, strict=True))
    joined = [
        np.concatenate([np.asarray(one), np.asarray(other)])
        for one, other in zip(groupings, other_groupings, strict=True)
    ]
    return _estimates(means[0] - means[1], np.concatenate([first, -second]), joined, level)


def _estimates(means: Array, influence: Array, groupings: Sequence[ArrayLike], level: float) -> Estimates:
    """Estimates from what each number adds to the mean's error, (N, S)."""
    from scipy.stats import t as student

    numbered = [np.unique(np.asarray(one), return_inverse=True)[1] for one in groupings]
    several = [groups for groups in numbered if groups.max(initial=0) > 0]
    if not several:
        unknown = np.full(means.shape, np.nan)
        return Estimates(means, unknown, unknown, unknown)
    alone = [_of_one(influence, groups) for groups in several]
    variance = np.zeros(means.shape)  # (S,)
    for size in range(1, len(several) + 1):
        for chosen in combinations(several, size):
            crossed = np.unique(np.stack(chosen), axis=1, return_inverse=True)[1].ravel()
            variance += (-1) ** (size + 1) * _of_one(influence, crossed)
    freedom = _freedom(np.array(alone), np.array([*map(np.max, several)]))
    deviation = np.sqrt(np.maximum(variance, np.max(alone, axis=0)))
    reach = deviation * student.ppf((1 + level) / 2, freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(deviation > 0, np.abs(means) / deviation, np.where(means == 0, 0.0, np.inf))
    return Estimates(means, means - reach, means + reach, 2 * student.sf(distance, freedom))


def _of_one(influence: Array, groups: NDArray) -> Array:
    """The variance (S,) if only numbers of one group go together."""
    count = int(groups.max()) + 1
    sums = np.zeros((count, influence.shape[1]))
    np.add.at(sums, groups, influence)
    return count / (count - 1) * (sums**2).sum(axis=0)


def _freedom(alone: Array, groups: NDArray) -> Array:
    """Degrees of freedom (S,) from each grouping's variance (F, S) and its number of groups less one (F,)."""
    total, most = alone.sum(axis=0), groups[alone.argmax(axis=0)].astype(np.float64)  # (S,) each
    parts = (alone**2 / groups[:, None]).sum(axis=0)
    return np.minimum(most, np.divide(total**2, parts, out=most.copy(), where=parts > 0))
