"""How many posts to label for intervals of a wanted width, and which."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.errors import EstimateError
from feelscope.estimate.labelled import INCLUSION, Labelled
from feelscope.estimate.predictions import Batch
from feelscope.metrics.sampling import Frame
from feelscope.progress import Count
from feelscope.table import PostsTable

DOUBT = 1.3  # how many times larger a model's squared errors are taken to be than it says; ours
FEWEST = 50  # labels that are planned at least: fewer give rough intervals, whatever their width
_LEAST_OF_PILOT = 20
_SHOWN = ("title", "text", "image", "created_at", "author", "source", "url", "tags")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many labels are needed, (K,) each.

    Args:
        needed: For each emotion.
        alone: Without a model.
        number: How many are drawn: enough for every emotion.
        measured: Whether the errors are those of labelled posts, and not what the model says of itself.
    """

    emotions: tuple[str, ...]
    posts: int
    width: float
    needed: np.ndarray
    alone: np.ndarray
    number: int
    measured: bool


def plan(
    batches: Iterable[Batch],
    emotions: tuple[str, ...],
    width: float,
    labelled: Labelled | None = None,
    number: int | None = None,
    progress: Count | None = None,
) -> tuple[Plan, Frame]:
    """Say how many posts to label.

    Args:
        width: Of the interval of a share, from end to end: 0.04 is two points either way.
        labelled: Some labels that there are already: how the model errs is then measured on them.
        number: How many to draw; None draws as many as are needed.

    Raises:
        EstimateError: A width or a number out of range, or too few labels to measure by.
    """
    if not 0 < width < 1:
        raise EstimateError(
            f"--width {width:g}: expected a number above 0 and below 1, such as 0.04 for 2 points each way"
        )
    frame = Frame(len(emotions))
    errors, expected, found = np.zeros(len(emotions)), np.zeros(len(emotions)), 0
    for batch in batches:
        frame.add(batch.probabilities)
        for row, id in enumerate(batch.ids if labelled else ()):
            if labelled and id in labelled.emotions:
                chance = labelled.inclusion.get(id, 1.0)
                probabilities = batch.probabilities[row]
                label = np.array([name == labelled.emotions[id] for name in emotions], float)
                errors += (label - probabilities) ** 2 / chance
                expected += probabilities * (1 - probabilities) / chance
                found += 1
        if progress:
            progress(frame.posts, 0)
    if number is not None and not 3 <= number <= frame.posts:
        raise EstimateError(f"--posts-to-label {number:,}: expected 3 to {frame.posts:,}, the number of predictions")
    doubt = np.full(len(emotions), DOUBT)
    if labelled is not None:
        if found < _LEAST_OF_PILOT:
            raise EstimateError(
                f"{labelled.path}: {found} labelled posts have a prediction; {_LEAST_OF_PILOT} are needed to measure by"
            )
        doubt = (errors + 1) / (expected + 1)  # one post's worth of what the model says, so that none is 0
    needed, alone = frame.needed(width, doubt), frame.needed_alone(width)
    needed = np.ceil(np.minimum(needed, alone)).astype(int)
    enough = min(max(int(needed.max()), FEWEST), frame.posts) if number is None else number
    made = Plan(emotions, frame.posts, width, needed, np.ceil(alone).astype(int), enough, labelled is not None)
    return made, frame


def draw(batches: Iterable[Batch], frame: Frame, number: int, seed: int) -> dict[str, float]:
    """The drawn posts, each with the chance it had.

    Args:
        batches: Those that `plan` was given, again.
    """
    drawing = frame.draw(number, seed)
    for batch in batches:
        drawing.add(batch.ids, batch.probabilities)
    return drawing.drawn()


def sample_rows(drawn: Mapping[str, float], table: PostsTable | None, folder: Path) -> Iterator[dict[str, object]]:
    """The drawn posts as rows of a table that `feelscope label` opens; without a posts table, ids and chances alone.

    Emotions that the table has are left out, so that nobody is told what to answer.

    Args:
        folder: Where the rows are written; paths of pictures start from it.

    Raises:
        EstimateError: A drawn post is not in the table.
    """
    if table is None:
        yield from ({"id": id, INCLUSION: chance} for id, chance in drawn.items())
        return
    names = [name for name in _SHOWN if name in table.columns]
    left = dict(drawn)
    for post in table:
        if (chance := left.pop(post.id, None)) is None:
            continue
        row: dict[str, object] = {"id": post.id, **{name: getattr(post, name) for name in names}}
        if isinstance(post.image, Path):
            row["image"] = os.path.relpath(post.image, folder)
        elif "image" in row:
            row["image"] = ""
        yield row | {name: post.other.get(name) for name in table.unused} | {INCLUSION: chance}
    if left:
        raise EstimateError(
            f"{table.path}: the drawn post {next(iter(left))!r} is not in it; give the table of the predictions"
        )


def check_posts(table: PostsTable | None) -> None:
    """Refuse a posts table that has a column of chances already."""
    if table is not None and INCLUSION in table.unused:
        raise EstimateError(f"{table.path}: has a column {INCLUSION!r} already; rename it")
