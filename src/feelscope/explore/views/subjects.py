"""The subjects of a state, ranked, each with its timeline and the emotions that come with it."""

from collections.abc import Sequence

import numpy as np

from feelscope.explore.search.bins import bins_request, counts_by_bin
from feelscope.explore.search.engine import Reply, counts, total, value
from feelscope.explore.search.request import MOST_BINS, both, by_emotion, counting, matching, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question
from feelscope.explore.views.ranking import LEAST, SubjectRow, best, merged_rows, not_ruled_out
from feelscope.metrics.intervals import LEVEL, difference

LEAST_POSTS = 20  # with a subject whose emotions are shown
_MENTIONS = {"value_count": {"field": "subject"}}
_FIRST_LOOK = 8000  # subjects that are asked for at first
_SINGLE = 50  # that are counted one by one before more are listed


def subjects_view(question: Question) -> Asking:
    """One page of the subjects within (Q, T, E)."""
    ranked = yield from _ranked(question)
    page, rows = question.subjects_page, question.rows
    shown = ranked[(page - 1) * rows : page * rows]
    return {
        "total": len(ranked),
        "page": page,
        "pages": question.pages(len(ranked)),
        "bins": [[start, end] for start, end, _ in question.bins()],
        "rows": (yield from _rows(question, shown)) if shown else [],
    }


def first_subjects(question: Question, most: int) -> Asking:
    """The numbers of the subjects that are first within (Q, T, E)."""
    return [row.number for row in (yield from _ranked(question))[:most]]


def _ranked(question: Question) -> Asking:
    """Every row of a state: the exact best, though an engine gives the most frequent subjects and not the best."""
    vocabulary, posts = question.index.vocabulary, question.index.facts.posts
    if not len(vocabulary.posts):
        return []
    query, size = matching(question.state), _FIRST_LOOK
    while True:
        frequent = {"terms": {"field": "subject", "size": size, "min_doc_count": LEAST}}
        # Two requests, as an engine walks the subjects of a post twice for one that counts both.
        reply, all_of_it = yield [counting(query, subjects=frequent), counting(query, mentions=_MENTIONS)]
        mentions = value(all_of_it, "mentions")
        by_number = {int(number): count for number, count in counts(reply, "subjects").items()}
        if mentions == vocabulary.mentions:  # all posts that have subjects match
            by_number = dict(enumerate(vocabulary.posts.tolist()))
        scores = best(by_number, vocabulary, mentions, posts)
        open_ones = [] if len(by_number) < size else not_ruled_out(scores, by_number, vocabulary, mentions)
        if len(open_ones) <= _SINGLE or size >= MOST_BINS:
            break
        size = min(size * 4, MOST_BINS)
    if open_ones:
        requests = [counting(both(query, {"bool": {"filter": [term("subject", number)]}})) for number in open_ones]
        by_number |= zip(open_ones, map(total, (yield requests)), strict=True)
        scores = best(by_number, vocabulary, mentions, posts)
    return merged_rows(scores, by_number, vocabulary, [question.state.query])


def _rows(question: Question, shown: Sequence[SubjectRow]) -> Asking:
    """Rows as JSON has them; one round of requests for all."""
    state, unit = question.state, question.unit
    at_once = question.drawn == state and state.emotion is None  # then both figures are of the same posts
    requests = [counting(matching(state, of_emotion=False), emotions=by_emotion())]
    for row in shown:
        in_time = bins_request(matching(question.drawn, row.number), unit)
        felt = counting(matching(state, row.number, of_emotion=False), emotions=by_emotion())
        requests += [in_time | {"aggs": in_time["aggs"] | felt["aggs"]}] if at_once else [in_time, felt]
    everything, *replies = yield requests
    in_times, felts = (replies, replies) if at_once else (replies[::2], replies[1::2])
    vocabulary, rows, of_bins = question.index.vocabulary, [], question.bins()
    for row, in_time, felt in zip(shown, in_times, felts, strict=True):
        by_bin = counts_by_bin(in_time, unit)
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
