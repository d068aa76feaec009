"""The sentences of all matching posts, one after the other.

By date each part begins after the last post of the one before; in any other order they come page by page.
"""

from collections.abc import Iterator
from typing import Any

from feelscope.explore.search.request import listing, matching, of_orders
from feelscope.explore.search.rounds import Asking, ask_together
from feelscope.explore.views.orders import ORDERS, ordered
from feelscope.explore.views.question import MOST_ROWS, Question
from feelscope.explore.views.sentences import sentence_rows

_FIRST = 100  # posts of the first part, which is there at once; each later one has twice as many
_MOST = 5_000  # of a part, unless more posts than that have one order


def all_sentences(question: Question) -> Iterator[dict[str, Any]]:
    """The rows of (Q, F, T, E), without spans; what the index is asked for is never more than a few thousand posts."""
    return _by_date(question) if question.order == ORDERS[0] else _by_page(question)


def _by_page(question: Question) -> Iterator[dict[str, Any]]:
    first, posts = 0, 1
    while first < posts:
        posts, rows = ask_together(question.index.engine, {"page": _page(question, first)})["page"]
        yield from rows
        first += MOST_ROWS


def _page(question: Question, first: int) -> Asking:
    """How many posts there are, and rows of some; without how many have each title, which takes a request a row."""
    posts, page = yield from ordered(question, first, MOST_ROWS)
    return posts, (yield from sentence_rows(question, page, marked=False))


def _by_date(question: Question) -> Iterator[dict[str, Any]]:
    query = matching(question.state, question.subject)
    last: int | None = None
    seen: set[str] = set()  # posts of the last order
    size = _FIRST
    while True:
        part = query if last is None else of_orders(query, last, None)
        found = question.index.engine.search(listing(part, first=0, size=size))["hits"]["hits"]
        hits = [hit for hit in found if hit["_id"] not in seen]
        rows = sentence_rows(question, [hit["_source"] for hit in hits], marked=False)
        yield from ask_together(question.index.engine, {"rows": rows})["rows"]
        if len(found) < size:
            return
        before, last = last, int(found[-1]["sort"][0])
        seen = (seen if before == last else set()) | {hit["_id"] for hit in found if hit["sort"][0] == last}
        size = 2 * size if before == last else min(2 * size, _MOST)
