"""Calibration: is a model right as often as it is sure?

Letters: N answered posts, R resamples.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.intervals import resample

BINS = 15  # Guo et al. 2017, 4.1
EDGES = np.arange(BINS + 1) / BINS
SLICES = 40  # of a bin, for resampling; confidence then differs by less than 1/600 from the true one


@dataclass(frozen=True, slots=True)
class Bin:
    """The posts whose confidence lies in (lower, upper]; confidence and accuracy are their means, NaN without posts."""

    lower: float
    upper: float
    posts: int
    confidence: float
    accuracy: float


def reliability(confidence: ArrayLike, right: ArrayLike) -> tuple[Bin, ...]:
    """Sort posts into 15 bins of equal width by their confidence.

    Args:
        confidence: (N,), the probability of each answer.
        right: (N,), whether it is right.

    Source: Guo et al. 2017, eq. 1 and 2: bin m is the interval ((m - 1) / 15, m / 15].
    """
    number = _bin_of(confidence)
    posts = np.bincount(number, minlength=BINS)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(number, weights=np.asarray(of), minlength=BINS) / posts for of in (confidence, right)]
    columns = zip(EDGES[:-1], EDGES[1:], posts, *means, strict=True)
    return tuple(Bin(float(low), float(high), int(n), float(c), float(a)) for low, high, n, c, a in columns)


def _bin_of(confidence: ArrayLike) -> NDArray[np.int64]:
    return np.searchsorted(EDGES[1:-1], confidence, side="left")


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance of confidence and accuracy over the bins, weighted by their posts (Guo et al. 2017, eq. 3)."""
    filled = [bin for bin in bins if bin.posts]
    distances = sum(bin.posts * abs(bin.accuracy - bin.confidence) for bin in filled)
    return distances / sum(bin.posts for bin in filled) if filled else float("nan")


def resample_error(confidence: NDArray, right: NDArray, resamples: int, seed: int) -> NDArray[np.float64]:
    """Expected calibration error of bootstrap resamples: (R,).

    Posts are drawn as in `intervals.resample`, over cells of (bin, slice of the bin, right or wrong). Drawing adds
    noise to every bin, and noise can only enlarge a sum of distances: uncorrected, the interval of a well calibrated
    model often lies above its own score. So the draws are shifted to have the score as their mean.
    """
    number = _bin_of(confidence)
    slices = np.clip(((confidence * BINS - number) * SLICES).astype(np.int64), 0, SLICES - 1)
    cells, cell, size = np.unique((number * SLICES + slices) * 2 + right, return_inverse=True, return_counts=True)
    gap = np.bincount(cell, weights=right - confidence) / size  # mean of each filled cell
    by_bin = np.zeros((len(cells), BINS))
    by_bin[np.arange(len(cells)), cells // (2 * SLICES)] = gap
    drawn = resample(size, resamples, seed)
    errors = np.abs(drawn @ by_bin).sum(axis=1) / len(confidence)
    score = np.abs(size @ by_bin).sum() / len(confidence)
    return np.clip(errors - errors.mean() + score, 0, 1)
