"""Dates on an axis: each mark has its year, whatever the span."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_YEARS_FROM, _MONTHS_FROM = 3 * 365, 75  # days of a span from which years, or months, are named alone
_STEPS = {"year": (1, 2, 5, 10, 20, 50, 100), "month": (1, 2, 3, 4, 6), "day": (1, 2, 3, 5, 7, 10, 14)}


def marks(first: date, end: date, most: int) -> tuple[list[date], list[str]]:
    """Days to mark from `first` to before `end`, at most so many, and what is written at each."""
    span = (end - first).days
    unit = "year" if span >= _YEARS_FROM else "month" if span >= _MONTHS_FROM else "day"
    for step in _STEPS[unit]:
        days = _days(first, end, unit, step)
        if len(days) <= most:
            break
    if unit == "year":
        return days, [f"{day.year}" for day in days]
    if unit == "month":
        return days, [f"{day:%b}\n{day.year}" for day in days]
    return days, [f"{day.day} {day:%b}\n{day.year}" for day in days]


def _days(first: date, end: date, unit: str, step: int) -> list[date]:
    if unit == "day":
        return [date.fromordinal(number) for number in range(first.toordinal(), end.toordinal(), step)]
    months = 12 * step if unit == "year" else step
    start = first.year * 12 if unit == "year" else first.year * 12 + first.month - 1
    start -= start % months
    numbers = range(start, end.year * 12 + end.month, months)
    found = [date(number // 12, number % 12 + 1, 1) for number in numbers if number // 12 < 9999]
    return [day for day in found if first <= day < end]


def draw_time(axes: "Axes", first: date, end: date, most: int, others: Sequence[date] = ()) -> None:
    """Mark an axis; `others` are days of events, drawn as dashed lines."""
    from matplotlib.dates import date2num

    days, names = marks(first, end, most)
    axes.set_xlim(float(date2num(first)), float(date2num(end)))
    axes.set_xticks([float(date2num(day)) for day in days], names)
    for day in others:
        axes.axvline(float(date2num(day)), color="#000000", linewidth=0.8, linestyle="--")
