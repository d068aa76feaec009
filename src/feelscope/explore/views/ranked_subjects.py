"""Which subjects are first within (Q, T, E): all of few posts are counted, and of many posts those of a sample."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from feelscope.explore.search.document import SMALLEST_SAMPLE
from feelscope.explore.search.engine import Reply, buckets, total, value
from feelscope.explore.search.request import MOST_BINS, Query, Request, both, counting, matching, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question
from feelscope.explore.views.ranking import (
    LEAST,
    SubjectRow,
    best,
    best_of_all,
    in_order,
    merged_rows,
    not_ruled_out,
    scores,
)

_MENTIONS = {"sum": {"field": "mentions"}}
_FIRST_LOOK = 32_000  # subjects that are asked for at first
_OF_HALF = {"terms": {"field": "subject", "size": 5_000, "shard_size": 5_000, "min_doc_count": 2}}  # of a sample
RANKED_BY_SAMPLE = 8_000  # matching posts
SAMPLE = 40_000  # posts of a sample, or up to twice as many; of fewer it has all
_COUNTED = 20  # rows of such a ranking whose posts are counted before they are put in order
_SINGLE = 50  # that are counted one by one before more are listed


def first_subjects(question: Question, most: int) -> Asking:
    """The numbers of the subjects that are first within (Q, T, E)."""
    return [row.number for row in (yield from ranked_subjects(question))[:most]]


def ranked_subjects(question: Question) -> Asking:
    """Every row of a state, the best first.

    Of under 8,000 posts these are the exact best, though an engine gives the most frequent subjects and not the best.
    Of more posts they are those of a sample, see `document.sample_levels`, but for the first ones, which are counted.
    """
    vocabulary, posts, queries = question.index.vocabulary, question.index.facts.posts, [question.state.query]
    if not len(vocabulary.posts):
        return []
    query = matching(question.state)
    if "match_all" in query:
        by_number = best_of_all(vocabulary, posts)
        return merged_rows(best(by_number, vocabulary, vocabulary.mentions, posts), by_number, vocabulary, queries)
    asking = mentioning(question)
    if posts >= RANKED_BY_SAMPLE:
        (of_all,) = yield [asking]
        if (hits := total(of_all)) >= RANKED_BY_SAMPLE:
            level = min(max(0, (hits // SAMPLE).bit_length() - 1), SMALLEST_SAMPLE - 1)
            return (yield from _ranked_by_sample(question, level, value(of_all, "mentions")))
    size = _FIRST_LOOK
    while True:
        # Two requests, so that two processors share the work.
        reply, of_all = yield [counting(query, subjects=_frequent(size)), asking]
        mentions = value(of_all, "mentions")
        by_number = _by_number(reply)
        if mentions == vocabulary.mentions:  # all posts that have subjects match
            by_number = best_of_all(vocabulary, posts)
        ranked = best(by_number, vocabulary, mentions, posts)
        open_ones = [] if len(by_number) < size else not_ruled_out(ranked, by_number, vocabulary, mentions)
        if len(open_ones) <= _SINGLE or size >= MOST_BINS:
            break
        size = MOST_BINS
    if open_ones:
        replies = yield [counting(_with(query, number)) for number in open_ones]
        by_number |= dict(zip(open_ones, map(total, replies), strict=True))
        ranked = best(by_number, vocabulary, mentions, posts)
    return merged_rows(ranked, by_number, vocabulary, queries)


def _ranked_by_sample(question: Question, level: int, mentions: int) -> Asking:
    """The rows of a sample, the first of which are counted, and then have the order of their scores."""
    vocabulary, posts = question.index.vocabulary, question.index.facts.posts
    query = matching(question.state)
    sample = query if not level else both(query, _sampled(level))
    # In two halves, so that two processors share the work. An engine's parts give the most frequent subjects of their
    # own: what is near the last one may be guessed too low.
    halves = both(sample, _sampled(level + 1)), {"bool": {"filter": [sample], "must_not": [_sampled(level + 1)]}}
    requests = [counting(half, subjects=_OF_HALF) for half in halves]
    if level:
        requests.append(counting(sample, mentions=_MENTIONS))
    first, second, *of_sample = yield requests
    found = Counter(_by_number(first))
    found.update(_by_number(second))
    times = mentions / max(1, value(of_sample[0], "mentions")) if of_sample else 1.0
    most = vocabulary.posts[np.fromiter(found, np.int64, len(found))].tolist()
    estimated = {n: min(round(count * times), having) for (n, count), having in zip(found.items(), most, strict=True)}
    if mentions == vocabulary.mentions:
        estimated = best_of_all(vocabulary, posts)
    ranked = best(estimated, vocabulary, mentions, posts)
    rows = merged_rows(ranked, estimated, vocabulary, [question.state.query])
    rows = [replace(row, is_estimate=True) for row in rows]
    if not level or not rows:
        return rows
    replies = yield [counting(_with(query, row.number)) for row in rows[:_COUNTED]]
    return [*counted_rows(question, rows[:_COUNTED], [*map(total, replies)], mentions), *rows[_COUNTED:]]


def counted_rows(
    question: Question, rows: Sequence[SubjectRow], posts: Sequence[int], mentions: int
) -> list[SubjectRow]:
    """Rows with so many posts in place of estimates, in the order of the scores of these."""
    vocabulary, numbers = question.index.vocabulary, np.array([row.number for row in rows], np.int64)
    found = scores(np.array(posts, np.int64), numbers, vocabulary, mentions, question.index.facts.posts)
    pairs = zip(rows, posts, found.tolist(), strict=True)
    return in_order((replace(row, posts=n, score=score, is_estimate=False) for row, n, score in pairs), vocabulary)


def mentioning(question: Question) -> Request:
    """Asks for the posts of (Q, T, E), and how often these mention a subject."""
    return counting(matching(question.state), mentions=_MENTIONS)


def _frequent(size: int) -> dict[str, Any]:
    return {"terms": {"field": "subject", "size": size, "min_doc_count": LEAST}}


def _sampled(level: int) -> Query:
    return {"bool": {"filter": [term("sample", level)]}}


def _by_number(reply: Reply) -> dict[int, int]:
    return {int(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets(reply, "subjects")}


def _with(query: Query, number: int) -> Query:
    """Posts that match and have a subject."""
    return both(query, {"bool": {"filter": [term("subject", number)]}})
