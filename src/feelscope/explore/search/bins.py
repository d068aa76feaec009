"""Days, weeks, months and years: the bins of a span, and how many posts an engine counts in each."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.search.engine import Reply, buckets, counts
from feelscope.explore.search.request import MOST_BINS, Query, Request, by_emotion, counting
from feelscope.explore.search.state import Facts

UNITS = ("day", "week", "month", "year")
AUTO = "auto"  # a unit that is chosen by the length of the span
MOST = 20_000  # bins of a timeline: days of 54 years, months of 1,666
_CELLS = 200_000  # bins times emotions: more than ten emotions have fewer bins
LEAST_POSTS = 30  # of a bin whose shares are shown
_KINDS = {"day": "datetime64[D]", "month": "datetime64[M]", "year": "datetime64[Y]"}  # numpy's
_KEY_LENGTHS = {"day": 10, "week": 10, "month": 7, "year": 4}  # characters of a bin's first day that tell it
_MOST_DAYS = {"day": 124, "week": 7 * 130, "month": 31 * 240}  # of a span that has a bin each; ours
_MILLISECONDS = 86_400_000  # of a day
_MONDAY = 3  # days that 1970-01-01 comes after a Monday


def check_unit(unit: str) -> None:
    """Raises `ExploreError` for anything that is not a unit."""
    if unit not in UNITS:
        raise ExploreError(f"{unit[:40]!r} is not a unit; {did_you_mean(unit[:40], UNITS)}")


def auto_unit(start: str | None, end: str | None) -> str:
    """The unit that draws a span well: days of up to four months, weeks of two and a half years, months of 20 years."""
    if start is None or end is None:
        return "month"
    days = int((np.datetime64(end) - np.datetime64(start)).astype(int))
    return next((unit for unit, most in _MOST_DAYS.items() if days <= most), "year")


def bins_request(query: Query, unit: str, *, emotions: bool = False) -> Request:
    """Asks for the posts of each bin; years are added up from months."""
    if unit in ("day", "week"):  # whose keys are milliseconds since 1970, which was no Monday
        interval = {"fixed_interval": "1d"} if unit == "day" else {"fixed_interval": "7d", "offset": f"{7 - _MONDAY}d"}
        bins = {"date_histogram": {"field": "created_at", **interval, "min_doc_count": 1}}
    else:  # months are a field of their own, as not every engine knows calendars
        bins = {"terms": {"field": "month", "size": MOST_BINS}}
    return counting(query, bins=bins | ({"aggs": {"emotions": by_emotion()}} if emotions else {}))


def counts_by_bin(reply: Reply, unit: str) -> Counter[str]:
    """Posts by bin of a reply to `bins_request`."""
    posts: Counter[str] = Counter()
    for key, count in counts(reply, "bins").items():
        posts[_bin_key(key, unit)] += count
    return posts


def emotions_by_bin(reply: Reply, unit: str) -> dict[str, Counter[str]]:
    """Posts by bin and emotion of a reply to `bins_request(emotions=True)`."""
    posts: dict[str, Counter[str]] = {}
    for bucket in buckets(reply, "bins"):
        of_bin = posts.setdefault(_bin_key(bucket["key"], unit), Counter())
        for emotion in bucket["emotions"]["buckets"]:
            of_bin[emotion["key"]] += int(emotion["doc_count"])
    return posts


def bins(facts: Facts, unit: str) -> tuple[tuple[str, str, str], ...]:
    """First day, the day after the last one, and key of every bin of an archive; empty where no post has a date.

    Raises:
        ExploreError: An unknown unit, or more bins than are counted.
    """
    check_unit(unit)
    if facts.start is None or facts.end is None:
        return ()
    most = min(MOST, _CELLS // max(1, len(facts.emotions)))
    numbers = {name: _number(facts.start, facts.end, name) for name in UNITS}
    numbers["week"] = numbers["day"]  # as many as of days
    if numbers[unit] > most and unit == "week":
        instead = next((f"by {name}" for name, number in numbers.items() if number <= most), "for a shorter span")
        raise ExploreError(f"{facts.start} to before {facts.end} is too long for weeks; ask {instead}")
    if numbers[unit] > most:
        instead = next((f"by {name}" for name, number in numbers.items() if number <= most), "for a shorter span")
        found = f"{facts.start} to before {facts.end} has {numbers[unit]:,} {unit}s"
        raise ExploreError(f"{found}, and at most {most:,} are counted; ask {instead}")
    return _bins(facts.start, facts.end, unit)


def cut(bins: Sequence[tuple[str, str, str]], start: str | None, end: str | None) -> list[tuple[str, str, str]]:
    """Bins of a chosen span, the first and the last of which begin and end with it."""
    if not bins or start is None or end is None:
        return list(bins)
    return [(max(first, start), min(after, end), key) for first, after, key in bins]


def bin_of(day: str, unit: str) -> str:
    """The key of the bin that a day, or the first day of a smaller bin, is in."""
    if unit == "week":
        found = date.fromisoformat(day)
        return (found - timedelta(found.weekday())).isoformat()
    return day[: _KEY_LENGTHS[unit]]


@lru_cache(24)
def _number(first: str, end: str, unit: str) -> int:
    unit = "day" if unit == "week" else unit
    start, last = (day.astype(_KINDS[unit]).astype(int) for day in (np.datetime64(first), np.datetime64(end, "D") - 1))
    return int(last - start) + 1


@lru_cache(8)
def _bins(first: str, end: str, unit: str) -> tuple[tuple[str, str, str], ...]:
    last = np.datetime64(end, "D") - 1
    if unit == "week":
        days_since = [(np.datetime64(day).astype(int) + _MONDAY) // 7 for day in (first, str(last))]
        mondays = np.arange(days_since[0], days_since[1] + 2) * 7 - _MONDAY
        days = mondays.astype("datetime64[D]").astype(str).tolist()
        return tuple((day, after, day) for day, after in pairwise(days))
    kind = _KINDS[unit]
    starts = np.arange(np.datetime64(first).astype(kind), last.astype(kind) + 2)  # and the one after the last
    days = starts.astype("datetime64[D]").astype(str).tolist()
    return tuple((day, after, day[: _KEY_LENGTHS[unit]]) for day, after in pairwise(days))


def _bin_key(key: object, unit: str) -> str:
    """The bin that a bucket is in."""
    if unit in ("day", "week"):
        return _day(int(float(str(key))) // _MILLISECONDS)
    return str(key)[: _KEY_LENGTHS[unit]]


@lru_cache(50_000)
def _day(number: int) -> str:
    """A day since 1970, YYYY-MM-DD."""
    return str(np.datetime64(number, "D"))
