"""Gains with intervals over test posts and seeds, both drawn with replacement, and Holm's correction over tasks."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from protocol import Task, f1

from feelscope.metrics.intervals import LEVEL, draw

RESAMPLES, AT_ONCE = 10_000, 1_000


def resampled(labels: np.ndarray, answers: np.ndarray, task: Task) -> np.ndarray:
    """Scores of answers (S, N) for resamples of the posts (N,): (S, 1 + R), first of the posts as they are."""
    found = [[f1(labels, each, task, weights) for each in answers] for weights in _draws(len(labels))]
    return np.concatenate([np.stack(rows) for rows in found], axis=1)


@cache
def _draws(posts: int) -> list[np.ndarray]:
    """How often each post is drawn: (1, N) as they are, then (R, N) in parts."""
    parts = [draw(posts, AT_ONCE, seed)[1:] for seed in range(RESAMPLES // AT_ONCE)]
    return [part.astype(np.float32) for part in (np.ones((1, posts)), *parts)]


def over_seeds(scores: np.ndarray) -> np.ndarray:
    """The mean over seeds of scores (S, 1 + R): (1 + R,), each resample of posts with a resample of seeds."""
    seeds = len(scores)
    drawn = draw(seeds, scores.shape[1] - 1) / seeds  # (1 + R, S)
    return (drawn.T * scores).sum(axis=0)  # (1 + R,)


@dataclass
class Gain:
    """How much better one method is than another.

    Args:
        values: (1 + R,), first of the posts as they are.
        corrected: Holm's p-value and interval, once `holm` has been there.
    """

    values: np.ndarray
    corrected: tuple[float, float, float] = (np.nan, np.nan, np.nan)

    @property
    def mean(self) -> float:
        """Of posts and seeds as they are."""
        return float(self.values[0])

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The middle of the resamples."""
        low, high = np.quantile(self.values[1:], ((1 - level) / 2, (1 + level) / 2))
        return float(low), float(high)

    @property
    def p(self) -> float:
        """Two-sided, that the gain is none."""
        drawn = self.values[1:]
        least = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
        return min(1.0, 2 * (least + 1) / (len(drawn) + 1))


def holm(gains: list[Gain]) -> None:
    """Give each gain its corrected p-value, and the interval at the level that Holm's correction tests it at."""
    highest = 0.0
    for place, gain in enumerate(sorted(gains, key=lambda gain: gain.p)):
        left = len(gains) - place
        highest = max(highest, min(1.0, left * gain.p))
        gain.corrected = (highest, *gain.interval(1 - (1 - LEVEL) / left))
