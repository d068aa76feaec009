"""What a trend is counted from: the posts of a table as they come, or an index by a query."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from feelscope.errors import ExploreError
from feelscope.explain.structure.predicted_posts import Predictions, in_step
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.bins import bins, bins_request, check_unit, emotions_by_bin
from feelscope.explore.search.engine import total
from feelscope.explore.search.request import matching
from feelscope.explore.search.state import Facts, State, in_usual_order, settle
from feelscope.explore.trend.corrected import LabelledDays
from feelscope.explore.trend.trend import Trend
from feelscope.table import PostsTable
from feelscope.table.times import iso, unix_seconds

_NEVER = "9999-12-31"  # what databases write for no date; no day comes after it


class DailyCounts:
    """Counts posts by day and emotion; memory grows with the days, not with the posts."""

    def __init__(self, of: str) -> None:
        self.of = of
        self.posts = 0
        self._days: dict[str, Counter[str]] = {}
        self._left_out: Counter[str] = Counter()

    def add(self, created_at: int | None, emotion: str | None) -> None:
        """Count a post; `created_at` is in seconds since 1970."""
        self.posts += 1
        if not emotion:
            self._left_out["without an emotion"] += 1
        elif created_at is None or (day := iso(created_at)[:10]) == _NEVER:
            self._left_out["without a date"] += 1
        else:
            self._days.setdefault(day, Counter())[emotion] += 1

    def trend(self, unit: str, start: str | None = None, end: str | None = None) -> Trend:
        """The trend of what was counted, by day, month or year, from a first day to the day after the last one.

        Raises:
            ExploreError: No post has both date and emotion, or none is within the span.
        """
        check_unit(unit)
        if not self._days:
            why = "; ".join(f"{number:,} {what}" for what, number in self._left_out.items()) or "there are none"
            raise ExploreError(f"{self.of}: no post with a date and an emotion ({why})")
        emotions = in_usual_order({name for counts in self._days.values() for name in counts})
        after_last = (date.fromisoformat(max(self._days)) + timedelta(1)).isoformat()
        facts = _within(Facts(self.posts, min(self._days), after_last, emotions), State(start=start, end=end))
        within = {day: counts for day, counts in self._days.items() if str(facts.start) <= day < str(facts.end)}
        if not within:
            span = f"from {facts.start} to before {facts.end}"
            raise ExploreError(f"{self.of}: no post with a date and an emotion {span}")
        return Trend.of_bins(within, facts, unit, self._left_out, self.of)


def felt_posts(
    table: PostsTable, predictions: Path | None = None, days: LabelledDays | None = None
) -> Iterator[tuple[int | None, str | None]]:
    """The time and the emotion of every post of a table.

    Args:
        predictions: What `feelscope predict --out` wrote of the table; None takes the table's own emotions.
        days: Takes in the posts with their probabilities; with predictions alone.

    Yields:
        Seconds since 1970 and the emotion; None for what a post does not have.

    Raises:
        ExploreError: The table has no dates or no emotions.
        TableError: The predictions are not of this table.
    """
    if "created_at" not in table.columns:
        raise ExploreError(f"{table.path}: no created_at column; name one with --columns created_at=NAME")
    if predictions is not None:
        predicted = Predictions(predictions)
        for post, probabilities in in_step(table, predicted):
            if days is not None:
                days.add(post, probabilities)
            yield unix_seconds(post.created_at), predicted.emotions[int(probabilities.argmax())]
        return
    if "emotion" not in table.columns:
        hint = "run feelscope predict with --out predictions.jsonl, and give --predictions predictions.jsonl"
        raise ExploreError(f"{table.path}: no emotion column; {hint}")
    for post in table:
        yield unix_seconds(post.created_at), post.emotion


def index_trend(index: OpenIndex, state: State, unit: str) -> Trend:
    """The trend of the posts of an index that match a state.

    Args:
        state: Its emotion does not count.

    Raises:
        ExploreError: The state cannot be answered, or no post with a date and an emotion matches it.
    """
    subject = None if state.subject is None else index.vocabulary.number(state.subject)
    settled = settle(replace(state, emotion=None), index.facts)
    within = _within(index.facts, settled)
    bins(within, unit)  # no engine is asked for more bins than are counted
    reply = index.engine.search(bins_request(matching(settled, subject), unit, emotions=True))
    by_bin = emotions_by_bin(reply, unit)
    felt = sum(counts.total() for counts in by_bin.values())
    posts = total(reply)
    of = index.facts.name + "".join(f", {part}" for part in (state.query, state.subject) if part)
    if not felt:
        raise ExploreError(f"{of}: no post with a date and an emotion matches")
    left_out = {"without a date or an emotion": posts - felt} if posts > felt else {}
    return Trend.of_bins(by_bin, within, unit, left_out, of)


def _within(facts: Facts, state: State) -> Facts:
    """Facts whose span is that of a state."""
    settled = settle(state, facts)
    return replace(facts, start=settled.start or facts.start, end=settled.end or facts.end)
