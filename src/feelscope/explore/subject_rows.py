"""The subjects of a state, ranked, each with its timeline and the emotions that come with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from feelscope.explore.engine import counts, total
from feelscope.explore.ranking import Row, best, least_that_counts, rows
from feelscope.explore.request import MOST_BINS, by_emotion, by_subject, counting, matching
from feelscope.explore.rounds import Asking
from feelscope.explore.state import State
from feelscope.explore.timeline import bins, counts_by_bin, request
from feelscope.metrics.intervals import difference

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

ROWS_A_PAGE = 10
LEAST = 20  # posts with a subject whose emotions are shown
_FIRST_LOOK = 1000  # subjects that are asked for at first


def subjects_view(archive: "Archive", state: State, unit: str, page: int) -> Asking:
    """One page of the subjects within (Q, T, E).

    Args:
        state: Settled; its subject does not count.
        unit: Of the sparklines' bins.
        page: From 1 on.
    """
    ranked = yield from _ranked(archive, state)
    shown = ranked[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    return {
        "total": len(ranked),
        "page": page,
        "pages": max(1, -(-len(ranked) // ROWS_A_PAGE)),
        "rows": (yield from _rows(archive, state, unit, shown)) if shown else [],
    }


def _ranked(archive: "Archive", state: State) -> Asking:
    """Every row of a state: the exact best, though an engine gives the most frequent subjects and not the best."""
    vocabulary, posts = archive.vocabulary, archive.facts.posts
    if not len(vocabulary.posts):
        return []
    query, rarest = matching(state), int(vocabulary.posts.min())
    size = _FIRST_LOOK
    while True:
        (reply,) = yield [counting(query, subjects=by_subject(size))]
        found = {int(number): count for number, count in counts(reply, "subjects").items()}
        scores = best(found, vocabulary, posts)
        if len(found) < size or size >= MOST_BINS or min(found.values()) < least_that_counts(scores, posts, rarest):
            return rows(scores, found, vocabulary, state.query)
        size = min(size * 8, MOST_BINS)


def _rows(archive: "Archive", state: State, unit: str, shown: list[Row]) -> Asking:
    """Rows as JSON has them; one round of requests for all."""
    vocabulary, emotions = archive.vocabulary, archive.facts.emotions
    everywhere = replace(state, start=None, end=None)
    requests = [counting(matching(state, of_emotion=False), emotions=by_emotion())]
    at_once = state.start is None and state.emotion is None  # then both figures are of the same posts
    for row in shown:
        line = request(matching(everywhere, row.number), unit)
        felt = counting(matching(state, row.number, of_emotion=False), emotions=by_emotion())
        requests += [{**line, "aggs": {**line["aggs"], **felt["aggs"]}}] if at_once else [line, felt]
    everything, *replies = yield requests
    all_posts, all_felt = total(everything), counts(everything, "emotions")
    made = []
    lines, felts = (replies, replies) if at_once else (replies[::2], replies[1::2])
    for row, in_time, felt_reply in zip(shown, lines, felts, strict=True):
        by_bin = counts_by_bin(in_time, unit)
        with_it = total(felt_reply)
        differences = None
        if LEAST <= with_it < all_posts:
            differences = _differences(emotions, counts(felt_reply, "emotions"), with_it, all_felt, all_posts)
        made.append(
            {
                "subject": vocabulary.text(row.number),
                "kind": vocabulary.kind(row.number),
                "posts": row.posts,
                "archive_posts": int(vocabulary.posts[row.number]),
                "score": row.score,
                "merged": [vocabulary.text(number) for number in row.merged],
                "sparkline": [by_bin[key] for _, _, key in bins(archive.facts, unit)],
                "emotions": differences,
            }
        )
    return made


def _differences(
    emotions: Sequence[str], felt_with: Mapping[str, int], posts_with: int, felt: Mapping[str, int], posts: int
) -> list[dict[str, object]]:
    """For each emotion its share among posts with a subject, less its share among those without, with its interval."""
    having, everything = (np.array([found.get(name, 0) for name in emotions]) for found in (felt_with, felt))  # (K,)
    found = np.array(difference(having, posts_with, everything - having, posts - posts_with))  # (3, K)
    return [
        {"emotion": name, "difference": middle, "low": low, "high": high}
        for name, (middle, low, high) in zip(emotions, found.T.tolist(), strict=True)
    ]
