"""From counts to what was found: shares, groups, bins of time, the event, and how sure."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.errors import FeelscopeError
from feelscope.metrics.clustered_shares import difference, shares
from feelscope.metrics.intervals import LEVEL
from feelscope.report.counts import SURE_BINS, Counts, following
from feelscope.report.found import (
    Agreement,
    Bin,
    ByColumn,
    Difference,
    Event,
    Group,
    OverTime,
    Report,
    Share,
    Sureness,
)
from feelscope.report.settings import LEAST_POSTS, MOST_BINS, Settings
from feelscope.text.counts import counted

_COMPARED = 12  # groups between which the largest difference is looked for
Emotions = tuple[str, ...]


def find(
    counts: Counts,
    emotions: Emotions,
    settings: Settings,
    path: Path,
    *,
    made: Mapping[str, Any] | None,
    has_dates: bool,
    agreement: Agreement | None = None,
    remarks: Iterable[str] = (),
) -> Report:
    """Everything that was found.

    Raises:
        FeelscopeError: No post has an answer, or a date where dates are asked for; or the event is outside of them.
    """
    if not counts.everything.sum():
        raise FeelscopeError(
            f"{path}: every answer was refused, so there is nothing to report; predict with less --abstain"
        )
    answered = counts.posts - counts.refused
    if (settings.over or settings.event) and counts.first is None:
        raise FeelscopeError(
            f"{path}: none of {counted(counts.posts, 'post')} has a date that can be read; see --dates"
        )
    ordered = sorted(_shares(counts.everything, emotions), key=lambda one: -one.posts)
    return Report(
        settings.subject,
        emotions,
        counts.posts,
        counts.refused,
        counts.undated if has_dates else None,
        str(counts.first or ""),
        str(counts.last or ""),
        counts.clustered,
        tuple(ordered),
        dict(zip(emotions, (counts.probabilities / answered).tolist(), strict=True)),
        tuple(
            _by_column(name, found, without, emotions)
            for name, found, without in zip(settings.by, counts.by, counts.without, strict=True)
        ),
        _over_time(counts.over, settings.over, emotions) if settings.over else None,
        _event(counts, emotions, settings) if settings.event else None,
        agreement,
        _sureness(counts),
        dict(counts.read.most_common()),
        dict(counts.warned.most_common()),
        dict(counts.pictures.most_common()),
        made,
        tuple(remarks),
    )


def _shares(counts: np.ndarray, emotions: Emotions) -> tuple[Share, ...]:
    numbers = zip(emotions, counts.sum(axis=0).tolist(), *map(_known, shares(counts)), strict=True)
    return tuple(Share(*one) for one in numbers)


def _known(values: np.ndarray) -> list[float | None]:
    return [None if value != value else float(value) for value in values]


def _by_column(column: str, found: Mapping[str, np.ndarray], without: int, emotions: Emotions) -> ByColumn:
    big = {name: counts for name, counts in found.items() if counts.sum() >= LEAST_POSTS}
    small = [name for name in found if name not in big]
    ordered = sorted(big, key=lambda name: (-big[name].sum(), name))
    groups = [Group(name, int(big[name].sum()), _shares(big[name], emotions)) for name in ordered]
    if small:
        together = np.sum([found[name] for name in small], axis=0)
        name = small[0] if len(small) == 1 else f"{len(small):,} others"
        groups.append(Group(name, int(together.sum()), _shares(together, emotions), len(small)))
    return ByColumn(
        column, tuple(groups), without, _clearest({name: big[name] for name in ordered[:_COMPARED]}, emotions)
    )


def _clearest(groups: Mapping[str, np.ndarray], emotions: Emotions) -> Difference | None:
    """The clearest of the differences of all pairs and emotions, whose intervals hold together (Bonferroni)."""
    pairs = [*combinations(groups, 2)]
    found: list[Difference] = []
    for pair in pairs:
        first, second = (groups[name] for name in pair)
        found += _differences(pair, first, second, emotions, len(pairs) * len(emotions))
    clearest = _beyond(found)
    return clearest if clearest is None or clearest.difference > 0 else clearest.turned()


def _beyond(found: Iterable[Difference]) -> Difference | None:
    """The clearest difference: of those beyond chance the one whose interval is farthest from zero."""
    clear = (one for one in found if one.beyond_chance)
    return max(clear, key=lambda one: min(abs(one.low), abs(one.high)), default=None)


def _differences(
    names: tuple[str, str], counts: np.ndarray, others: np.ndarray, emotions: Emotions, tests: int
) -> list[Difference]:
    """The differences of two groups, the first less the second."""
    level = 1 - (1 - LEVEL) / tests
    first, second = (one.sum(axis=0) / one.sum() for one in (counts, others))
    ends = (part.tolist() for part in difference(counts, others, level))
    numbers = zip(emotions, first.tolist(), second.tolist(), *ends, strict=True)
    return [Difference(name, one, other, less, low, high, names) for name, one, other, less, low, high in numbers]


def _over_time(found: Mapping[date, np.ndarray], unit: str, emotions: Emotions) -> OverTime:
    bins: list[Bin] = []
    day, last = min(found), max(found)
    empty = np.zeros((1, len(emotions)), np.int32)
    while day <= last:
        counts, end = found.get(day, empty), following(day, unit)
        posts = int(counts.sum())
        bins.append(Bin(str(day), str(end), posts, _shares(counts, emotions) if posts >= LEAST_POSTS else ()))
        if len(bins) > MOST_BINS:
            raise FeelscopeError(
                f"--over {unit}: {min(found)} to {last} are over {MOST_BINS:,} {unit}s; ask for longer ones, or "
                "look for wrong dates"
            )
        day = end
    full = [one.start for one in bins if one.shares]
    moved = None
    if len(full) > 1:
        after, before = (found[date.fromisoformat(start)] for start in (full[-1], full[0]))
        moved = _beyond(_differences((full[-1], full[0]), after, before, emotions, len(emotions)))
    return OverTime(unit, tuple(bins), moved)


def _event(counts: Counts, emotions: Emotions, settings: Settings) -> Event:
    day, days = settings.event, settings.days
    assert day is not None and counts.first is not None and counts.last is not None
    if not counts.first < day <= counts.last:
        raise FeelscopeError(
            f"--event {day}: the posts are from {counts.first} to {counts.last}; give a day after the first and not "
            "after the last"
        )
    before, after = (int(side.sum()) for side in counts.event)
    if not (before and after):
        side = "from the event on" if before else "before the event"
        raise FeelscopeError(f"--event {day}: no post is of the {days} days {side}; give more --days")
    found = _differences(("after", "before"), counts.event[1], counts.event[0], emotions, len(emotions))
    found.sort(key=lambda one: -abs(one.difference))
    span = timedelta(days)
    return Event(str(day), str(day - span), str(day + span), days, before, after, tuple(found))


def _sureness(counts: Counts) -> Sureness:
    answered = int(counts.everything.sum())
    total = sum(total for _, total in counts.sure_by_read.values())
    return Sureness(
        tuple(counts.sure.tolist()),
        total / answered,
        float(counts.sure[: SURE_BINS // 2].sum() / answered),
        {read: (posts, sum_ / posts) for read, (posts, sum_) in counts.sure_by_read.items()},
    )
