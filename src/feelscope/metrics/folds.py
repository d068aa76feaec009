"""A score over folds: its mean, its deviation, and where it would lie for a training on other posts of the same kind.

The models of two folds share most of their posts, so their scores are alike, and the usual interval of a mean is too
narrow. The correction adds to 1 / F the share of posts that are scored to those that are learnt, 1 / (F - 1).

Source: Nadeau and Bengio 2003, "Inference for the generalization error", the corrected resampled t; that it is taken
for F folds, in the place of random splits, is usual practice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.metrics.intervals import LEVEL, Interval
from feelscope.metrics.student import student_quantile


@dataclass(frozen=True, slots=True)
class OverFolds:
    """A score by fold.

    Args:
        deviation: Between folds.
        interval: Of the mean, 95%.
    """

    by_fold: tuple[float, ...]
    mean: float
    deviation: float
    interval: Interval


def over_folds(values: Sequence[float], least: float = 0.0) -> OverFolds:
    """The mean of a score of F folds, 2 or more, and its interval.

    Args:
        least: That a score can be; -1 of a difference. The most is 1.
    """
    table = np.asarray(values, dtype=np.float64)  # (F,)
    count = len(table)
    assert count > 1, "two folds or more"
    mean, deviation = float(table.mean()), float(table.std(ddof=1))
    error = deviation * float(np.sqrt(1 / count + 1 / (count - 1)))
    reach = student_quantile((1 + LEVEL) / 2, count - 1) * error
    return OverFolds(tuple(map(float, table)), mean, deviation, (max(least, mean - reach), min(1.0, mean + reach)))
