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
    """Which posts are scored of each combination, bool (N,): all, those that have words, those that have a picture."""
    text = np.array([post.has_text for post in posts], dtype=bool)
    image = np.array([post.image is not None for post in posts], dtype=bool)
    return {"both": np.ones(len(posts), dtype=bool), "text": text, "image": image}


def score(
    outcomes: Mapping[str, Sequence[Outcome]],
    labels: np.ndarray,
    asked: Mapping[str, np.ndarray],
    *,
    resamples: int = RESAMPLES,
) -> list[Line]:
    """Score every model on every combination it reads.

    Args:
        outcomes: By model, one a seed.
        labels: (N,).
        asked: By combination, the posts that count, bool (N,).
    """
    lines = []
    for combination in COMBINATIONS:
        rows = asked[combination]
        able = {
            model: [answer(one.probabilities[combination][rows]) for one in some]
            for model, some in outcomes.items()
            if some and combination in some[0].probabilities
        }
        if rows.any() and able:
            emotions = next(iter(outcomes.values()))[0].probabilities["both"].shape[1]
            lines += _of(combination, able, labels[rows], emotions, resamples)
    return lines


def _of(
    combination: str, answers: Mapping[str, list[np.ndarray]], labels: np.ndarray, emotions: int, resamples: int
) -> list[Line]:
    present = np.unique(labels)
    draws = draw(len(labels), resamples)
    found: dict[str, dict[str, np.ndarray]] = {}
    for model, seeds in answers.items():
        counts = np.stack([count_draws(draws, labels, one, emotions) for one in seeds])  # (S, 1 + R, K, K + 1)
        found[model] = {name: function(counts, present) for name, function in SCORES.items()}  # (S, 1 + R)
    best = max(found, key=lambda model: float(found[model]["macro_f1"][:, 0].mean()))
    lines = []
    for model, scores in found.items():
        behind = found[best]["macro_f1"].mean(axis=0) - scores["macro_f1"].mean(axis=0)  # (1 + R,)
        means = {name: mean_over_seeds(values[:, 0]) for name, values in scores.items()}
        apart = None if model == best else (float(behind[0]), interval(behind[1:]))
        lines.append(Line(model, combination, len(labels), len(answers[model]), means, apart))
    return lines
