"""The subjects of a state, ranked, each with its timeline and the emotions that come with it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from feelscope.explore.search.bins import bins_request, counts_by_bin, emotions_by_bin
from feelscope.explore.search.engine import Reply, counts, total, value
from feelscope.explore.search.request import by_emotion, counting, matching
from feelscope.explore.search.rounds import Asking, and_at_first
from feelscope.explore.views.question import Question
from feelscope.explore.views.ranked_subjects import counted_rows, mentioning, ranked_subjects
from feelscope.explore.views.ranking import SubjectRow
from feelscope.metrics.intervals import LEVEL, difference

LEAST_POSTS = 20  # with a subject whose emotions are shown


def subjects_view(question: Question) -> Asking:
    """One page of the subjects within (Q, T, E)."""
    state = question.state
    first = [counting(matching(state, of_emotion=False), emotions=by_emotion()), mentioning(question)]
    # In the first round, as other views ask the same then.
    ranked, (everything, of_all) = yield from and_at_first(ranked_subjects(question), first)
    page, rows = question.subjects_page, question.rows
    shown = ranked[(page - 1) * rows : page * rows]
    return {
        "total": len(ranked),
        "page": page,
        "pages": question.pages(len(ranked)),
        "bins": [[start, end] for start, end, _ in question.bins()],
        "rows": (yield from _rows(question, shown, everything, value(of_all, "mentions"))) if shown else [],
    }


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
        shown = counted_rows(question, shown, posts, mentions)
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
