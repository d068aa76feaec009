"""All posts of an archive by day and emotion, counted once: what every state is measured against."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feelscope.explore.search.bins import bins_request, counts_by_bin, emotions_by_bin
from feelscope.explore.search.engine import Reply, counts, total
from feelscope.explore.search.request import MOST_BINS, Request, by_emotion, counting, matching
from feelscope.explore.search.state import Facts, State

Bin = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Everything:
    """Posts by day and emotion; in every table the last column is all posts, whatever their emotion.

    Args:
        days: Those that have posts, as numpy's days, ascending, (D,).
        before: Posts before each of them, and all dated ones in the last row, int64 (D + 1, K + 1).
        whole: All posts, those without a date too, (K + 1,).
    """

    days: np.ndarray
    before: np.ndarray
    whole: np.ndarray

    def within(self, start: str | None, end: str | None) -> np.ndarray:
        """The posts of a span, (K + 1,); of the whole archive where it is None."""
        if start is None or end is None:
            return self.whole
        return np.asarray(self.by_bin([(start, end, "")])[0])

    def by_bin(self, bins: Sequence[Bin]) -> np.ndarray:
        """The posts of each of T bins, (T, K + 1)."""
        if not bins:
            return np.zeros((0, len(self.whole)), np.int64)
        firsts, ends = (np.array([one[side] for one in bins], "datetime64[D]") for side in (0, 1))
        places = (np.searchsorted(self.days, days) for days in (ends, firsts))
        after, before = (self.before[place] for place in places)
        return np.asarray(after - before)


def everything_requests(facts: Facts) -> list[Request]:
    """Asks for all posts by day and emotion, in as many parts as an engine can count at once, and for all together."""
    requests = [counting({"match_all": {}}, emotions=by_emotion())]
    requests += (bins_request(matching(state), "day", emotions=True) for state in _windows(facts))
    return requests


def read_everything(replies: Sequence[Reply], emotions: Sequence[str]) -> Everything:
    """The table of replies to `everything_requests`."""
    felt = counts(replies[0], "emotions")
    whole = np.array([*(felt.get(name, 0) for name in emotions), total(replies[0])], np.int64)
    by_day: dict[str, list[int]] = {}
    for reply in replies[1:]:
        posts, with_emotion = counts_by_bin(reply, "day"), emotions_by_bin(reply, "day")
        by_day |= {day: [*(with_emotion[day][name] for name in emotions), number] for day, number in posts.items()}
    days = sorted(by_day)
    table = np.array([by_day[day] for day in days], np.int64).reshape(len(days), len(whole))
    before = np.concatenate([np.zeros((1, len(whole)), np.int64), table.cumsum(axis=0)])
    return Everything(np.array(days, "datetime64[D]"), before, whole)


def _windows(facts: Facts) -> Iterator[State]:
    if facts.start is None or facts.end is None:
        return
    step = max(1, MOST_BINS // (len(facts.emotions) + 1))
    first, end = np.datetime64(facts.start), np.datetime64(facts.end)
    while first < end:
        after = min(first + step, end)
        yield replace(State(), start=str(first), end=str(after))
        first = after
