"""A state as requests of the kind that Elasticsearch answers: the one definition of which post matches what.

    {"query": {"bool": {"filter": [{"term": {"words": {"value": "obama"}}},
                                   {"match_phrase": {"exact": {"query": "arab spring"}}},
                                   {"term": {"subject": {"value": 17}}},
                                   {"range": {"created_at": {"gte": "2012-01-01T00:00:00Z", "lt": ...}}},
                                   {"term": {"emotion": {"value": "fear"}}}],
                        "must_not": [{"term": {"words": {"value": "egypt"}}}]}},
     "size": 0, "track_total_hits": true, "aggs": {"bins": {"terms": {"field": "month", ...}}}}

Tantivy answers them in this process; Quickwit, Elasticsearch and OpenSearch over HTTP. Only what all of them know is
used: match_phrase, term, range, bool with filter, should or must_not; sum; terms, date_histogram with a fixed interval
and an offset, one inside another.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from feelscope.explore.search.area import Area
from feelscope.explore.search.document import facet_field
from feelscope.explore.search.query_text import All, Either, Leaf, Node, Not, parse_query
from feelscope.explore.search.state import State

Request = dict[str, Any]
Query = dict[str, Any]
_MOST_MONTHS = 6  # that are looked up; of more, a range is faster
MOST_BINS = 60_000  # engines refuse more buckets than about 65,000


def matching(
    state: State,
    subject: int | None = None,
    *,
    within_span: bool = True,
    of_emotion: bool = True,
    pictured: bool = False,
    but_facet: str = "",
    in_area: bool = True,
) -> Query:
    """Which posts match, as a query.

    Args:
        state: Settled; its subject does not count, as engines know subjects by number.
        subject: The number of a subject that posts must have.
        within_span: Whether T counts.
        of_emotion: Whether E counts.
        pictured: Whether posts must have a picture.
        but_facet: The facet whose value does not count.
        in_area: Whether the part of the map counts.
    """
    parsed = parse_query(state.query)
    if parsed.nothing:
        return {"match_none": {}}
    body = _every(parsed.node.parts if isinstance(parsed.node, All) else (parsed.node,)) if parsed.node else {}
    clauses: list[Query] = body.setdefault("filter", [])
    if subject is not None:
        clauses.append(term("subject", subject))
    if within_span and state.start is not None and state.end is not None:
        clauses.append(_in_time(state.start, state.end))
    if of_emotion and state.emotion is not None:
        clauses.append(term("emotion", state.emotion))
    if pictured:
        clauses.append(term("pictured", "true"))
    clauses += (term(facet_field(name), value) for name, value in state.facets if name != but_facet)
    if in_area and state.area is not None:
        clauses += _in_area(state.area)
    return _as_query(body)


def of_leaf(leaf: Leaf) -> Query:
    """Posts that have a word or a phrase, whether a query excludes it or not."""
    forms = [
        term(field, words[0]) if len(words) == 1 else {"match_phrase": {field: {"query": " ".join(words)}}}
        for field, words in leaf.forms
    ]
    return forms[0] if len(forms) == 1 else {"bool": {"should": forms}}


def _in_time(start: str, end: str) -> Query:
    """Posts of a span of days; a few whole months are looked up, which is up to ten times faster than a range."""
    if start.endswith("-01") and end.endswith("-01"):
        months = np.arange(np.datetime64(start[:7]), np.datetime64(end[:7]))
        if len(months) <= _MOST_MONTHS:
            return {"bool": {"should": [term("month", str(month)) for month in months]}}
    return {"range": {"created_at": {"gte": f"{start}T00:00:00Z", "lt": f"{end}T00:00:00Z"}}}


def _in_area(area: Area) -> list[Query]:
    spans = {"x": (area.left, area.right), "y": (area.bottom, area.top)}
    return [{"range": {field: {"gte": first, "lt": end}}} for field, (first, end) in spans.items()]


def on_map(query: Query) -> Query:
    """Posts that match and have a place on the map."""
    return both(query, {"bool": {"filter": [{"range": {"x": {"gte": 0}}}]}})


def _of_node(node: Node) -> Query:
    match node:
        case Leaf():
            return of_leaf(node)
        case Either(parts):
            return {"bool": {"should": [_of_node(part) for part in parts]}}
        case All(parts):
            return _as_query(_every(parts))
    return _as_query(_every((node,)))


def _every(parts: Sequence[Node]) -> dict[str, list[Query]]:
    """The inside of a `bool` that wants all parts."""
    body: dict[str, list[Query]] = {"filter": [_of_node(part) for part in parts if not isinstance(part, Not)]}
    if excluded := [_of_node(part.part) for part in parts if isinstance(part, Not)]:
        body["must_not"] = excluded
    return body


def _as_query(body: dict[str, list[Query]]) -> Query:
    """A `bool` of clauses; what only excludes begins with all posts, as not every engine does so by itself."""
    if not body.get("must_not"):
        return {"bool": body} if body["filter"] else {"match_all": {}}
    return {"bool": body | {"filter": body["filter"] or [{"match_all": {}}]}}


def both(one: Query, other: Query) -> Query:
    """Posts that match two queries of `matching`."""
    if "match_none" in one or "match_none" in other:
        return {"match_none": {}}
    narrowing = [query for query in (one, other) if "match_all" not in query]
    return {"bool": {"filter": narrowing}} if narrowing else {"match_all": {}}


def of_orders(query: Query, first: int, end: int | None) -> Query:
    """Posts that match and whose `order` is in a span; None for one that has no end."""
    span = {"gte": first} if end is None else {"gte": first, "lt": end}
    return both(query, {"bool": {"filter": [{"range": {"order": span}}]}})


def term(field: str, value: str | int) -> Query:
    """Posts with a value, in the one form that Quickwit reads too."""
    return {"term": {field: {"value": value}}}


def counting(query: Query, **aggregations: Mapping[str, Any]) -> Request:
    """How many posts match, altogether and by what is aggregated."""
    request: Request = {"query": query, "size": 0, "track_total_hits": True}
    return request | ({"aggs": dict(aggregations)} if aggregations else {})


def listing(
    query: Query, *, first: int, size: int, by: str = "order", descending: bool = False, fields: Sequence[str] = ()
) -> Request:
    """Matching posts in an order, from number `first` on, which counts from 0.

    Args:
        fields: Numbers to give of each post, in place of the post.
    """
    sort = [{by: "desc" if descending else "asc"}]
    request: Request = {"query": query, "size": size, "from": first, "track_total_hits": True, "sort": sort}
    return request | ({"_source": False, "docvalue_fields": [*fields]} if fields else {})


def by_emotion() -> dict[str, Any]:
    """Counts by emotion."""
    return {"terms": {"field": "emotion", "size": 1000}}
