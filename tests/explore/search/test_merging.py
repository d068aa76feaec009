"""Requests about the same posts as one: every reply is what it would be alone."""

from itertools import product
from typing import Any

import pytest
from explore_archive import random_posts, small_archive
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feelscope.explore.archive import Archive
from feelscope.explore.search.bins import bins_request
from feelscope.explore.search.merging import Merging
from feelscope.explore.search.request import by_emotion, counting, listing, matching
from feelscope.explore.search.state import State

QUERIES = [
    {"match_all": {}},
    {"match_none": {}},
    matching(State("obama")),
    matching(State("obama", emotion="fear")),
    matching(State("", None, "2012-02-01", "2013-01-01")),
    matching(State("-obama", facets=(("source", "news"),))),
]
SUBJECTS = {"terms": {"field": "subject", "size": 100}}


def requests_about(query: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        counting(query),
        counting(query, emotions=by_emotion()),
        counting(query, felt=by_emotion(), all={"sum": {"field": "mentions"}}),
        *(bins_request(query, unit, emotions=felt) for unit, felt in product(("day", "week", "month"), (False, True))),
        counting(query, subjects=SUBJECTS),
        listing(query, first=0, size=3),
    ]


REQUESTS = [request for query in QUERIES for request in requests_about(query)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return small_archive(random_posts(200), tmp_path_factory.mktemp("archive"))


def as_asked(reply: dict[str, Any], request: dict[str, Any]) -> object:
    """What a reply says of what the request asked for."""
    found = {name: _figures(reply["aggregations"][name], body) for name, body in request.get("aggs", {}).items()}
    return reply["hits"], found, "aggregations" in reply


def _figures(aggregation: dict[str, Any], body: dict[str, Any]) -> object:
    if "buckets" not in aggregation:
        return aggregation["value"]
    further = body.get("aggs", {})
    return {
        bucket["key"]: (bucket["doc_count"], [_figures(bucket[name], inside) for name, inside in further.items()])
        for bucket in aggregation["buckets"]
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(REQUESTS), max_size=20))
def test_replies_are_those_to_each_alone(archive: Archive, requests: list[dict[str, Any]]) -> None:
    engine = archive.index.engine
    alone = [{"aggregations": {}, **engine.search(one)} for one in requests]
    merging = Merging(requests)
    together = merging.replies(engine.search_all(merging.requests))
    assert [as_asked(one, request)[:2] for one, request in zip(together, requests, strict=True)] == [
        as_asked(one, request)[:2] for one, request in zip(alone, requests, strict=True)
    ]
    assert len(merging.requests) <= len(requests)


def test_what_counts_the_same_posts_is_one_request() -> None:
    assert len(Merging(REQUESTS).requests) == 3 * len(QUERIES), "counts, subjects, a list"
    (only,) = Merging(requests_about(QUERIES[2])[:9]).requests
    asked = [*only["aggs"].values()]
    assert len(asked) == 5 and sum("aggs" in body for body in asked) == 3, "by emotion, mentions, and each unit once"
