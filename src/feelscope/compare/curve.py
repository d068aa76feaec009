"""The missing-rate curve: macro-F1 and accuracy of all posts, where a share of them has lost a modality."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from feelscope.compare.missing import LOSES
from feelscope.compare.training import Outcome
from feelscope.metrics.scores import accuracy, count_answers, macro_f1, mean_over_seeds

CurveRow = dict[str, Any]


def curve(
    outcomes: Mapping[str, Sequence[Outcome]], labels: np.ndarray, emotions: int, rates: Sequence[float]
) -> list[CurveRow]:
    """One row for each model, what is lost, and rate; means and deviations over seeds.

    Args:
        labels: (N,).
        emotions: K.
    """
    present = np.unique(labels)
    rows: list[CurveRow] = []
    for model, seeds in outcomes.items():
        for loses in LOSES:
            for rate in rates:
                counts = np.stack(
                    [count_answers(labels, outcome.missing[f"{loses} {rate:g}"], emotions) for outcome in seeds]
                )
                accuracies, f1s = mean_over_seeds(accuracy(counts)), mean_over_seeds(macro_f1(counts, present))
                rows.append(
                    {
                        "model": model,
                        "loses": loses,
                        "rate": rate,
                        "seeds": len(seeds),
                        "macro_f1": f1s.mean,
                        "macro_f1_deviation": f1s.deviation,
                        "accuracy": accuracies.mean,
                        "accuracy_deviation": accuracies.deviation,
                    }
                )
    return rows
