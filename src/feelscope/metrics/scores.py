"""How right a model is: accuracy, precision, recall and F1 from true labels and answers, and all of them together.

Everything is computed from one table of counts, `counts[..., i, j]`: posts of emotion i that were answered j. Leading
axes are allowed, so a thousand bootstrap resamples are scored by the same lines as the posts themselves.
Letters: N posts, K emotions of the model, R resamples.

A post whose probabilities are all zero has no answer: it counts as wrong in every score, has its own last column in
the counts, and is left out of calibration, as no confidence was stated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.errors import ModelError
from feelscope.metrics.calibration import Bin, expected_calibration_error, reliability, resample_error
from feelscope.metrics.intervals import RESAMPLES, Interval, interval, resample

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EmotionScores:
    """Precision, recall and F1 of one emotion; support is the number of posts that have it."""

    precision: float
    recall: float
    f1: float
    support: int
    f1_interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of one set of posts, as fractions.

    Args:
        posts: All posts, answered or not.
        unread: Posts without an answer; they count as wrong.
        ece: Expected calibration error; NaN where no post was answered.
        intervals: Score name to its 95% interval; empty without resamples.
        per_emotion: Emotion to its scores, for the emotions the posts have, in the model's order.
        answers: Every emotion the model can answer: the columns of `confusion`.
        confusion: Posts by true emotion (rows, as `per_emotion`) and answer; the last column is "no answer".
        bins: The reliability diagram behind `ece`.
        restricted: The scores when only the emotions the posts have may be answered; None where not asked for.
    """

    posts: int
    unread: int
    accuracy: float
    macro_f1: float
    micro_f1: float
    weighted_f1: float
    ece: float
    per_emotion: Mapping[str, EmotionScores]
    answers: tuple[str, ...]
    confusion: NDArray[np.int64]
    bins: tuple[Bin, ...]
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    restricted: "Scores | None" = None


def score(
    true: ArrayLike,
    probabilities: ArrayLike,
    emotions: Sequence[str],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    restricted: bool = False,
) -> Scores:
    """Score a model's probabilities.

    Args:
        true: (N,) index of each post's emotion.
        probabilities: (N, K); the largest is the answer, the first of equals; a row of zeros is "no answer".
        emotions: The K names.
        resamples: For the 95% percentile bootstrap; 0 leaves the intervals out.
        restricted: Also score with the answers restricted to the emotions that `true` holds.

    Raises:
        ModelError: Probabilities that are no numbers from 0 to 1.
    """
    labels = np.asarray(true, dtype=np.int64)  # (N,)
    table = np.asarray(probabilities)  # (N, K)
    _check(labels, table, len(emotions))
    present = np.unique(labels)
    answers = answer(table)  # (N,)
    counts = count_answers(labels, answers, len(emotions))  # (K, K + 1)
    answered = answers >= 0
    confidence = table.max(axis=1)[answered].astype(np.float64)
    right = answers[answered] == labels[answered]
    bins = reliability(confidence, right)
    functions = {"accuracy": accuracy, "macro_f1": macro_f1, "micro_f1": micro_f1, "weighted_f1": weighted_f1}
    intervals: dict[str, Interval] = {}
    f1_intervals: list[Interval | None] = [None] * len(emotions)
    if resamples:
        draws = resample(counts, resamples, seed)  # (R, K, K + 1)
        intervals = {name: interval(function(draws, present)) for name, function in functions.items()}
        f1_intervals = [interval(values) for values in f1(draws).T]
        if answered.any():
            intervals["ece"] = interval(resample_error(confidence, right, resamples, seed))
    by_emotion = zip(precision(counts), recall(counts), f1(counts), counts.sum(axis=-1), f1_intervals, strict=True)
    per_emotion = [EmotionScores(float(p), float(r), float(f), int(n), ends) for p, r, f, n, ends in by_emotion]
    among = score(labels, restrict(table, present), emotions, seed=seed, resamples=resamples) if restricted else None
    return Scores(
        posts=len(labels),
        unread=int((~answered).sum()),
        **{name: float(function(counts, present)) for name, function in functions.items()},
        ece=expected_calibration_error(bins),
        per_emotion={emotions[k]: per_emotion[k] for k in present},
        answers=tuple(emotions),
        confusion=counts[present],
        bins=bins,
        intervals=intervals,
        restricted=among,
    )


def answer(probabilities: ArrayLike) -> NDArray[np.int64]:
    """Index of the most probable emotion of each post, -1 for a row of zeros: (N, K) -> (N,)."""
    table = np.asarray(probabilities)
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)


def restrict(probabilities: ArrayLike, allowed: Sequence[int] | NDArray[np.int64]) -> Array:
    """Drop the probabilities of all emotions but `allowed` and let the rest sum to one again; the shape stays."""
    table = np.asarray(probabilities, dtype=np.float64)
    kept = np.zeros_like(table)  # (N, K)
    kept[:, allowed] = table[:, allowed]
    total = kept.sum(axis=1, keepdims=True)  # (N, 1)
    return np.divide(kept, total, out=np.zeros_like(kept), where=total > 0)


def count_answers(true: ArrayLike, predicted: ArrayLike, emotions: int) -> NDArray[np.int64]:
    """Count posts by true emotion (rows) and answer (columns, the last one for -1, "no answer"): (K, K + 1)."""
    columns = emotions + 1
    cells = np.asarray(true, dtype=np.int64) * columns + np.asarray(predicted, dtype=np.int64) % columns
    return np.bincount(cells, minlength=emotions * columns).reshape(emotions, columns)


def count_draws(draws: NDArray, labels: NDArray, answers: NDArray, emotions: int) -> NDArray:
    """Count the posts of every draw of a paired bootstrap as `count_answers` does: (R, N) to (R, K, K + 1)."""
    columns = emotions + 1
    cells = labels * columns + answers % columns  # (N,)
    table = np.zeros((len(labels), emotions * columns), dtype=np.float32)
    table[np.arange(len(labels)), cells] = 1
    return (draws.astype(np.float32) @ table).reshape(len(draws), emotions, columns)


def _hits(counts: NDArray) -> Array:
    return np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)  # (..., K)


def _ratio(top: NDArray, bottom: NDArray, empty: float) -> Array:
    return np.divide(top, bottom, out=np.full(np.broadcast(top, bottom).shape, empty), where=bottom != 0)


def precision(counts: NDArray) -> Array:
    """Of the posts answered so, the share that is so; 0 for an emotion never answered: (..., K)."""
    return _ratio(_hits(counts), counts[..., :-1].sum(axis=-2), empty=0.0)


def recall(counts: NDArray) -> Array:
    """Of the posts that are so, the share answered so; 0 for an emotion no post has: (..., K)."""
    return _ratio(_hits(counts), counts.sum(axis=-1), empty=0.0)


def f1(counts: NDArray) -> Array:
    """2 TP / (2 TP + FP + FN); NaN for an emotion that no post has and none was answered: (..., K)."""
    return _ratio(2 * _hits(counts), counts.sum(axis=-1) + counts[..., :-1].sum(axis=-2), empty=np.nan)


def accuracy(counts: NDArray, emotions: NDArray | None = None) -> Array:
    """Share of all posts that were answered rightly; `emotions` changes nothing, as every post counts: (...)."""
    return _hits(counts).sum(axis=-1) / counts.sum(axis=(-2, -1))


def macro_f1(counts: NDArray, emotions: NDArray) -> Array:
    """Mean F1 over `emotions` (indices): (...).

    A post answered with some other emotion is a miss of its own emotion. A resample that has no post and no answer of
    an emotion takes the mean over the others.
    """
    return np.nanmean(f1(counts)[..., emotions], axis=-1)


def micro_f1(counts: NDArray, emotions: NDArray) -> Array:
    """TP / (TP + (FP + FN) / 2) with the three summed over `emotions` (indices): (...).

    An answer outside `emotions` is a miss (FN) of the post's emotion but no false alarm (FP) of any of them. So where
    all posts have one of `emotions`, micro-F1 is at least the accuracy, and equal to it if no answer lies outside.
    """
    hits = _hits(counts)[..., emotions].sum(axis=-1)
    have = counts[..., emotions, :].sum(axis=(-2, -1))  # TP + FN
    answered = counts[..., emotions].sum(axis=(-2, -1))  # TP + FP
    return _ratio(2 * hits, have + answered, empty=0.0)


def weighted_f1(counts: NDArray, emotions: NDArray) -> Array:
    """Mean F1 over `emotions` (indices), each weighted by its number of posts: (...)."""
    support = counts.sum(axis=-1)[..., emotions]
    return np.nansum(f1(counts)[..., emotions] * support, axis=-1) / support.sum(axis=-1)


@dataclass(frozen=True, slots=True)
class Mean:
    """A score over seeds; the deviation of one seed is NaN."""

    mean: float
    deviation: float


def mean_over_seeds(values: NDArray) -> Mean:
    """The mean of a score and its standard deviation over seeds (S,)."""
    return Mean(float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan"))


def _check(labels: NDArray, table: NDArray, emotions: int) -> None:
    assert labels.ndim == 1 and labels.size, f"one label for each of one or more posts, not {labels.shape}"
    assert table.shape == (len(labels), emotions), f"{(len(labels), emotions)}, posts by emotions, not {table.shape}"
    assert labels.min() >= 0 and labels.max() < emotions, f"labels from 0 to {emotions - 1}"
    if not np.isfinite(table).all() or (table < 0).any() or (table > 1.001).any():
        raise ModelError(
            "expected probabilities between 0 and 1, found others or NaN: the model is damaged or untrained"
        )
