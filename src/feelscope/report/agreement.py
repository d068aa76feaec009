"""Do the words and the picture of a post say the same? From predictions of the words alone and of the picture alone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from feelscope.errors import TableError
from feelscope.explain.structure.predicted_posts import Predictions
from feelscope.metrics.intervals import wilson
from feelscope.report.found import Agreement


def agreement(predictions: Path, words: Path, pictures: Path) -> Agreement:
    """Compare two further files of predictions, of the posts that are in both.

    Args:
        predictions: Of whole posts, whose order both others keep.

    Raises:
        TableError: A file knows other emotions, or its posts are not those of `predictions`; or no post is in both.
    """
    whole = Predictions(predictions)
    sides = [Predictions(path) for path in (words, pictures)]
    for side in sides:
        if side.emotions != whole.emotions:
            raise TableError(f"{side.path}: its emotions are not those of {predictions}; predict with the same model")
    emotions = len(whole.emotions)
    counts = np.zeros((emotions, emotions), np.int64)
    waiting = [iter(side) for side in sides]
    following = [next(rows, None) for rows in waiting]
    for id, _ in whole:
        answers: list[int] = []
        for number, one in enumerate(following):
            if one is not None and one[0] == id:
                answers.append(int(one[1].argmax()))
                following[number] = next(waiting[number], None)
        if len(answers) == 2:
            counts[answers[0], answers[1]] += 1
    for side, one in zip(sides, following, strict=True):
        if one is not None:
            raise TableError(
                f"{side.path}: the post {one[0]!r} is not in {predictions}, or not in this order; predict one table"
            )
    if not (posts := int(counts.sum())):
        raise TableError(f"{words}, {pictures}: no post is in both, so words and pictures cannot be compared")
    agreed = int(counts.trace())
    low, high = wilson(agreed, posts)
    by_chance = float((counts.sum(axis=0) * counts.sum(axis=1)).sum() / posts**2)
    kappa = None if by_chance == 1 else (agreed / posts - by_chance) / (1 - by_chance)
    rows: Iterator[tuple[int, ...]] = (tuple(row) for row in counts.tolist())
    return Agreement(posts, tuple(rows), agreed / posts, float(low), float(high), kappa)
