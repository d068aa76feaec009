"""How right the models are: mean and deviation over seeds, and a paired bootstrap against the best.

The bootstrap draws posts with replacement, the same for all models. A model's score of a draw is the mean over its
seeds, so the interval of a difference speaks of other posts, the deviation of other seeds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.compare.training import Outcome
from feelscope.metrics.intervals import RESAMPLES, Interval, draw, interval
from feelscope.metrics.scores import Mean, accuracy, answer, count_draws, macro_f1, mean_over_seeds, micro_f1
from feelscope.post import COMBINATIONS, Post

SCORES: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "micro_f1": micro_f1,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A model's scores on one combination of modalities.

    Args:
        scores: By the names of SCORES.
        behind: The best model's macro-F1 minus this one's, with its 95% interval; None for the best.
    """

    model: str
    combination: str
    posts: int
    seeds: int
    scores: Mapping[str, Mean]
    behind: tuple[float, Interval] | None


def members(posts: Sequence[Post]) -> dict[str, np.ndarray]:
    """Which posts count for each combination, bool (N,): all, those that have words, those that have a picture."""
    text = np.array([post.has_text for post in posts], dtype=bool)
    image = np.array([post.image is not None for post in posts], dtype=bool)
    return {"both": np.ones(len(posts), dtype=bool), "text": text, "image": image}


def score(
    outcomes: Mapping[str, Sequence[Outcome]],
    labels: np.ndarray,
    counting: Mapping[str, np.ndarray],
    *,
    resamples: int = RESAMPLES,
) -> list[Line]:
    """Score every model on every combination it reads.

    Args:
        outcomes: By model, one for each seed.
        labels: (N,).
        counting: By combination, the posts that count, bool (N,).
    """
    lines = []
    for combination in COMBINATIONS:
        rows = counting[combination]
        probabilities = {
            model: [outcome.probabilities[combination][rows] for outcome in seeds]
            for model, seeds in outcomes.items()
            if seeds and combination in seeds[0].probabilities
        }
        if rows.any() and probabilities:
            lines += _score(combination, probabilities, labels[rows], resamples)
    return lines


def _score(
    combination: str, probabilities: Mapping[str, list[np.ndarray]], labels: np.ndarray, resamples: int
) -> list[Line]:
    """One combination, by model the probabilities (N, K) of each of S seeds; R resamples."""
    present = np.unique(labels)
    draws = draw(len(labels), resamples)  # (1 + R, N), of which the first is the posts themselves
    scores: dict[str, dict[str, np.ndarray]] = {}
    for model, seeds in probabilities.items():
        counts = np.stack([count_draws(draws, labels, answer(table), table.shape[1]) for table in seeds])
        scores[model] = {name: function(counts, present) for name, function in SCORES.items()}  # (S, 1 + R)
    best = max(scores, key=lambda model: float(scores[model]["macro_f1"][:, 0].mean()))
    lines = []
    for model, by_name in scores.items():
        means = {name: mean_over_seeds(values[:, 0]) for name, values in by_name.items()}
        distance = scores[best]["macro_f1"].mean(axis=0) - by_name["macro_f1"].mean(axis=0)  # (1 + R,)
        behind = None if model == best else (float(distance[0]), interval(distance[1:]))
        lines.append(Line(model, combination, len(labels), len(probabilities[model]), means, behind))
    return lines
