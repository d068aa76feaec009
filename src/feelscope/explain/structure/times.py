"""Emotion by weekday and by hour: the mean probabilities of the posts of each, beside those of all.

Shares are compared, never numbers of posts: how many posts a table has of an hour says how it was collected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from statistics import NormalDist

import numpy as np

from feelscope.errors import FeelscopeError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02}" for hour in range(24))
_CHANCE = 0.05  # that any cell at all is marked where nothing depends on time (Bonferroni)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Mean probabilities by weekday or hour.

    Args:
        names: (T,), the weekdays or hours.
        posts: (T,).
        mean: (T, K), of the posts of each; NaN where there are none.
        change: (T, K), the mean over that of all dated posts, less one: 0.1 is a tenth more.
        beyond_chance: (T, K), whether the change is larger than one of 20 tables without any pattern would show in
            any cell.
    """

    names: tuple[str, ...]
    posts: np.ndarray
    mean: np.ndarray
    change: np.ndarray
    beyond_chance: np.ndarray


class Times:
    """Adds up the probabilities of K emotions over the posts of each weekday and hour, as they are in a time zone."""

    def __init__(self, emotions: int, zone: tzinfo = UTC):
        self.zone = zone
        self.undated = 0
        self._posts = np.zeros((7, 24), dtype=np.int64)
        self._sums = np.zeros((7, 24, emotions))
        self._squares = np.zeros(emotions)

    @property
    def dated(self) -> int:
        """Posts with a time."""
        return int(self._posts.sum())

    def add(self, created_at: datetime | None, probabilities: np.ndarray) -> None:
        """Count a post of probabilities (K,) by its time, which is None where no hour is known."""
        try:
            when = created_at and created_at.astimezone(self.zone)
        except OverflowError:  # in the first or last hours that a calendar has
            when = None
        if when is None:
            self.undated += 1
            return
        self._posts[when.weekday(), when.hour] += 1
        self._sums[when.weekday(), when.hour] += probabilities
        self._squares += probabilities * probabilities

    def weekdays(self) -> Cells:
        return self._cells(WEEKDAYS, axis=1)

    def hours(self) -> Cells:
        return self._cells(HOURS, axis=0)

    def _cells(self, names: Sequence[str], axis: int) -> Cells:
        posts, sums = self._posts.sum(axis=axis), self._sums.sum(axis=axis)  # (T,), (T, K)
        whole = sums.sum(axis=0) / self.dated  # (K,)
        deviation = np.sqrt(np.clip(self._squares / self.dated - whole**2, 0, None))  # (K,)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sums / posts[:, None]  # (T, K)
            change = mean / whole - 1
            error = deviation * np.sqrt(1 / posts - 1 / self.dated)[:, None]  # (T, K), of some of these posts
            far = np.abs(mean - whole) > NormalDist().inv_cdf(1 - _CHANCE / 2 / mean.size) * error
        return Cells(tuple(names), posts, mean, change, far & (posts > 1)[:, None])


def zone_of(name: str) -> tzinfo:
    """A time zone by its name.

    Raises:
        FeelscopeError: No zone has it.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FeelscopeError(f"no time zone is named {name!r}; names are like Europe/Berlin or UTC") from None


def rows(cells: Mapping[str, Cells], emotions: Sequence[str]) -> list[dict[str, object]]:
    """Every cell as a row of a table; `cells` by what they are of: `weekday`, `hour`."""
    return [
        {
            "of": of,
            "when": name,
            "emotion": emotion,
            "posts": int(by_time.posts[t]),
            "mean": float(by_time.mean[t, k]),
            "change": float(by_time.change[t, k]),
            "beyond_chance": int(by_time.beyond_chance[t, k]),
        }
        for of, by_time in cells.items()
        for t, name in enumerate(by_time.names)
        for k, emotion in enumerate(emotions)
    ]
