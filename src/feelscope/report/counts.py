"""Counts of one pass over predictions, in memory that grows with groups and bins of time, not with posts.

Letters: G groups of authors (one, where no authors are known), K emotions.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np

from feelscope.errors import FeelscopeError
from feelscope.metrics.clustered_shares import GROUPS, group_of
from feelscope.progress import Count
from feelscope.report.reading import Predicted
from feelscope.report.settings import MOST_BINS, MOST_GROUPS, Settings
from feelscope.table.unused_pictures import NOT_USED, kind_of

SURE_BINS = 20  # of the probability of the answer
_MOST_KINDS = 50  # of warnings


class Counts:
    """Posts by emotion: all, by the values of columns, by time, before and after an event; and how sure.

    Args:
        clustered: Whether authors are known; otherwise posts are taken as independent.

    Attributes:
        everything: int32 (G, K), the posts with an answer.
        by: For each column, such counts by value; those without a value are in `without`.
        over: The same by the first day of each bin.
        event: The same before the event and from it on; where authors are not known, by day instead of group.
        probabilities: Sums (K,) over the posts with an answer.
        sure: (SURE_BINS,), posts by the probability of their answer; `sure_by_read` has how many posts, and the sum.
        warned, pictures: Posts by kind of warning, and by why their picture was not used.
    """

    def __init__(self, emotions: int, settings: Settings, *, clustered: bool) -> None:
        self._settings, self._emotions = settings, emotions
        self.clustered = clustered
        self.posts = self.refused = self.undated = 0
        self.first: date | None = None
        self.last: date | None = None
        self.everything = self._empty()
        self.by: tuple[dict[str, np.ndarray], ...] = tuple({} for _ in settings.by)
        self.without = [0] * len(settings.by)
        self.over: dict[date, np.ndarray] = {}
        rows = None if clustered else 2 * settings.days
        self.event = (self._empty(rows), self._empty(rows))
        self.probabilities = np.zeros(emotions)
        self.sure = np.zeros(SURE_BINS, np.int64)
        self.read: Counter[str] = Counter()
        self.sure_by_read: dict[str, tuple[int, float]] = {}
        self.warned: Counter[str] = Counter()
        self.pictures: Counter[str] = Counter()

    def add_all(self, predicted: Iterable[Predicted], progress: Count | None = None) -> None:
        """Count every post.

        Raises:
            FeelscopeError: A column has too many values, or the time line too many bins.
        """
        for number, one in enumerate(predicted, 1):
            self._add(one)
            if progress:
                progress(number, 0)

    def _add(self, one: Predicted) -> None:
        self.posts += 1
        self._warn(one.warnings)
        self.read[one.read] += 1
        if one.day is None:
            self.undated += 1
        else:
            self.first = one.day if self.first is None else min(self.first, one.day)
            self.last = one.day if self.last is None else max(self.last, one.day)
        if one.answer is None:
            self.refused += 1
            return
        group = group_of(one.author or f"\0{one.id}") if self.clustered else 0
        answer, sure = one.answer, float(one.probabilities.max())
        self.everything[group, answer] += 1
        self.probabilities += one.probabilities
        self.sure[min(int(sure * SURE_BINS), SURE_BINS - 1)] += 1
        posts, total = self.sure_by_read.get(one.read, (0, 0.0))
        self.sure_by_read[one.read] = posts + 1, total + sure
        for number, value in enumerate(one.values):
            if not value:
                self.without[number] += 1
            else:
                self._cell(self.by[number], value, MOST_GROUPS, number)[group, answer] += 1
        if one.day is not None:
            self._add_dated(one.day, group, answer)

    def _add_dated(self, day: date, group: int, answer: int) -> None:
        settings = self._settings
        if settings.over:
            self._cell(self.over, begin(day, settings.over), MOST_BINS)[group, answer] += 1
        if settings.event is not None:
            away = (day - settings.event).days
            if -settings.days <= away < settings.days:
                row = group if self.clustered else away + settings.days
                self.event[away >= 0][row, answer] += 1

    def _cell(self, cells: dict[Any, np.ndarray], key: str | date, most: int, number: int | None = None) -> np.ndarray:
        found = cells.get(key)
        if found is None:
            if len(cells) == most:
                if number is None:
                    raise FeelscopeError(
                        f"--over {self._settings.over}: the posts are of over {most:,} {self._settings.over}s; ask for "
                        "longer ones"
                    )
                name = self._settings.by[number]
                raise FeelscopeError(f"--by {name}: the column has over {most:,} values; give one with fewer")
            found = cells[key] = self._empty()
        return found

    def _empty(self, rows: int | None = None) -> np.ndarray:
        return np.zeros((rows or (GROUPS if self.clustered else 1), self._emotions), np.int32)

    def _warn(self, warnings: Iterable[str]) -> None:
        for said in warnings:
            if said.startswith(NOT_USED):
                self.pictures[kind_of(said)] += 1
                continue
            kind = said.partition(" (")[0].partition(": ")[0]
            self.warned[kind if kind in self.warned or len(self.warned) < _MOST_KINDS else "other warnings"] += 1


def begin(day: date, unit: str) -> date:
    """The first day of the day, week (from Monday), month or year that a day is in."""
    if unit == "week":
        return day - timedelta(day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def following(first: date, unit: str) -> date:
    """The first day of the next one."""
    if unit == "month":
        return (first.replace(day=28) + timedelta(4)).replace(day=1)
    return first.replace(year=first.year + 1) if unit == "year" else first + timedelta(7 if unit == "week" else 1)
