"""The subjects of a state, ranked, each with its timeline and the emotions that come with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from feelscope.explore.search.bins import bins_request, counts_by_bin, emotions_by_bin
from feelscope.explore.search.document import SMALLEST_SAMPLE
from feelscope.explore.search.engine import Reply, buckets, counts, total, value
from feelscope.explore.search.request import MOST_BINS, Query, Request, both, by_emotion, counting, matching, term
from feelscope.explore.search.rounds import Asking, and_at_first
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
from feelscope.metrics.intervals import LEVEL, difference

LEAST_POSTS = 20  # with a subject whose emotions are shown
_MENTIONS = {"sum": {"field": "mentions"}}
_FIRST_LOOK = 32_000  # subjects that are asked for at first
_OF_HALF = {"terms": {"field": "subject", "size": 5_000, "shard_size": 5_000, "min_doc_count": 2}}  # of a sample
RANKED_BY_SAMPLE = 8_000  # matching posts
SAMPLE = 40_000  # posts of a sample, or up to twice as many; of fewer it has all
_COUNTED = 20  # rows of such a ranking whose posts are counted before they are put in order
_SINGLE = 50  # that are counted one by one before more are listed


def subjects_view(question: Question) -> Asking:
    """One page of the subjects within (Q, T, E)."""
    state = question.state
    first = [counting(matching(state, of_emotion=False), emotions=by_emotion()), _mentioning(question)]
    ranked, (everything, of_all) = yield from and_at_first(_ranked(question), first)  # when other views ask the same
    page, rows = question.subjects_page, question.rows
    shown = ranked[(page - 1) * rows : page * rows]
    return {
        "total": len(ranked),
        "page": page,
        "pages": question.pages(len(ranked)),
        "bins": [[start, end] for start, end, _ in question.bins()],
        "rows": (yield from _rows(question, shown, everything, value(of_all, "mentions"))) if shown else [],
    }


def first_subjects(question: Question, most: int) -> Asking:
    """The numbers of the subjects that are first within (Q, T, E)."""
    return [row.number for row in (yield from _ranked(question))[:most]]


def _ranked(question: Question) -> Asking:
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
    mentioning = _mentioning(question)
    if posts >= RANKED_BY_SAMPLE:
        (of_all,) = yield [mentioning]
        if (hits := total(of_all)) >= RANKED_BY_SAMPLE:
            level = min(max(0, (hits // SAMPLE).bit_length() - 1), SMALLEST_SAMPLE - 1)
            return (yield from _ranked_by_sample(question, level, value(of_all, "mentions")))
    size = _FIRST_LOOK
    while True:
        # Two requests, so that two processors share the work.
        reply, of_all = yield [counting(query, subjects=_frequent(size)), mentioning]
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
    *replies, of_sample = yield [
        *(counting(half, subjects=_OF_HALF) for half in halves),
        counting(sample, mentions=_MENTIONS),
    ]
    found = Counter(_by_number(replies[0]))
    found.update(_by_number(replies[1]))
    times = mentions / max(1, value(of_sample, "mentions"))
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
    return [*_counted(question, rows[:_COUNTED], [*map(total, replies)], mentions), *rows[_COUNTED:]]


def _counted(question: Question, rows: Sequence[SubjectRow], posts: Sequence[int], mentions: int) -> list[SubjectRow]:
    """Rows with so many posts in place of estimates, in the order of the scores of these."""
    vocabulary, numbers = question.index.vocabulary, np.array([row.number for row in rows], np.int64)
    found = scores(np.array(posts, np.int64), numbers, vocabulary, mentions, question.index.facts.posts)
    pairs = zip(rows, posts, found.tolist(), strict=True)
    return in_order((replace(row, posts=n, score=score, is_estimate=False) for row, n, score in pairs), vocabulary)


def _mentioning(question: Question) -> Request:
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


def _rows(question: Question, shown: Sequence[SubjectRow], everything: Reply, mentions: int) -> Asking:
    """Rows as JSON has them; one round of requests for all.

    Args:
        everything: Counts by emotion of (Q, T).
        mentions: Of all subjects together, by the posts of (Q, T, E).
    """
    state, unit = question.state, question.unit
    at_once = question.drawn == state  # then both figures are of the same posts, or of those of one emotion among them
    emotion = state.emotion if at_once else None
    requests = []
    for row in shown:
        felt = counting(matching(state, row.number, of_emotion=False), emotions=by_emotion())
        in_time = bins_request(
            matching(question.drawn, row.number, of_emotion=not at_once), unit, emotions=emotion is not None
        )
        requests += [in_time | {"aggs": in_time["aggs"] | felt["aggs"]}] if at_once else [in_time, felt]
    replies = yield requests
    in_times, felts = (replies, replies) if at_once else (replies[::2], replies[1::2])
    vocabulary, rows, of_bins = question.index.vocabulary, [], question.bins()
    by_number = {row.number: pair for row, pair in zip(shown, zip(in_times, felts, strict=True), strict=True)}
    if any(row.is_estimate for row in shown):
        posts = [
            total(felt) if state.emotion is None else counts(felt, "emotions").get(state.emotion, 0) for felt in felts
        ]
        shown = _counted(question, shown, posts, mentions)
    for row in shown:
        in_time, felt = by_number[row.number]
        by_bin = counts_by_bin(in_time, unit)
        if emotion is not None:
            by_bin = Counter({key: of_bin[emotion] for key, of_bin in emotions_by_bin(in_time, unit).items()})
        rows.append(
            {
                "subject": vocabulary.text(row.number),
                "kind": vocabulary.kind(row.number),
                "posts": row.posts,
                "archive_posts": int(vocabulary.posts[row.number]),
                "score": row.score,
                "merged": [vocabulary.text(number) for number in row.merged],
                "sparkline": [by_bin[key] for _, _, key in of_bins],
                "emotions": _differences(question, felt, everything, len(shown)),
            }
        )
    return rows


def _differences(question: Question, having: Reply, everything: Reply, subjects: int) -> list[dict[str, object]] | None:
    """For each emotion its share among posts with a subject, less its share among those without, with its interval.

    The intervals hold for all emotions of all subjects of a page together (Bonferroni).

    Args:
        having: Counts by emotion of the posts with the subject.
        everything: The same of all posts, with and without it.
        subjects: Of the page.

    Returns:
        None where under 20 posts have it, or all.
    """
    posts_having, posts = total(having), total(everything)
    if not LEAST_POSTS <= posts_having < posts:
        return None
    emotions = question.index.facts.emotions
    felt_having, felt = (
        np.array([by_emotion.get(name, 0) for name in emotions])  # (K,)
        for by_emotion in (counts(having, "emotions"), counts(everything, "emotions"))
    )
    level = 1 - (1 - LEVEL) / (subjects * max(1, len(emotions)))
    others = felt - felt_having  # (K,)
    intervals = np.array(difference(felt_having, posts_having, others, posts - posts_having, level))  # (3, K)
    return [
        {"emotion": name, "difference": middle, "low": low, "high": high}
        for name, (middle, low, high) in zip(emotions, intervals.T.tolist(), strict=True)
    ]
