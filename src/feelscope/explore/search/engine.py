"""What answers requests: tantivy in this process, or a cluster over HTTP."""

from collections.abc import Sequence
from typing import Any, Protocol

from feelscope.explore.search.request import Request

Reply = dict[str, Any]


class Engine(Protocol):
    """Answers requests of `feelscope.explore.search.request` as Elasticsearch does.

    A reply has `hits.total.value`, `hits.hits` with `_id`, `_source` and `sort` each, and `aggregations`.
    """

    def search(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ExploreError: The engine cannot be reached or refuses the request.
        """

    def search_all(self, requests: Sequence[Request]) -> list[Reply]:
        """Answer several that do not depend on one another, in their order; over HTTP in one go."""


def hits(number: int, posts: Sequence[dict[str, Any]] = ()) -> Reply:
    """A reply of this many matching posts, and those that were listed."""
    return {"hits": {"total": {"value": number, "relation": "eq"}, "hits": [*posts]}}


def total(reply: Reply) -> int:
    """How many posts match."""
    return int(reply["hits"]["total"]["value"])


def buckets(reply: Reply, name: str) -> list[dict[str, Any]]:
    """The buckets of an aggregation."""
    return list(reply["aggregations"][name]["buckets"])


def counts(reply: Reply, name: str) -> dict[Any, int]:
    """Key to count of an aggregation's buckets."""
    return {bucket["key"]: int(bucket["doc_count"]) for bucket in buckets(reply, name)}


def value(reply: Reply, name: str) -> int:
    """The number that an aggregation of one number gives; 0 where no post matches."""
    return int(reply["aggregations"][name].get("value") or 0)
