"""Shares of many posts from a model's probabilities on all of them and people's labels on a few.

    share = mean of labels + power x (mean probability of all posts - mean probability of the labelled ones)

The labels alone would do, in a wider interval; the probabilities alone are biased wherever the model errs unevenly.
The power is how far the model is to be believed, found for each emotion from the labels: 0 leaves the labels alone.
Whatever the model is worth, the share is right on average, as long as chance chose the labelled posts.

The interval is Wilson's, of the share, as if so many posts were labelled as would give its variance alone. The normal
interval holds a share of 5% in under 90% of samples of 100 labels, as a sample with few such posts finds its variance
too small together with the share.

Letters: n labelled posts, K emotions; leading axes (...) are samples, groups or nothing.

Source: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023, "Prediction-powered inference"; Angelopoulos, Duchi and
Zrnic 2023, "PPI++" (power tuning; the power is their lambda). Where the labelled posts are among the predicted ones
this is the difference estimator of surveys: Särndal, Swensson and Wretman 1992, chapter 6. Wilson's interval with an
effective sample size: Korn and Graubard 1998; by the variance that the model leaves, and with `SMOOTHING`, ours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.intervals import LEVEL
from feelscope.metrics.student import student_quantile

Array = NDArray[np.float64]
SMOOTHING = 0.25  # squared errors of posts of which the model knows nothing, added to those found; ours, by simulation


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares and their intervals, (..., K) each.

    Args:
        power: How far the probabilities were believed, 0 to 1.
        effective: How many labels, with no model, would give an interval this wide.
    """

    share: Array
    low: Array
    high: Array
    power: Array
    effective: Array


def corrected_shares(
    labels: ArrayLike,
    probabilities: ArrayLike,
    means: ArrayLike,
    inclusion: ArrayLike,
    posts: ArrayLike,
    *,
    beyond: bool = False,
    level: float = LEVEL,
) -> Shares:
    """The shares of all posts.

    Args:
        labels: (..., n, K), 1 where a labelled post has the emotion; n is 3 or more.
        probabilities: (..., n, K), the model's of the same posts; zeros give the labels alone.
        means: (..., K), the mean probabilities of all posts, the labelled ones too.
        inclusion: (..., n), with which probability chance chose each labelled post; above 0, at most 1.
        posts: How many there are, the labelled ones too; (...) or one number.
        beyond: Whether the shares are of all posts like these, of which these are a sample by chance, and not of these.
    """
    y, f = np.asarray(labels, np.float64), np.asarray(probabilities, np.float64)  # (..., n, K)
    chance = np.asarray(inclusion, np.float64)[..., None]  # (..., n, 1)
    count = y.shape[-2]
    assert count > 2, "three labelled posts or more"
    weights = 1 / chance / (1 / chance).sum(axis=-2, keepdims=True)  # sum to one
    y_mean, f_mean = ((weights * of).sum(axis=-2) for of in (y, f))  # (..., K)
    variances = (1 - chance) * weights**2  # what a squared error of one adds to the variance, (..., n, 1)
    design = count * variances.sum(axis=-2)  # that of labels alone times n / (p (1 - p)), (..., 1)
    every = np.maximum(variances.mean(axis=-2, keepdims=True), np.finfo(float).tiny)
    relative = np.where(design[..., None, :] > 0, variances / every, 1.0)  # mean 1
    y_error, f_error = y - y_mean[..., None, :], f - f_mean[..., None, :]
    power = _ratio((relative * y_error * f_error).sum(axis=-2), (relative * f_error**2).sum(axis=-2)).clip(0, 1)
    squares = (relative * (y_error - power[..., None, :] * f_error) ** 2).sum(axis=-2)  # (..., K)
    left = (squares + SMOOTHING) / (count * y_mean * (1 - y_mean) + SMOOTHING)  # of the variance, by the model
    lost = 1 + (np.abs(f).sum(axis=(-2, -1)) > 0)[..., None]  # degrees of freedom: the mean and the power
    variance = left * design / (count - lost)  # over that of a single post
    if beyond:
        variance = variance + 1 / np.asarray(posts, np.float64)[..., None]
    effective = 1 / np.maximum(variance, 1e-100)
    share = (y_mean + power * (np.asarray(means) - f_mean)).clip(0, 1)
    freedom = 1 / (weights**2).sum(axis=-2) - lost  # Kish's effective sample size, less what was fitted
    low, high = _wilson(share, effective, _quantiles((1 + level) / 2, freedom))
    return Shares(share, low, high, power, effective)


def labels_alone(
    labels: ArrayLike, inclusion: ArrayLike, posts: ArrayLike, *, beyond: bool = False, level: float = LEVEL
) -> Shares:
    """The same without a model; see `corrected_shares`."""
    y = np.asarray(labels, np.float64)
    return corrected_shares(y, np.zeros_like(y), y.mean(axis=-2) * 0, inclusion, posts, beyond=beyond, level=level)


def difference_of(one: Shares, other: Shares) -> tuple[Array, Array, Array]:
    """The shares of one group less those of another, and the intervals, from those of each.

    Source:
        Zou and Donner 2008, "Construction of confidence limits about effect measures"; Newcombe 1998, method 10, where
        both intervals are Wilson's.
    """
    found = one.share - other.share
    down = np.hypot(one.share - one.low, other.high - other.share)
    up = np.hypot(one.high - one.share, other.share - other.low)
    return found, found - down, found + up


def _wilson(share: Array, effective: Array, deviations: Array) -> tuple[Array, Array]:
    """Wilson's interval with deviations for each share; see `intervals.wilson`, which takes a level."""
    square = deviations**2
    centre = (share + square / (2 * effective)) / (1 + square / effective)
    half = deviations / (1 + square / effective)
    half = half * np.sqrt(share * (1 - share) / effective + square / (4 * effective**2))
    low = np.where(share > 0, np.maximum(centre - half, 0.0), 0.0)  # else a rounding error above 0
    return low, np.where(share < 1, np.minimum(centre + half, 1.0), 1.0)


def _quantiles(level: float, freedom: Array) -> Array:
    distinct, places = np.unique(np.maximum(freedom, 1).round(3), return_inverse=True)
    return np.array([student_quantile(level, float(one)) for one in distinct])[places].reshape(freedom.shape)


def _ratio(top: Array, bottom: Array) -> Array:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
