"""Requests answered over HTTP by Quickwit, Elasticsearch or OpenSearch, on an index that `export` made.

The requests are those of `feelscope.explore.search.request`, with two exceptions: a term is written `{"value": ...}`,
the one form that Quickwit reads, and what can match nothing is not asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from feelscope.errors import ExploreError
from feelscope.explore.search.engine import Reply, total
from feelscope.explore.search.http_call import TIMEOUT, Refused, Server
from feelscope.explore.search.request import Query, Request, counting
from feelscope.text.counts import counted


class HttpEngine:
    """Answers from a cluster; see `feelscope.explore.search.engine.Engine`.

    Args:
        address: Of the index there, see `Server`.
        timeout: Seconds for a whole answer.
    """

    def __init__(self, address: str, *, timeout: float = TIMEOUT) -> None:
        self._server = Server(address, timeout)

    def search(self, request: Request) -> Reply:
        """Answer one request; see `Engine`."""
        if _matches_nothing(request):
            return _nothing(request)
        answer = self._server.ask("POST", f"{self._server.index}/_search", portable(request))
        return self._checked(answer, request)

    def search_all(self, requests: Sequence[Request]) -> list[Reply]:
        """Answer several in one call; see `Engine`."""
        asked = [request for request in requests if not _matches_nothing(request)]
        if len(asked) < 2:
            return [self.search(request) for request in requests]
        header = {"index": self._server.index}
        body = [part for request in asked for part in (header, portable(request))]
        answer = self._server.ask("POST", "_msearch", body, lines=True)
        responses = answer.get("responses") if isinstance(answer, dict) else None
        if not isinstance(responses, list) or len(responses) != len(asked):
            raise ExploreError(
                f"{self._server.shown}: expected {len(asked)} responses of _msearch; is this the engine?"
            )
        replies = iter(responses)
        return [
            _nothing(request) if _matches_nothing(request) else self._checked(next(replies), request)
            for request in requests
        ]

    def check(self, posts: int) -> None:
        """Refuse an index that does not hold as many posts as the archive that is asked about.

        Raises:
            ExploreError: It holds another number, or cannot be asked.
        """
        held = total(self.search(counting({"match_all": {}})))
        if held != posts:
            shown = self._server.shown
            hint = f"export it again with feelscope explore export INDEX {shown} --rebuild"
            raise ExploreError(f"{shown}: holds {counted(held, 'post')} and the archive {posts:,}; {hint}")

    def _checked(self, answer: Any, request: Request) -> Reply:
        """A complete reply, in the form that tantivy's has."""
        shown = self._server.shown
        if isinstance(answer, dict) and "error" in answer:  # of one request among several
            error = answer["error"]
            said = error.get("reason") or error.get("type") if isinstance(error, dict) else error
            raise Refused(
                f"{shown}: answered {answer.get('status', 'an error')}: {said}", int(answer.get("status", 0)), ""
            )
        try:
            hits, number = answer["hits"]["hits"], answer["hits"]["total"]
            count = number["value"] if isinstance(number, Mapping) else number
            exact = not isinstance(number, Mapping) or number["relation"] == "eq"
            posts = [{**hit, "_id": hit["_source"]["id"]} for hit in hits]
            aggregations = answer["aggregations"] if "aggs" in request else None
            failed = answer.get("_shards", {}).get("failed", 0)
        except (TypeError, KeyError, AttributeError):
            hint = "is it an index that export made?"
            raise ExploreError(f"{shown}: this is not the reply to a search; {hint}") from None
        if answer.get("timed_out") or failed or not exact:
            why = "ran out of time" if answer.get("timed_out") else "lost a part of the index" if failed else "guessed"
            raise ExploreError(f"{shown}: the engine {why}, and its counts would be wrong; try again")
        reply: Reply = {"hits": {"total": {"value": count, "relation": "eq"}, "hits": posts}}
        return reply if aggregations is None else reply | {"aggregations": aggregations}


def portable(request: Request) -> Request:
    """A request as every engine reads it."""
    return {**request, "query": _portable(request["query"])}


def _portable(query: Query) -> Query:
    ((kind, body),) = query.items()
    if kind == "bool":
        return {"bool": {occur: [_portable(clause) for clause in clauses] for occur, clauses in body.items()}}
    if kind == "term":
        return {"term": {field: {"value": _word(value)} for field, value in body.items()}}
    return query


def _word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _matches_nothing(request: Request) -> bool:
    query = request["query"]
    return "match_none" in query or any("match_none" in clause for clause in query.get("bool", {}).get("filter", ()))


def _nothing(request: Request) -> Reply:
    """The reply to a request that no post matches."""
    reply: Reply = {"hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}}
    if "aggs" in request:
        reply["aggregations"] = {name: {"buckets": []} for name in request["aggs"]}
    return reply
