"""How well things are ranked, and how right several labels at once are.

The F1 of several labels and their thresholds are there for the experiment of Bucher's two chains.

Letters: N things, R rankings of them (queries, or labels).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feelscope.metrics.scores import Array


def average_precision(scores: ArrayLike, relevant: ArrayLike) -> Array:
    """The mean, over the relevant things, of the share of relevant ones among those ranked as high or higher.

    Args:
        scores: (R, N); the highest is ranked first. Equal scores share a rank, so their order in the table counts
            for nothing.
        relevant: (R, N), true or false.

    Returns:
        (R,), from 0 to 1; NaN where nothing is relevant.

    Source:
        Manning, Raghavan and Schuetze 2008, "Introduction to Information Retrieval", section 8.4; equal scores as in
        scikit-learn's `average_precision_score`.
    """
    rows = zip(np.asarray(scores), np.asarray(relevant, bool), strict=True)
    return np.array([_one(row, marks) for row, marks in rows])


def _one(scores: NDArray, relevant: NDArray[np.bool_]) -> float:
    if not relevant.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(relevant[order])
    last = np.searchsorted(-ranked, -ranked, side="right") - 1  # (N,), the last place of the same score
    precision = hits[last] / (last + 1)
    return float(precision[relevant[order]].mean())


def mean_average_precision(scores: ArrayLike, relevant: ArrayLike) -> float:
    """The mean over rankings in which something is relevant; NaN where there is none."""
    values = average_precision(scores, relevant)
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def several_labels_f1(said: ArrayLike, true: ArrayLike) -> tuple[float, float]:
    """Macro- and micro-F1 where a thing may have several labels.

    Args:
        said, true: (N, L), true or false. A label that nothing has is left out of the macro-F1.
    """
    answers, truth = np.asarray(said, bool), np.asarray(true, bool)
    hits = (answers & truth).sum(axis=0).astype(float)  # (L,)
    sums = answers.sum(axis=0) + truth.sum(axis=0)  # (L,)
    present = truth.any(axis=0)
    each = 2 * hits / np.maximum(sums, 1)
    macro = float(each[present].mean()) if present.any() else float("nan")
    return macro, float(2 * hits.sum() / max(1, sums.sum()))


def best_thresholds(scores: ArrayLike, true: ArrayLike) -> Array:
    """Of each label the score from which on to say it, so that its F1 is best: (N, L) each to (L,)."""
    values, truth = np.asarray(scores, float), np.asarray(true, bool)
    return np.array([_best(column, marks) for column, marks in zip(values.T, truth.T, strict=True)])


def _best(scores: NDArray, true: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    hits, said = np.cumsum(true[order]), np.arange(1, len(order) + 1)
    f1 = 2 * hits / (said + max(1, true.sum()))
    f1[:-1][scores[order][:-1] == scores[order][1:]] = -1  # equal scores are said together
    return float(scores[order][int(f1.argmax())])
