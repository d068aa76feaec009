"""Posts by group or by time, with all that the shares of each need; memory grows with groups and labels alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import EstimateError
from feelscope.estimate.labelled import Labelled
from feelscope.estimate.predictions import Batch, PredictionFile
from feelscope.explain.structure.predicted_posts import Predictions, in_step
from feelscope.progress import Count
from feelscope.table import PostsTable
from feelscope.table.cells import is_empty
from feelscope.table.times import read_time

ALL = "all posts"
UNITS = ("day", "week", "month", "year")
MOST = 10_000  # groups
_POSTS_AT_ONCE = 4096
_PARSED = ("text", "title", "emotion", "created_at", "author", "source", "url")  # columns that a post has as fields
Named = Callable[[Batch], Sequence[str | None]]  # the group of each post; None for a post without one


@dataclass
class Cell:
    """The posts of one group.

    Args:
        sums: Of their probabilities, (K,).
        counts: How many have each as the most probable emotion, (K,).
        labels: The emotions of the labelled ones, n.
        probabilities: n of (K,).
        ids: n.
    """

    sums: np.ndarray
    counts: np.ndarray
    posts: int = 0
    labels: list[str] = field(default_factory=list)
    probabilities: list[np.ndarray] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def take(self, other: "Cell") -> None:
        """Take in the posts of another group."""
        self.posts += other.posts
        self.sums = self.sums + other.sums
        self.counts = self.counts + other.counts
        self.labels += other.labels
        self.probabilities += other.probabilities
        self.ids += other.ids


@dataclass
class Cells:
    """All posts, by group.

    Args:
        by_name: In the order they came.
        without: Posts without a group.
        missing: Ids of labelled posts that have no prediction.
    """

    emotions: tuple[str, ...]
    by_name: dict[str, Cell] = field(default_factory=dict)
    without: int = 0
    missing: list[str] = field(default_factory=list)

    def add(self, batch: Batch, names: Sequence[str | None], labelled: Labelled) -> None:
        """Take posts in."""
        width = len(self.emotions)
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        codes = np.array([places[name] for name in names])  # (B,)
        answer = batch.probabilities.argmax(axis=1)
        posts = np.bincount(codes, minlength=len(places))
        counts = np.bincount(codes * width + answer, minlength=len(places) * width).reshape(-1, width)
        sums = np.stack(
            [np.bincount(codes, batch.probabilities[:, k], minlength=len(places)) for k in range(width)], axis=1
        )
        for name, place in places.items():
            if name is None:
                self.without += int(posts[place])
                continue
            cell = self._cell(name)
            cell.posts += int(posts[place])
            cell.counts += counts[place]
            cell.sums += sums[place]
        for row, id in enumerate(batch.ids):
            if id in labelled.emotions and (name := names[row]) is not None:
                cell = self.by_name[name]
                cell.ids.append(id)
                cell.labels.append(labelled.emotions[id])
                cell.probabilities.append(batch.probabilities[row].copy())

    def _cell(self, name: str) -> Cell:
        if name not in self.by_name:
            if len(self.by_name) == MOST:
                raise EstimateError(f"over {MOST:,} groups; name a column of fewer values, or a longer unit of time")
            width = len(self.emotions)
            self.by_name[name] = Cell(np.zeros(width), np.zeros(width, np.int64))
        return self.by_name[name]


def collect(
    batches: Iterable[Batch],
    emotions: tuple[str, ...],
    labelled: Labelled,
    named: Named | None = None,
    progress: Count | None = None,
) -> Cells:
    """Read all predictions once.

    Raises:
        EstimateError: A labelled post has two predictions, or none of them has any.
    """
    cells, done = Cells(emotions), 0
    seen: set[str] = set()
    for batch in batches:
        here = [id for id in batch.ids if id in labelled.emotions]
        for id in here:
            if id in seen:
                raise EstimateError(f"two predictions have the id {id!r}; give a file with one prediction a post")
            seen.add(id)
        cells.add(batch, [ALL] * len(batch.ids) if named is None else named(batch), labelled)
        done += len(batch.ids)
        if progress:
            progress(done, 0)
    cells.missing = [id for id in labelled.emotions if id not in seen]
    if not seen:
        first = next(iter(labelled.emotions))
        raise EstimateError(
            f"{labelled.path}: none of its ids, such as {first!r}, is among the predictions; "
            "give the predictions of the table that the labelled posts were drawn from"
        )
    return cells


def joined(table: PostsTable, predictions: Path, columns: Sequence[str]) -> Iterator[Batch]:
    """Predictions with columns of their posts table, read in step.

    Raises:
        EstimateError: The table lacks a column.
    """
    names = {table.columns.get(name, name): name for name in columns}
    known = (*table.columns.values(), *table.unused)
    for own, name in names.items():
        if own not in known:
            raise EstimateError(f"{table.path}: no column {name!r}; {did_you_mean(name, known)}")
    ids: list[str] = []
    rows: list[np.ndarray] = []
    cells: dict[str, list[object]] = {name: [] for name in columns}
    for post, probabilities in in_step(table, Predictions(predictions)):
        ids.append(post.id)
        rows.append(probabilities)
        for own, name in names.items():
            cells[name].append(getattr(post, name) if name in _PARSED else post.other.get(own))
        if len(ids) == _POSTS_AT_ONCE:
            yield Batch(ids, np.array(rows, np.float64), cells)
            ids, rows, cells = [], [], {name: [] for name in columns}
    if ids:
        yield Batch(ids, np.array(rows, np.float64), cells)


def opened(predictions: PredictionFile, table: PostsTable | None, columns: Sequence[str]) -> Iterable[Batch]:
    """Predictions with columns: from their own file, or from the posts table where one is given."""
    return predictions if table is None or not columns else joined(table, predictions.path, columns)


def by_column(column: str) -> Named:
    """Groups by the values of a column; an empty cell is none."""

    def named(batch: Batch) -> list[str | None]:
        return [None if is_empty(value) else str(value).strip() for value in batch.columns[column]]

    return named


def by_time(unit: str, column: str = "created_at") -> Named:
    """Groups by day, week (named by its Monday), month or year, in UTC."""
    assert unit in UNITS

    def named(batch: Batch) -> list[str | None]:
        return [_bin(value, unit) for value in batch.columns[column]]

    return named


def _bin(value: object, unit: str) -> str | None:
    when = value if isinstance(value, datetime) else read_time(value)
    if when is None:
        return None
    if unit == "week":
        when -= timedelta(when.weekday())
    return when.date().isoformat()[: {"month": 7, "year": 4}.get(unit, 10)]
