"""Teachers: what other models answered for the posts to train on, averaged, as probabilities to learn from.

A teacher should not have been trained on the posts it answers for: it would only repeat their labels.
Source: Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", section 2.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from feelscope import emotions
from feelscope.errors import TableError

Taught = dict[str, tuple[float, ...]]


def read_teachers(files: Sequence[Path], known: tuple[str, ...]) -> Taught:
    """Read predictions as `feelscope predict` writes them.

    Args:
        files: JSON Lines with `id` and `probabilities`, one file a teacher.
        known: The emotions to be learnt, in the order of the labels.

    Returns:
        By the post's id, probabilities (K,): the mean over the teachers that answered for it, each scaled to sum to
        one over the known emotions. A post for which no teacher gave any of them is left out.

    Raises:
        TableError: A file cannot be read, a line of it is no prediction, or no emotion of it is known.
    """
    sums: dict[str, list[float]] = {}
    for file in files:
        matched = False
        for id, probabilities in _predictions(file):
            names = emotions.match(probabilities, known)[0]
            matched = matched or bool(names)
            row = [0.0] * len(known)
            for name, target in names.items():
                row[known.index(target)] += probabilities[name]
            if total := sum(row):
                before = sums.get(id, [0.0] * len(known))
                sums[id] = [old + share / total for old, share in zip(before, row, strict=True)]
        if not matched:
            raise TableError(f"{file}: no prediction in it has any of the emotions {', '.join(known)}")
    return {id: tuple(share / sum(row) for share in row) for id, row in sums.items()}


def _predictions(file: Path) -> list[tuple[str, dict[str, float]]]:
    found = []
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    found.append(_prediction(line, f"{file}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{file}: the teacher's predictions cannot be read ({error})") from error
    return found


def _prediction(line: str, place: str) -> tuple[str, dict[str, float]]:
    wanted = "expected a prediction as `feelscope predict` writes it, with id and probabilities"
    try:
        row = json.loads(line)
        probabilities = {str(name): float(share) for name, share in row["probabilities"].items()}
        id = str(row["id"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise TableError(f"{place}: {wanted} ({type(error).__name__})") from error
    if not all(0 <= share <= 1.001 for share in probabilities.values()):
        raise TableError(f"{place}: {wanted}; a probability is negative, over 1 or not a number")
    return id, probabilities
