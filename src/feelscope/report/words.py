"""Numbers of a report as people read them: percent, points, days."""

from datetime import date

from feelscope.metrics.intervals import LEVEL

PERCENT = f"{LEVEL:.0%}"
MINUS = "\N{MINUS SIGN}"


def percent(share: float | None) -> str:
    """A share as percent, with a digit behind the point; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f}%"


def interval(low: float | None, high: float | None) -> str:
    """The ends of a share's interval: 39.7–42.7%."""
    return "" if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}%"


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign; a dash where it is not known."""
    if difference != difference:
        return "–"
    shown = f"{100 * difference:+.1f}"
    return "0.0" if float(shown) == 0 else shown.replace("-", MINUS)


def between(low: float, high: float) -> str:
    """The ends of a difference's interval."""
    if low != low or high != high:
        return "interval not known"
    return f"{points(low)} to {points(high)}"


def day(iso: str) -> str:
    """A day as a newspaper writes it: 6 November 2012."""
    read = date.fromisoformat(iso)
    return f"{read.day} {read:%B} {read.year}"


def when(iso: str, unit: str) -> str:
    """A bin of time by its first day: 2012, November 2012, the week of 5 November 2012."""
    first = date.fromisoformat(iso)
    if unit == "year":
        return f"{first.year}"
    return f"{first:%B} {first.year}" if unit == "month" else f"{'the week of ' * (unit == 'week')}{day(iso)}"
