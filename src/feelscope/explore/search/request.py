"""A state as requests of the kind that Elasticsearch answers: the one definition of which post matches what.

    {"query": {"bool": {"filter": [{"match": {"words": {"query": "obama speech", "operator": "and"}}},
                                   {"term": {"subject": {"value": 17}}},
                                   {"range": {"created_at": {"gte": "2012-01-01T00:00:00Z", "lt": ...}}},
                                   {"term": {"emotion": {"value": "fear"}}}]}},
     "size": 0, "track_total_hits": true, "aggs": {"bins": {"terms": {"field": "month", ...}}}}

Tantivy answers them in this process; Quickwit, Elasticsearch and OpenSearch over HTTP. Only what all of them know is
used: match, match_phrase, term, range; terms, date_histogram with a fixed interval, one inside another.
"""

from collections.abc import Mapping
from typing import Any

from feelscope.explore.search.query_text import parse_query
from feelscope.explore.search.state import State

Request = dict[str, Any]
Query = dict[str, Any]
MOST_BINS = 60_000  # engines refuse more buckets than about 65,000


def matching(
    state: State,
    subject: int | None = None,
    *,
    within_span: bool = True,
    of_emotion: bool = True,
    pictured: bool = False,
) -> Query:
    """Which posts match, as a query.

    Args:
        state: Settled; its subject does not count, as engines know subjects by number.
        subject: The number of a subject that posts must have.
        within_span: Whether T counts.
        of_emotion: Whether E counts.
        pictured: Whether posts must have a picture.
    """
    parsed = parse_query(state.query)
    if parsed.nothing:
        return {"match_none": {}}
    clauses: list[dict[str, Any]] = []
    if parsed.words:
        clauses.append({"match": {"words": {"query": " ".join(parsed.words), "operator": "and"}}})
    clauses += ({"match_phrase": {"words": {"query": " ".join(phrase)}}} for phrase in parsed.phrases)
    if subject is not None:
        clauses.append(term("subject", subject))
    if within_span and state.start is not None:
        clauses.append({"range": {"created_at": {"gte": f"{state.start}T00:00:00Z", "lt": f"{state.end}T00:00:00Z"}}})
    if of_emotion and state.emotion is not None:
        clauses.append(term("emotion", state.emotion))
    if pictured:
        clauses.append(term("pictured", "true"))
    return {"bool": {"filter": clauses}} if clauses else {"match_all": {}}


def both(one: Query, other: Query) -> Query:
    """Posts that match two queries of `matching`."""
    if "match_none" in one or "match_none" in other:
        return {"match_none": {}}
    clauses = [clause for query in (one, other) if "bool" in query for clause in query["bool"]["filter"]]
    return {"bool": {"filter": clauses}} if clauses else {"match_all": {}}


def term(field: str, value: str | int) -> Query:
    """Posts with a value, in the one form that Quickwit reads too."""
    return {"term": {field: {"value": value}}}


def counting(query: Query, **aggregations: Mapping[str, Any]) -> Request:
    """How many posts match, altogether and by what is aggregated."""
    request: Request = {"query": query, "size": 0, "track_total_hits": True}
    return request | ({"aggs": dict(aggregations)} if aggregations else {})


def listing(query: Query, *, first: int, size: int, by: str = "order", descending: bool = False) -> Request:
    """Matching posts in an order, from number `first` on, which counts from 0."""
    sort = [{by: "desc" if descending else "asc"}]
    return {"query": query, "size": size, "from": first, "track_total_hits": True, "sort": sort}


def by_emotion() -> dict[str, Any]:
    """Counts by emotion."""
    return {"terms": {"field": "emotion", "size": 1000}}
