"""Subjects of the two sides of a comparison: those that are more frequent on one, and those on the other.

An engine lists the most frequent subjects of a query and not the most telling ones, and not all of very many. A subject
that is on no list has at most as many posts as the last one listed, which bounds its score; single counts are asked for
until no subject that is not known for sure can be among the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feelscope.explore.index.vocabulary import Vocabulary
from feelscope.explore.search.engine import Reply, counts, total
from feelscope.explore.search.request import MOST_BINS, Query, both, counting, matching, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.keyness import signed_g2
from feelscope.explore.views.question import Question
from feelscope.explore.views.ranking import BEST, LEAST, SubjectRow, merged_rows
from feelscope.metrics.exact_test import exact_p
from feelscope.metrics.intervals import LEVEL

MOST_LISTED = MOST_BINS  # subjects of a query


@dataclass(slots=True, eq=False)
class _Listed:
    """How many posts of a query have each subject, as far as is known.

    Args:
        having: (V,), 0 for what is not known.
        known: (V,).
        most: Posts that a subject which is not known has at most.
    """

    query: Query
    posts: int
    having: np.ndarray
    known: np.ndarray
    most: int

    def highest(self) -> np.ndarray:
        return np.where(self.known, self.having, self.most)


def contrast(question: Question) -> Asking:
    """One page of the subjects of each side, of (Q, T, E) and of what it is compared with."""
    side, vocabulary = question.against, question.index.vocabulary
    if side is None or not len(vocabulary.posts):
        return {"subjects": 0, "more": _page([], question), "less": _page([], question)}
    queries = [matching(question.state), *side.queries()]
    if side.less is not None:  # the posts that are taken off are those of the first side
        queries.pop()
    is_rest = side.less is not None
    asked = [query for query in queries if "match_all" not in query]
    replies = iter((yield [_listing(query) for query in asked]))
    listed = [
        _of_everything(question) if "match_all" in query else _of_reply(query, next(replies), vocabulary)
        for query in queries
    ]
    first, other = listed
    sizes = (first.posts, other.posts - first.posts if is_rest else other.posts)
    if not min(sizes):
        return {"subjects": 0, "more": _page([], question), "less": _page([], question)}
    columns: list[list[SubjectRow]] = []
    words = (question.state.query, side.state.query)
    for is_first in (True, False):
        scores, unknown = _best(first, other, is_rest, sizes, is_first)
        while unknown:
            single = [(one, number) for one in listed for number in unknown if not one.known[number]]
            requests = [counting(both(one.query, {"bool": {"filter": [term("subject", n)]}})) for one, n in single]
            for (one, number), reply in zip(single, (yield requests), strict=True):
                one.having[number], one.known[number] = total(reply), True
            scores, unknown = _best(first, other, is_rest, sizes, is_first)
        best = sorted(scores, key=lambda number: (-round(scores[number], 9), vocabulary.text(number)))[:BEST]
        pairs = [(number, scores[number]) for number in best]
        having = first.having if is_first else _other(first, other, is_rest)
        counted = {n: int(having[n]) for n in best}
        columns.append(merged_rows(pairs, counted, vocabulary, words, without_queries=not side.by_time))
    return {
        "subjects": len(vocabulary.posts),
        "posts": sizes[0],
        "other_posts": sizes[1],
        "more": _page(_rows(question, columns[0], first, other, sizes), question),
        "less": _page(_rows(question, columns[1], first, other, sizes), question),
    }


def _of_everything(question: Question) -> _Listed:
    """All posts of the archive, of which the vocabulary knows the numbers."""
    posts = question.index.vocabulary.posts.astype(np.int64)
    return _Listed({"match_all": {}}, question.index.facts.posts, posts, np.ones(len(posts), bool), 0)


def _of_reply(query: Query, reply: Reply, vocabulary: Vocabulary) -> _Listed:
    by_number = {int(number): count for number, count in counts(reply, "subjects").items()}
    having, known = np.zeros(len(vocabulary.posts), np.int64), np.zeros(len(vocabulary.posts), bool)
    numbers = np.fromiter(by_number, np.int64, len(by_number))
    having[numbers], known[numbers] = [*by_number.values()], True
    is_all = len(by_number) < MOST_LISTED
    return _Listed(query, total(reply), having, known | is_all, 0 if is_all else min(by_number.values()))


def _best(
    first: _Listed, other: _Listed, is_rest: bool, sizes: tuple[int, int], is_first: bool
) -> tuple[dict[int, float], list[int]]:
    """The subjects with the best scores, or bounds, of a column, all equals of the last too; and those not known."""
    scores = _bounds(first, other, is_rest, sizes, is_first)
    places = np.flatnonzero(scores)
    if len(places) > BEST:
        worst = np.partition(scores[places], -BEST)[-BEST]
        places = places[scores[places] >= worst]
    unknown = places[~(first.known[places] & other.known[places])]
    return dict(zip(places.tolist(), scores[places].tolist(), strict=True)), unknown.tolist()


def _listing(query: Query) -> dict[str, Any]:
    return counting(query, subjects={"terms": {"field": "subject", "size": MOST_LISTED}})


def _other(first: _Listed, other: _Listed, is_rest: bool) -> np.ndarray:
    return other.having - first.having if is_rest else other.having


def _bounds(first: _Listed, other: _Listed, is_rest: bool, sizes: tuple[int, int], is_first: bool) -> np.ndarray:
    """The score that each subject has in a column, or at most; 0 where it cannot be in it, (V,)."""
    most, least = (first, other) if is_first else (other, first)
    here, there = most.highest(), least.having
    if is_rest:  # the other side is all posts less those of the first
        here, there = (
            (first.highest(), np.maximum(other.having - first.highest(), 0))
            if is_first
            else (np.maximum(other.highest() - first.having, 0), first.having)
        )
    own, others = sizes if is_first else sizes[::-1]
    here, there = np.minimum(here, own), np.minimum(there, others)
    scores = signed_g2(here, own, there, others)
    return np.asarray(np.where((here >= LEAST) & (scores > 0), scores, 0.0))


def _rows(
    question: Question,
    rows: Sequence[SubjectRow],
    first: _Listed,
    other: _Listed,
    sizes: tuple[int, int],
) -> list[dict[str, Any]]:
    """Rows as JSON has them; `p` is corrected for all subjects of the archive (Bonferroni)."""
    side, vocabulary = question.against, question.index.vocabulary
    numbers = np.array([row.number for row in rows], np.int64)
    having = first.having[numbers].tolist()
    there = _other(first, other, side is not None and side.less is not None)[numbers].tolist()
    found = []
    for row, here, others in zip(rows, having, there, strict=True):
        difference = here / sizes[0] - others / sizes[1]
        p = min(1.0, exact_p(here, sizes[0], others, sizes[1]) * len(vocabulary.posts))
        found.append(
            {
                "subject": vocabulary.text(row.number),
                "kind": vocabulary.kind(row.number),
                "posts": here,
                "other_posts": others,
                "g2": row.score if difference > 0 else -row.score,
                "difference": difference,
                "p": p,
                "clear": p < 1 - LEVEL,
                "merged": [vocabulary.text(number) for number in row.merged],
            }
        )
    return found


def _page(rows: Sequence[dict[str, Any]], question: Question) -> dict[str, Any]:
    page, size = question.subjects_page, question.rows
    return {
        "total": len(rows),
        "page": page,
        "pages": question.pages(len(rows)),
        "rows": [*rows[(page - 1) * size : page * size]],
    }
