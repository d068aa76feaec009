"""Regressions of an emotion on what else is known of posts, where a model read all of them and people a few.

    outcome = what the model makes of a post                                of a post that nobody labelled
            = the same + (label - the same) / chance of being labelled      of a labelled post

Whatever the model is worth, this outcome is right on average at every value of the covariates, so the coefficients are
those of labels on all posts. A regression on the model's answers takes its errors for facts: where it errs more often
in posts of one kind, that kind gets a coefficient.

Letters: N posts, n labelled ones, P coefficients.

Source: Egami, Hinck, Stewart and Wei 2023, "Using imperfect surrogates for downstream inference: design-based
supervised learning"; cross-fitting in `FOLDS` parts (Chernozhukov et al. 2018). The reading of the model, a line
through its probabilities, and the degrees of freedom, n - P, are ours.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.errors import FeelscopeError
from feelscope.metrics.intervals import LEVEL
from feelscope.metrics.student import student_quantile

Array = NDArray[np.float64]
Blocks = Callable[[], Iterable[tuple[Array, Array]]]  # gives covariates (B, P) and outcomes (B,), again and again
FOLDS = 5
_STEPS = 50  # of Newton's method, which takes about six


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What a regression found, (P,) each; `low` and `high` are the ends of 95% intervals."""

    estimate: Array
    error: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model's probability says of a label, learnt from labelled posts: a line for each fold without it."""

    lines: Array  # (FOLDS, 2), where the line begins and how it rises

    def __call__(self, probabilities: ArrayLike, folds: ArrayLike) -> Array:
        """What a model makes of posts (B,) of these folds, 0 to 1."""
        line = self.lines[np.asarray(folds)]  # (B, 2)
        return np.clip(line[:, 0] + line[:, 1] * np.asarray(probabilities), 0.0, 1.0)


def fit_reading(labels: ArrayLike, probabilities: ArrayLike, inclusion: ArrayLike, folds: ArrayLike) -> Reading:
    """Learn what the probabilities say from labelled posts, (n,) each; those of a fold are not asked about it."""
    y, f, weights = (np.asarray(of, np.float64) for of in (labels, probabilities, 1 / np.asarray(inclusion)))
    lines = []
    for fold in range(FOLDS):
        kept = np.asarray(folds) != fold
        if not kept.any():
            kept = ~kept
        share = weights[kept] / weights[kept].sum()
        y_mean, f_mean = share @ y[kept], share @ f[kept]
        spread = share @ (f[kept] - f_mean) ** 2
        slope = share @ ((y[kept] - y_mean) * (f[kept] - f_mean)) / spread if spread > 0 else 0.0
        slope = min(max(float(slope), 0.0), 1.0)
        lines.append((y_mean - slope * f_mean, slope))
    return Reading(np.array(lines))


def outcome(read: ArrayLike, labels: ArrayLike, inclusion: ArrayLike) -> Array:
    """The doubly robust outcome of labelled posts, (n,); that of all others is what was `read`."""
    found = np.asarray(read, np.float64)
    return np.asarray(found + (np.asarray(labels) - found) / np.asarray(inclusion))


def regress(blocks: Blocks, width: int, labelled: int, *, logistic: bool = False, level: float = LEVEL) -> Coefficients:
    """Fit a linear or a logistic regression, with sandwich errors, in constant memory.

    Args:
        width: P, with the constant.
        labelled: n, which the errors rest on.

    Raises:
        FeelscopeError: Covariates say the same, there are too few labels, or an emotion is separated by a covariate.
    """
    if labelled <= width + 1:
        raise FeelscopeError(
            f"{width} coefficients need more than {width + 1} labelled posts, and there are {labelled}"
        )
    estimate = np.zeros(width)
    for _ in range(_STEPS):
        slope, gradient = np.zeros((width, width)), np.zeros(width)
        for covariates, outcomes in blocks():
            mean, weight = _mean(covariates @ estimate, logistic)
            slope += covariates.T @ (covariates * weight[:, None])
            gradient += covariates.T @ (outcomes - mean)
        step = np.linalg.solve(_regular(slope, logistic), gradient)
        estimate = estimate + step
        if not logistic or np.abs(step).max() < 1e-8:
            break
    else:
        raise FeelscopeError("the logistic regression found no end: a covariate tells the emotion with certainty")
    slope, meat = np.zeros((width, width)), np.zeros((width, width))
    for covariates, outcomes in blocks():
        mean, weight = _mean(covariates @ estimate, logistic)
        scored = covariates * (outcomes - mean)[:, None]
        slope += covariates.T @ (covariates * weight[:, None])
        meat += scored.T @ scored
    bread = np.linalg.inv(_regular(slope, logistic))
    variance = bread @ meat @ bread * labelled / (labelled - width)
    error = np.sqrt(np.diagonal(variance))
    reach = student_quantile((1 + level) / 2, labelled - width) * error
    return Coefficients(estimate, error, estimate - reach, estimate + reach)


def _mean(score: Array, logistic: bool) -> tuple[Array, Array]:
    """What is expected at a score, and how it moves with the score."""
    if not logistic:
        return score, np.ones_like(score)
    mean = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
    return mean, mean * (1 - mean)


def _regular(slope: Array, logistic: bool) -> Array:
    scale = np.sqrt(np.maximum(np.diagonal(slope), 1e-300))
    if not np.isfinite(slope).all() or np.linalg.cond(slope / np.outer(scale, scale)) > 1e10:
        certain = ", or one tells the emotion with certainty" if logistic else ""
        raise FeelscopeError(f"the covariates cannot be told apart: leave out one that others say already{certain}")
    return slope
