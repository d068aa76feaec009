"""Answers of a model as arrays, and scores of them with their 95% intervals."""

from collections.abc import Sequence

import numpy as np

from feelscope import EmotionClassifier, Post
from feelscope.emotions import SEVEN
from feelscope.metrics.calibration import expected_calibration_error, reliability, resample_error
from feelscope.metrics.intervals import RESAMPLES, draw, interval, mean_interval
from feelscope.metrics.scores import count_draws, macro_f1

Score = dict[str, object]


def answers(model: EmotionClassifier, posts: Sequence[Post]) -> np.ndarray:
    """Probabilities (N, 7) in the order of `SEVEN`; the same for all where nothing was read."""
    rows = np.full((len(posts), len(SEVEN)), 1 / len(SEVEN))
    for row, prediction in zip(rows, model.predict(posts), strict=True):
        if prediction.emotion is not None:
            row[:] = [prediction.probabilities[name] for name in SEVEN]
    return rows


def labels_of(posts: Sequence[Post], names: Sequence[str] = SEVEN) -> np.ndarray:
    """(N,)."""
    return np.array([names.index(str(post.emotion)) for post in posts])


def f1(labels: np.ndarray, found: np.ndarray, emotions: int = len(SEVEN)) -> Score:
    """Macro-F1 over the emotions there are."""
    return _score(_f1_draws(labels, found, emotions))


def f1_cost(labels: np.ndarray, before: np.ndarray, after: np.ndarray, emotions: int = len(SEVEN)) -> Score:
    """How much lower macro-F1 is with other answers, by a paired bootstrap."""
    return _score(_f1_draws(labels, before, emotions) - _f1_draws(labels, after, emotions))


def mean(values: np.ndarray) -> Score:
    """A mean over posts."""
    return {"value": float(values.mean()), "interval": list(mean_interval(values.astype(float)))}


def recall_cost(labels: np.ndarray, before: np.ndarray, after: np.ndarray, emotion: str) -> Score:
    """How much lower the recall of an emotion is with other answers."""
    own = labels == SEVEN.index(emotion)
    lost = (before[own] == SEVEN.index(emotion)).astype(int) - (after[own] == SEVEN.index(emotion)).astype(int)
    return mean(lost)


def calibration(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """Expected calibration error."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    value = expected_calibration_error(reliability(confidence, right))
    ends = interval(resample_error(confidence, right, RESAMPLES, seed=0))
    return {"value": float(value), "interval": list(ends)}


def _f1_draws(labels: np.ndarray, found: np.ndarray, emotions: int) -> np.ndarray:
    return macro_f1(count_draws(draw(len(labels)), labels, found, emotions), np.unique(labels))


def _score(draws: np.ndarray) -> Score:
    return {"value": float(draws[0]), "interval": list(interval(draws[1:]))}
