"""Shares without labels of these posts: from how the model errs on other posts, if it errs alike on these.

Source: see `metrics/quantification.py`; scaling before EMQ: Alexandari, Kundaje and Shrikumar 2020, "Maximum likelihood
with bias-corrected calibration is hard-to-beat at label shift adaptation".
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from feelscope.errors import EstimateError
from feelscope.estimate.labelled import Labelled
from feelscope.estimate.predictions import Batch
from feelscope.metrics.intervals import wilson
from feelscope.metrics.quantification import adjusted, answers, likeliest, mean_of_each
from feelscope.metrics.scaling import RIDGES, fit_scaling
from feelscope.progress import Count

METHODS = ("ACC", "PACC", "EMQ")
RESAMPLES = 200  # of the validation posts; EMQ takes most of the time
_POSTS_OF_EMQ = 10_000  # of all posts, drawn by chance, which tell as much as all of them do


@dataclass(frozen=True, slots=True)
class Quantified:
    """Shares by several methods, which hold if only the shares differ from those of the validation posts (prior shift).

    Args:
        plain, plain_low, plain_high: The count of predictions with Wilson's interval, (K,) each.
        shares: By method, share, low and high: (3, K); NaN for an emotion that no validation post has.
    """

    emotions: tuple[str, ...]
    posts: int
    validation: int
    plain: np.ndarray
    plain_low: np.ndarray
    plain_high: np.ndarray
    shares: dict[str, np.ndarray]


def quantify(
    predictions: Iterable[Batch],
    validation: Iterable[Batch],
    emotions: tuple[str, ...],
    labelled: Labelled,
    *,
    seed: int = 0,
    progress: Count | None = None,
) -> Quantified:
    """Estimate the shares of posts of which none is labelled.

    Args:
        validation: Predictions of the labelled posts, by the same model.
        labelled: Their emotions.

    Raises:
        EstimateError: An emotion that the model has not, or too few labelled posts.
    """
    known, labels = _known(validation, emotions, labelled)
    scaling = fit_scaling(known, labels, RIDGES[0])  # EMQ believes the probabilities, which have to be right there
    means, counts, sample, posts = _read(predictions, len(emotions), seed, progress)
    present = np.unique(labels)  # the others are beyond what the validation posts can say
    draws = np.random.default_rng(seed)
    found = [_shares(known, labels, means, counts / posts, scaling(sample))]
    of_each = [np.flatnonzero(labels == k) for k in present]
    for _ in range(RESAMPLES):
        chosen = np.concatenate([draws.choice(own, len(own)) for own in of_each])
        again = sample[draws.integers(0, len(sample), len(sample))]
        moved = (again.mean(0) - sample.mean(0)) * (len(sample) / posts) ** 0.5
        counted_again = draws.multinomial(posts, counts / posts) / posts
        found.append(_shares(known[chosen], labels[chosen], means + moved, counted_again, scaling(again)))
    low, high = np.quantile(found[1:], (0.025, 0.975), axis=0)  # (3, K') each
    table = np.full((len(METHODS), 3, len(emotions)), np.nan)
    table[:, :, present] = np.stack([found[0], low, high], axis=1)
    plain_low, plain_high = wilson(counts, posts)
    shares = dict(zip(METHODS, table, strict=True))
    return Quantified(emotions, posts, len(labels), counts / posts, plain_low, plain_high, shares)


def _shares(
    known: np.ndarray, labels: np.ndarray, means: np.ndarray, counts: np.ndarray, sample: np.ndarray
) -> np.ndarray:
    """The shares by each of `METHODS` of the K' emotions that are among the labels, (3, K').

    Args:
        sample: Scaled probabilities of some of the posts that are asked about.
    """
    present, number = np.unique(labels, return_counts=True)
    only = sample[:, present]
    only = only / np.maximum(only.sum(axis=1, keepdims=True), 1e-12)
    return np.array(
        [
            adjusted(counts, mean_of_each(answers(known), labels)),
            adjusted(means, mean_of_each(known, labels)),
            likeliest(only, number / number.sum()),
        ]
    )


def _known(validation: Iterable[Batch], emotions: tuple[str, ...], labelled: Labelled) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (M, K) and emotions (M,) of the validation posts."""
    rows, labels = [], []
    for batch in validation:
        for row, id in enumerate(batch.ids):
            label = labelled.emotions.get(id)
            if label in emotions:
                rows.append(batch.probabilities[row])
                labels.append(emotions.index(label))
    if len(labels) < 10 * len(emotions):
        raise EstimateError(
            f"{labelled.path}: {len(labels):,} labelled posts are among the validation predictions; "
            f"{10 * len(emotions)} are needed, ten for each emotion of the model"
        )
    return np.array(rows), np.array(labels)


def _read(
    predictions: Iterable[Batch], width: int, seed: int, progress: Count | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Mean probabilities (K,), counts of answers (K,), posts by chance (at most `_POSTS_OF_EMQ`, K), and how many."""
    sums, counts, posts = np.zeros(width), np.zeros(width, np.int64), 0
    draws = np.random.default_rng(seed)
    keys, rows = np.empty(0), np.empty((0, width))
    for batch in predictions:
        table = batch.probabilities
        sums += table.sum(axis=0)
        counts += np.bincount(table.argmax(axis=1), minlength=width)
        posts += len(table)
        keys, rows = np.concatenate([keys, draws.random(len(table))]), np.concatenate([rows, table])
        if len(keys) > _POSTS_OF_EMQ:  # those of the smallest keys are a fair sample
            kept = np.argpartition(keys, _POSTS_OF_EMQ)[:_POSTS_OF_EMQ]
            keys, rows = keys[kept], rows[kept]
        if progress:
            progress(posts, 0)
    return sums / posts, counts, rows, posts
