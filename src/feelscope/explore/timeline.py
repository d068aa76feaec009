"""The timeline: posts by day, month or year over the whole archive, and the emotions among them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from feelscope.explore.engine import Reply, buckets, counts
from feelscope.explore.request import Query, Request, by_day, by_emotion, by_month, counting, matching, within
from feelscope.explore.rounds import Asking
from feelscope.explore.state import Facts, State

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

UNITS = ("day", "month", "year")
LEAST = 30  # posts of a bin whose shares are shown
_KEY = {"day": 10, "month": 7, "year": 4}  # characters of a bin's first day that tell it from others


def timeline(archive: "Archive", state: State, subject: int | None, unit: str) -> Asking:
    """The bins of a state.

    Args:
        state: Settled.
        subject: F's number.
    """
    lens = matching(state, subject, within_span=False, of_emotion=False)
    requests = [request(lens, unit, emotions=True)]
    if subject is not None:
        requests.append(request(matching(state, within_span=False), unit))
    if unit not in archive.by_bin:
        requests.append(request({"match_all": {}}, unit))
    replies = yield requests
    if unit not in archive.by_bin:
        archive.by_bin[unit] = counts_by_bin(replies[-1], unit)
    felt = emotions_by_bin(replies[0], unit)
    of_lens = counts_by_bin(replies[0], unit)
    of_state = of_lens if state.emotion is None else {key: found[state.emotion] for key, found in felt.items()}
    of_query = of_state if subject is None else counts_by_bin(replies[1], unit)
    all_posts = archive.by_bin[unit]
    nothing: Counter[str] = Counter()
    rows = []
    for start, end, key in bins(archive.facts, unit):
        here, emotions = of_lens.get(key, 0), felt.get(key, nothing)
        rows.append(
            {
                "from": start,
                "to": end,
                "archive": all_posts.get(key, 0),
                "query": of_query.get(key, 0),
                "subject": None if subject is None else of_state.get(key, 0),
                "emotions": {name: emotions[name] for name in archive.facts.emotions},
                "shares": {name: emotions[name] / here for name in archive.facts.emotions} if here >= LEAST else None,
            }
        )
    return {"unit": unit, "bins": rows}


def request(query: Query, unit: str, *, emotions: bool = False) -> Request:
    """Asks for the posts of each bin; years are added up from months."""
    aggregation = by_day() if unit == "day" else by_month()
    return counting(query, bins=within(aggregation, emotions=by_emotion()) if emotions else aggregation)


def counts_by_bin(reply: Reply, unit: str) -> Counter[str]:
    """Posts by bin of a reply to `request`."""
    if unit == "month":
        return Counter(counts(reply, "bins"))
    found: Counter[str] = Counter()
    for key, count in counts(reply, "bins").items():
        found[_key(key, unit)] += count
    return found


def emotions_by_bin(reply: Reply, unit: str) -> dict[str, Counter[str]]:
    """Posts by bin and emotion of a reply to `request(emotions=True)`."""
    found: dict[str, Counter[str]] = {}
    for bucket in buckets(reply, "bins"):
        here = found.setdefault(_key(bucket["key"], unit), Counter())
        for one in bucket["emotions"]["buckets"]:
            here[one["key"]] += int(one["doc_count"])
    return found


def bins(facts: Facts, unit: str) -> tuple[tuple[str, str, str], ...]:
    """First day, day behind the last, and key of every bin of an archive; none where no post has a date."""
    return () if facts.start is None or facts.end is None else _bins(facts.start, facts.end, unit)


@lru_cache(8)
def _bins(first: str, end: str, unit: str) -> tuple[tuple[str, str, str], ...]:
    last = date.fromisoformat(end) - timedelta(1)
    starts = list(_starts(date.fromisoformat(first), last, unit))
    return tuple((at.isoformat(), _next(at, unit), at.isoformat()[: _KEY[unit]]) for at in starts)


def _starts(first: date, last: date, unit: str) -> Iterable[date]:
    """The first day of each bin from that of `first` to that of `last`."""
    if unit == "day":
        return (first + timedelta(days) for days in range((last - first).days + 1))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    if unit == "month":
        return (date(month // 12, month % 12 + 1, 1) for month in months)
    return (date(year, 1, 1) for year in range(first.year, last.year + 1))


def _next(start: date, unit: str) -> str:
    """The day behind a bin; the last year that a calendar has ends as people count."""
    if unit == "day":
        return (start + timedelta(1)).isoformat()
    month = start.year * 12 + start.month - 1 + (1 if unit == "month" else 12)
    return f"{month // 12:04}-{month % 12 + 1:02}-01"


def _key(key: object, unit: str) -> str:
    """A bucket's bin."""
    if unit == "day":
        day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=float(str(key)))
        return day.date().isoformat()
    return str(key)[: _KEY[unit]]
