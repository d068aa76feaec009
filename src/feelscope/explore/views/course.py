"""The course of one emotion: its share of the posts of (Q, F) over time, beside the archive's, with what happened.

Its unit is the finest, from that of the timeline on, by which at least half of the posts are in bins that have enough
for a share.
"""

from collections import Counter
from typing import Any

import numpy as np

from feelscope.explore.search.bins import (
    AUTO,
    LEAST_POSTS,
    UNITS,
    bin_of,
    bins,
    bins_request,
    cut,
    emotions_by_bin,
)
from feelscope.explore.search.request import MOST_BINS, matching
from feelscope.explore.search.rounds import Asking
from feelscope.explore.search.state import Facts
from feelscope.explore.trend.trend import Trend
from feelscope.explore.views.question import Question
from feelscope.metrics.intervals import wilson

Json = dict[str, Any]


def course(question: Question) -> Asking:
    """The course of the question's emotion over the time that is drawn; None where it asks for none."""
    if question.course is None:
        return None
    facts, drawn, side = question.facts_drawn, question.drawn, question.against
    k = facts.emotions.index(question.course)
    smallest = _smallest_unit(facts, question)
    requests = [bins_request(matching(drawn, question.subject, of_emotion=False), smallest, emotions=True)]
    if side is not None and not side.by_time:
        others = side.queries(question.subject, within=drawn, of_emotion=False)
        requests += (bins_request(query, smallest, emotions=True) for query in others)
    first, *rest = (emotions_by_bin(reply, smallest) for reply in (yield requests))
    unit = question.unit if question.asked_unit != AUTO else _fitting_unit(first, smallest, question.unit)
    trend = Trend.of_bins(first, facts, unit)
    other = None
    if rest:
        tables = [Trend.of_bins(one, facts, unit).counts for one in rest]
        other = tables[0] - tables[1] if len(tables) > 1 else tables[0]  # (T, K)
    all_bins = cut(bins(facts, unit), drawn.start, drawn.end)
    archive = question.index.everything[0].by_bin(all_bins)[:, :-1]  # (T, K)
    happened: Json = {"changes": [], "events": [], "levels": []}
    if trend.posts.sum():
        happened = _happened(trend, question.course)
    of_query, of_archive, of_other = (_shares(one, k) for one in (trend.counts, archive, other))
    return {
        "emotion": question.course,
        "unit": unit,
        **happened,
        "bins": [
            {
                "from": start,
                "to": end,
                **of_query[t],
                "archive": of_archive[t],
                **({} if other is None else {"other": of_other[t]}),
            }
            for t, (start, end, _) in enumerate(all_bins)
            if of_archive[t]["posts"]
        ],
    }


def _smallest_unit(facts: Facts, question: Question) -> str:
    """Days where an engine can count as many by emotion, months otherwise."""
    if facts.start is None or facts.end is None:
        return "month"
    days = int((np.datetime64(facts.end) - np.datetime64(facts.start)).astype(int))
    fits = days * (len(facts.emotions) + 1) <= MOST_BINS
    return "day" if fits or question.unit in ("day", "week") else "month"


def _fitting_unit(counts: dict[str, Counter[str]], smallest: str, least: str) -> str:
    units = [unit for unit in UNITS[UNITS.index(least) :] if smallest == "day" or unit != "week"]
    posts = sum(felt.total() for felt in counts.values())
    for unit in units:
        by_bin: Counter[str] = Counter()
        for key, felt in counts.items():
            by_bin[bin_of(key, unit)] += felt.total()
        if sum(number for number in by_bin.values() if number >= LEAST_POSTS) * 2 >= max(1, posts):
            return unit
    return units[-1]


def _shares(counts: np.ndarray | None, k: int) -> list[Json]:
    """Posts, those with the emotion, and its share with its interval, by bin; no share where a bin has few posts."""
    if counts is None:
        return []
    posts, having = counts.sum(axis=1), counts[:, k]
    enough = posts >= LEAST_POSTS
    low, high = wilson(having, np.maximum(posts, 1))
    return [
        {
            "posts": int(number),
            "with_it": int(felt),
            "share": float(felt / number) if shown else None,
            "low": float(start) if shown else None,
            "high": float(end) if shown else None,
        }
        for number, felt, shown, start, end in zip(posts, having, enough, low, high, strict=True)
    ]


def _happened(trend: Trend, emotion: str) -> Json:
    """The changes and short events of an emotion, and its level in each stretch between changes of the mix."""
    k = trend.emotions.index(emotion)
    changes = []
    for change in trend.changes():
        (row,) = (row for row in change["emotions"] if row["emotion"] == emotion)
        if row["low"] > 0 or row["high"] < 0:
            changes.append({name: change[name] for name in ("at", "from", "to")} | row)
    levels = [
        {
            "from": trend.bins[first][0],
            "to": trend.bins[after - 1][1],
            "share": float(trend.level((first, after))[0][k]),
        }
        for first, after in trend.stretches
    ]
    events = [event for event in trend.events() if event["emotion"] == emotion]
    return {"changes": changes, "events": events, "levels": levels}
