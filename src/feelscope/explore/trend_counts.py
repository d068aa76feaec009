"""What a trend is counted from: the posts of a table as they come, or an index by a query."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.emotions import SEVEN
from feelscope.errors import ExploreError
from feelscope.explain.structure.predicted_posts import Predictions, in_step
from feelscope.explore.request import counting, matching
from feelscope.explore.state import Facts, State, close_match, settle
from feelscope.explore.timeline import UNITS, bins, emotions_by_bin, request
from feelscope.explore.trend import Trend
from feelscope.table import PostsTable
from feelscope.table.times import iso, unix_seconds

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive


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
        emotions = in_order({name for day in self._days.values() for name in day})
        facts = Facts(self.posts, min(self._days), _following(max(self._days)), emotions)
        state = settle(State(start=start, end=end), facts)
        facts = replace(facts, start=state.start or facts.start, end=state.end or facts.end)
        within = {day: found for day, found in self._days.items() if str(facts.start) <= day < str(facts.end)}
        if not within:
            raise ExploreError(
                f"{self.of}: no post with a date and an emotion from {facts.start} to before {facts.end}"
            )
        return _trend(within, facts, unit, self._left_out, self.of)


def felt_posts(table: PostsTable, predictions: Path | None = None) -> Iterator[tuple[int | None, str | None]]:
    """The time and the emotion of every post of a table.

    Args:
        predictions: What `feelscope predict --out` wrote of the table; None takes the table's own emotions.

    Yields:
        Seconds since 1970 and the emotion; None for what a post has not.

    Raises:
        ExploreError: The table has no dates or no emotions.
        TableError: The predictions are not of this table.
    """
    if "created_at" not in table.columns:
        raise ExploreError(f"{table.path}: no created_at column; name one with --columns created_at=NAME")
    if predictions is not None:
        found = Predictions(predictions)
        for post, probabilities in in_step(table, found):
            yield unix_seconds(post.created_at), found.emotions[int(probabilities.argmax())]
        return
    if "emotion" not in table.columns:
        hint = "run feelscope predict with --out predictions.jsonl, and give --predictions predictions.jsonl"
        raise ExploreError(f"{table.path}: no emotion column; {hint}")
    for post in table:
        yield unix_seconds(post.created_at), post.emotion


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
    left_out = {"without a date or an emotion": all_posts - felt} if all_posts > felt else {}
    facts = replace(archive.facts, start=asked.start or archive.facts.start, end=asked.end or archive.facts.end)
    return _trend(by_bin, facts, unit, left_out, of)


def _trend(found: Mapping[str, Counter[str]], facts: Facts, unit: str, left_out: Mapping[str, int], of: str) -> Trend:
    """Lay out counts, by bin or by any smaller unit, over all bins of a span."""
    all_bins = bins(facts, unit)
    place = {key: number for number, (_, _, key) in enumerate(all_bins)}
    counts = np.zeros((len(all_bins), len(facts.emotions)), np.int64)
    for key, by_emotion in found.items():
        counts[place[key[: len(all_bins[0][2])]]] += [by_emotion[name] for name in facts.emotions]
    return Trend(unit, [(start, end) for start, end, _ in all_bins], facts.emotions, counts, dict(left_out), of)


def in_order(emotions: Iterable[str]) -> tuple[str, ...]:
    """The seven in their own order, then others by name."""
    found = set(emotions)
    return (*(name for name in SEVEN if name in found), *sorted(found - set(SEVEN)))


def check_unit(unit: str) -> None:
    """Raises `ExploreError` for what is no unit."""
    if unit not in UNITS:
        raise ExploreError(f"{unit!r} is no unit{close_match(unit, UNITS)}; there are {', '.join(UNITS)}")


def _following(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(1)).isoformat()
