"""Scaling: probabilities brought to how often they are right, by a temperature and, where it helps, a bias an emotion.

    p' proportional to exp(log p / T + b)

Two families: T alone, which leaves the answer as it is, and T with biases, whose squares are held small (ridge), so
that an emotion of few posts is not fitted to each of them. Which is right, cross-validation on the posts themselves
says: the least loss on posts that were not fitted.

Letters: N posts, K emotions, F folds.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2: temperature scaling, and
vector scaling with one temperature in place of a factor for each emotion. The ridge, and the choice, are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
COLDEST, HOTTEST = 0.05, 20.0  # temperatures
MOST_BIAS = 50.0  # either way: of two emotions, e^100 times as probable
RIDGES = (1.0, 3.0, 10.0, 30.0)  # posts' worth of loss for a bias of one; ours
FOLDS = 5
_LEAST = 1e-12  # probability, whose logarithm is finite
_STEPS = 50  # of Newton's method, which takes about six
_NUMBERS_AT_ONCE = 1_000_000  # 8 MB
_PRECISION = 1e-9  # of the loss


@dataclass(frozen=True, slots=True)
class Scaling:
    """A temperature, and a bias for each emotion; no biases leave every answer as it is."""

    temperature: float = 1.0
    biases: tuple[float, ...] = ()

    def __call__(self, probabilities: ArrayLike) -> Array:
        """Scaled probabilities, (..., K)."""
        table = np.asarray(probabilities, dtype=np.float64)
        logits = np.log(np.maximum(table, _LEAST)) / self.temperature
        if self.biases:
            logits = logits + np.array(self.biases)
        return _softmax(logits)


AS_IT_IS = Scaling()


def loss(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean cross entropy of probabilities (N, K) and labels (N,)."""
    table, index = np.asarray(probabilities), np.asarray(labels)
    return float(-np.log(np.maximum(table[np.arange(len(index)), index], _LEAST)).mean())


def fit_scaling(probabilities: ArrayLike, labels: ArrayLike, ridge: float | None) -> Scaling:
    """The scaling of least loss.

    Args:
        probabilities: (N, K).
        labels: (N,), indices of emotions.
        ridge: What a bias of one costs, in posts' loss; None fits the temperature alone.
    """
    table, index = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    logits = np.log(np.maximum(table, _LEAST))  # (N, K)
    posts, emotions = logits.shape
    truth = np.eye(emotions)[index]  # (N, K)
    # The loss is convex in 1/T and b together: Newton's steps, halved where they overshoot.
    found = np.concatenate([[1.0], np.zeros(emotions)])  # 1/T, then b
    free = 1 if ridge is None else 1 + emotions
    value = _cost(found, logits, truth, ridge)
    for _ in range(_STEPS):
        scaled = _softmax(found[0] * logits + found[1:])  # (N, K)
        gradient, curvature = _slopes(logits, scaled, truth, free)
        if ridge is not None:
            gradient[1:] += ridge * found[1:]
            curvature[1:, 1:] += ridge * np.eye(emotions)
        step = np.linalg.solve(curvature, gradient)
        for halved in range(20):
            tried = found.copy()
            tried[:free] -= step / 2**halved
            tried[0] = np.clip(tried[0], 1 / HOTTEST, 1 / COLDEST)
            tried[1:] = np.clip(tried[1:], -MOST_BIAS, MOST_BIAS)
            if (after := _cost(tried, logits, truth, ridge)) < value:
                break
        else:
            break  # no step is better: it is found
        found, gained, value = tried, value - after, after
        if gained < _PRECISION * posts:
            break
    biases = () if ridge is None else tuple(map(float, found[1:]))
    return Scaling(float(1 / found[0]), biases)


def _slopes(logits: Array, scaled: Array, truth: Array, free: int) -> tuple[Array, Array]:
    """Gradient (P,) and curvature (P, P) of the loss by the first P of 1/T and the biases."""
    posts, emotions = logits.shape
    gradient, curvature = np.zeros(free), 1e-9 * np.eye(free)
    for start in range(0, posts, size := max(1, _NUMBERS_AT_ONCE // (emotions * free))):
        some = slice(start, start + size)
        biases = np.broadcast_to(np.eye(emotions)[:, : free - 1], (len(logits[some]), emotions, free - 1))
        inputs = np.concatenate([logits[some, :, None], biases], axis=2)  # what each logit gains by each, (n, K, P)
        gradient += np.einsum("nkp,nk->p", inputs, scaled[some] - truth[some])
        centred = inputs - np.einsum("nk,nkp->np", scaled[some], inputs)[:, None]
        curvature += np.einsum("nkp,nk,nkq->pq", centred, scaled[some], centred)
    return gradient, curvature


def choose_scaling(
    probabilities: ArrayLike, labels: ArrayLike, ridges: Sequence[float] = RIDGES, seed: int = 0
) -> Scaling:
    """The family and ridge of least loss by cross-validation, fitted to all posts; `AS_IT_IS` where none helps."""
    table, index = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    choices: tuple[float | None, ...] = (None, *ridges)
    losses = dict.fromkeys(choices, 0.0)
    for fold in folds(len(index), seed):
        rest = np.setdiff1d(np.arange(len(index)), fold)
        for ridge in choices:
            losses[ridge] += len(fold) * loss(fit_scaling(table[rest], index[rest], ridge)(table[fold]), index[fold])
    best = min(choices, key=lambda ridge: losses[ridge])
    if losses[best] >= len(index) * loss(table, index):
        return AS_IT_IS
    return fit_scaling(table, index, best)


def cross_scaled(probabilities: ArrayLike, labels: ArrayLike, ridges: Sequence[float] = RIDGES, seed: int = 0) -> Array:
    """Every post scaled by what was chosen and fitted on the other folds alone: (N, K)."""
    table, index = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    scaled = np.zeros_like(table)
    for number, fold in enumerate(folds(len(index), seed)):
        rest = np.setdiff1d(np.arange(len(index)), fold)
        scaled[fold] = choose_scaling(table[rest], index[rest], ridges, seed + number + 1)(table[fold])
    return scaled


def folds(posts: int, seed: int, number: int = FOLDS) -> list[NDArray[np.int64]]:
    """Posts in random parts of about one size; no part is empty."""
    return np.array_split(np.random.default_rng(seed).permutation(posts), min(number, posts))


def _cost(found: Array, logits: Array, truth: Array, ridge: float | None) -> float:
    scaled = found[0] * logits + found[1:]
    largest = scaled.max(axis=1, keepdims=True)
    total = largest[:, 0] + np.log(np.exp(scaled - largest).sum(axis=1))
    return float((total - (scaled * truth).sum(axis=1)).sum() + (ridge or 0.0) / 2 * (found[1:] ** 2).sum())


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
