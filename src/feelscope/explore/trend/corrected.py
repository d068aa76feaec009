"""Shares over time that are corrected by labelled posts, beside those that are counted from predictions."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.estimate.cells import Cell, Cells
from feelscope.estimate.labelled import Labelled, read_labelled
from feelscope.estimate.predictions import Batch
from feelscope.estimate.shares import LEAST_IN_GROUP, shares_of
from feelscope.explore.search.bins import LEAST_POSTS
from feelscope.post import Post
from feelscope.table.times import iso, unix_seconds

_POSTS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Corrected:
    """Corrected shares of T bins and K emotions; NaN where a bin has too few posts or labels.

    Args:
        labelled: Labelled posts of each bin, (T,).
        share, low, high: (T, K).
        level: The share of each emotion in all bins together with its interval, (3, K).
    """

    labelled: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: np.ndarray


class LabelledDays:
    """Gathers what the correction needs, by day.

    Args:
        labelled: The labelled sample of the posts that come by.
        emotions: Of the predictions.
    """

    def __init__(self, labelled: Path, emotions: Sequence[str]) -> None:
        self._cells = Cells(tuple(emotions))
        self.labelled: Labelled = read_labelled(labelled, emotions)
        self._waiting: list[tuple[str, np.ndarray, str | None]] = []

    def add(self, post: Post, probabilities: np.ndarray) -> None:
        """Take in a post and its probabilities (K,)."""
        seconds = unix_seconds(post.created_at)
        self._waiting.append((post.id, probabilities, None if seconds is None else iso(seconds)[:10]))
        if len(self._waiting) == _POSTS_AT_ONCE:
            self._take()

    def _take(self) -> None:
        if self._waiting:
            ids, rows, days = zip(*self._waiting, strict=True)
            self._cells.add(Batch(ids, np.array(rows, np.float64), {}), days, self.labelled)
            self._waiting = []

    def corrected(self, bins: Sequence[tuple[str, str]], emotions: Sequence[str]) -> Corrected:
        """The corrected shares of bins (first day, day after the last one) and of all of them together."""
        self._take()
        all_emotions = (*self._cells.emotions, *self.labelled.unknown)
        places = [all_emotions.index(name) for name in emotions]
        starts = [start for start, _ in bins]
        of_bins: list[list[Cell]] = [[] for _ in bins]
        for day, cell in self._cells.by_name.items():
            place = bisect_right(starts, day) - 1
            if place >= 0 and day < bins[place][1]:
                of_bins[place].append(cell)
        table = np.full((3, len(bins), len(emotions)), np.nan)
        joined = [self._joined(cells) for cells in of_bins]
        for t, cell in enumerate(joined):
            if cell.posts >= LEAST_POSTS and len(cell.labels) >= LEAST_IN_GROUP:
                table[:, t] = self._shares(cell, all_emotions)[:, places]
        whole = self._joined(joined)
        level = np.full((3, len(emotions)), np.nan)
        if len(whole.labels) >= LEAST_IN_GROUP:
            level = self._shares(whole, all_emotions)[:, places]
        labelled = np.array([len(cell.labels) for cell in joined])
        share, low, high = table
        return Corrected(labelled, share, low, high, level)

    def _shares(self, cell: Cell, emotions: tuple[str, ...]) -> np.ndarray:
        found, _ = shares_of(cell, emotions, self.labelled.inclusion)
        return np.array([found.share, found.low, found.high])

    def _joined(self, cells: Sequence[Cell]) -> Cell:
        width = len(self._cells.emotions)
        whole = Cell(np.zeros(width), np.zeros(width, np.int64))
        for cell in cells:
            whole.take(cell)
        return whole
