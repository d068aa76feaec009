"""The orders that sentences are read in: every matching post once, whatever the order, and any page of it.

| order | first |
|---|---|
| `oldest` | the first date; posts without a date last |
| `newest` | the last date; posts without a date last |
| `surest` | the highest probability of the post's emotion, which is E where E is set; posts without one last |
| `best` | the words of Q as typed, one after another; then all of them as typed; then the rest; of each the shortest |
| `typical` | most of the four subjects that are first for (Q, T, E); of each the surest |

An order is a row of parts, each of which is a query and a field to sort by. Equals are in the order of the table, as
the fields tell all posts apart. Without words the best match is the surest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.search.engine import total
from feelscope.explore.search.query_text import Leaf, parse_query
from feelscope.explore.search.request import Query, counting, listing, matching, of_leaf, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.paging import page_of
from feelscope.explore.views.question import Question
from feelscope.explore.views.ranked_subjects import first_subjects

ORDERS = ("oldest", "newest", "surest", "best", "typical")
_SUBJECTS = 4  # that a typical post mentions
_EVER = {"range": {"created_at": {"gte": "1678-01-01T00:00:00Z", "lt": "2262-01-01T00:00:00Z"}}}  # every date


@dataclass(frozen=True, slots=True)
class _Part:
    """Posts in an order: those of a query, by a field."""

    query: Query
    by: str
    descending: bool = False


def check_order(order: str) -> None:
    """Raises `ExploreError` for anything that is not an order."""
    if order not in ORDERS:
        raise ExploreError(f"{order[:40]!r} is not an order; {did_you_mean(order[:40], ORDERS)}")


def ordered(question: Question, first: int, size: int) -> Asking:
    """How many posts of (Q, F, T, E) there are, and some of them in the question's order, from number `first` on."""
    if question.order == ORDERS[0]:
        return (yield from page_of(matching(question.state, question.subject), first, size))
    parts = yield from _parts(question)
    if len(parts) == 1 and not first:
        (reply,) = yield [_listing(parts[0], 0, size)]
        return total(reply), _posts(reply)
    # An engine makes room for all that come before a page, so it is asked for none that is not there.
    totals = list(map(total, (yield [counting(part.query) for part in parts])))
    asked, before = [], 0
    for part, posts in zip(parts, totals, strict=True):
        start, end = max(first, before), min(first + size, before + posts)
        if start < end:
            asked.append(_listing(part, start - before, end - start))
        before += posts
    replies = (yield asked) if asked else []
    return before, [post for reply in replies for post in _posts(reply)]


def _listing(part: _Part, first: int, size: int) -> dict[str, Any]:
    return listing(part.query, first=first, size=size, by=part.by, descending=part.descending)


def _posts(reply: dict[str, Any]) -> list[dict[str, Any]]:
    return [hit["_source"] for hit in reply["hits"]["hits"]]


def _parts(question: Question) -> Asking:
    state, order = question.state, question.order
    query = matching(state, question.subject)
    if "match_none" in query:
        return [_Part(query, "order")]
    if order == "newest":
        newest = [_Part(_but(query, [_EVER]), "order", descending=True)]
        undated = question.index.facts.undated and state.start is None
        return [*newest, _Part(_but(query, [], [_EVER]), "order")] if undated else newest
    if order == "typical":
        subjects = yield from first_subjects(question, _SUBJECTS)
        return [_Part(part, "sure", descending=True) for part in _by_number(query, subjects)]
    leaves = [leaf for leaf in parse_query(state.query).leaves if not leaf.excluded]
    if order == "surest" or not leaves:
        return [_Part(query, "sure", descending=True)]
    return [_Part(part, "length") for part in _by_tier(query, leaves)]


def _by_tier(query: Query, leaves: Sequence[Leaf]) -> list[Query]:
    """Posts with the words as typed and one after another, those with all of them as typed, and the others."""
    exact = [of_leaf(leaf) if leaf.word is None else term("exact", leaf.word) for leaf in leaves]
    tiers = [_but(query, exact), _but(query, [], [{"bool": {"filter": exact}}])]
    words = [word for leaf in leaves for word in ((leaf.word,) if leaf.word is not None else leaf.forms[0][1])]
    if len(words) < 2:
        return tiers
    in_a_row = {"match_phrase": {"exact": {"query": " ".join(words)}}}
    return [_but(query, [*exact, in_a_row]), _but(query, exact, [in_a_row]), tiers[1]]


def _by_number(query: Query, subjects: Sequence[int]) -> list[Query]:
    """Posts with all of some subjects, with all but one, and so on to those with none."""
    having = [term("subject", number) for number in subjects]
    at_least = [
        {"bool": {"should": [{"bool": {"filter": list(some)}} for some in combinations(having, number)]}}
        for number in range(len(having), 0, -1)
    ]
    if not at_least:
        return [query]
    first = _but(query, [at_least[0]])
    others = [_but(query, [here], [more]) for more, here in pairwise(at_least)]
    return [first, *others, _but(query, [], [at_least[-1]])]


def _but(query: Query, wanted: Sequence[Query], excluded: Sequence[Query] = ()) -> Query:
    """A query with more that posts must have, and must not have."""
    body: dict[str, list[Query]] = {"filter": [query, *wanted]}
    return {"bool": body | ({"must_not": list(excluded)} if excluded else {})}
