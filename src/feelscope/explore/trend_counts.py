"""What a trend is counted from: the posts of a table as they come, or an index by a query."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from feelscope.emotions import SEVEN
from feelscope.errors import ExploreError
from feelscope.explore.document import iso
from feelscope.explore.request import counting, matching
from feelscope.explore.state import Facts, State, close_match, settle
from feelscope.explore.timeline import UNITS, bins, bins_of, emotions_by_bin, request
from feelscope.explore.trend import Trend

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

_KEY = {"day": 10, "month": 7, "year": 4}


class Counting:
    """Counts posts by day and emotion; memory grows with the days, not with the posts."""

    def __init__(self, of: str) -> None:
        self.of = of
        self.posts = 0
        self._days: dict[str, Counter[str]] = {}
        self._left_out: Counter[str] = Counter()

    def add(self, created_at: int | None, emotion: str | None) -> None:
        """Count a post.

        Args:
            created_at: Seconds since 1970.
        """
        self.posts += 1
        if not emotion:
            self._left_out["without an emotion"] += 1
        elif created_at is None:
            self._left_out["without a date"] += 1
        else:
            self._days.setdefault(iso(created_at)[:10], Counter())[emotion] += 1

    def trend(self, unit: str, start: str | None = None, end: str | None = None) -> Trend:
        """The trend of what was counted.

        Args:
            unit: `day`, `month` or `year`.
            start: First day, `YYYY-MM-DD`.
            end: The day behind the last.

        Raises:
            ExploreError: No post has both date and emotion, or none is within the span.
        """
        check_unit(unit)
        if not self._days:
            why = "; ".join(f"{number:,} {what}" for what, number in self._left_out.items()) or "there are none"
            raise ExploreError(f"{self.of}: no post with a date and an emotion ({why})")
        first, last = min(self._days), max(self._days)
        emotions = in_order({name for day in self._days.values() for name in day})
        facts = Facts(self.posts, first, _following(last), emotions)
        state = settle(State(start=start, end=end), facts)
        span = state.start or facts.start, state.end or facts.end
        by_bin: dict[str, Counter[str]] = {}
        for day, found in self._days.items():
            if str(span[0]) <= day < str(span[1]):
                by_bin.setdefault(day[: _KEY[unit]], Counter()).update(found)
        return _trend(by_bin, unit, span, emotions, self._left_out, self.of)


def archive_trend(archive: "Archive", state: State, unit: str) -> Trend:
    """The trend of the posts of an index that match a state.

    Args:
        state: Its emotion does not count.

    Raises:
        ExploreError: The state cannot be answered, or no post with a date and an emotion matches it.
    """
    check_unit(unit)
    subject = None if state.subject is None else archive.vocabulary.number(state.subject)
    asked = settle(State(state.query, state.subject, state.start, state.end), archive.facts)
    query = matching(asked, subject)
    reply = archive.engine.search(request(query, unit, emotions=True))
    by_bin = emotions_by_bin(reply, unit)
    felt = sum(sum(found.values()) for found in by_bin.values())
    all_posts = int(archive.engine.search(counting(query))["hits"]["total"]["value"])
    of = archive.facts.name + "".join(f", {part}" for part in (state.query, state.subject) if part)
    if not felt:
        raise ExploreError(f"{of}: no post with a date and an emotion matches")
    span = asked.start or archive.facts.start, asked.end or archive.facts.end
    left_out = {"without a date or an emotion": all_posts - felt} if all_posts > felt else {}
    return _trend(by_bin, unit, span, archive.facts.emotions, left_out, of)


def in_order(emotions: Iterable[str]) -> tuple[str, ...]:
    """The seven in their own order, then others by name."""
    found = set(emotions)
    return (*(name for name in SEVEN if name in found), *sorted(found - set(SEVEN)))


def check_unit(unit: str) -> None:
    """Raises `ExploreError` for what is no unit."""
    if unit not in UNITS:
        raise ExploreError(f"{unit!r} is no unit{close_match(unit, UNITS)}; there are {', '.join(UNITS)}")
