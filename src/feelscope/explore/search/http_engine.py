"""Requests answered over HTTP by Quickwit, Elasticsearch or OpenSearch, on an index that `export` made.

The requests are those of `feelscope.explore.search.request`; what can match nothing is not asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from feelscope.errors import ExploreError
from feelscope.explore.search.engine import Reply, hits, total
from feelscope.explore.search.http_call import TIMEOUT, Refused, Server
from feelscope.explore.search.request import Request, counting
from feelscope.text.counts import counted


class HttpEngine:
    """Answers from a cluster, as an `Engine`; for its arguments see `Server`."""

    def __init__(self, address: str, *, timeout: float = TIMEOUT) -> None:
        self._server = Server(address, timeout)

    def search(self, request: Request) -> Reply:
        """Answer one request; see `Engine`."""
        (reply,) = self.search_all([request])
        return reply

    def search_all(self, requests: Sequence[Request]) -> list[Reply]:
        """Answer several in one call; see `Engine`."""
        bodies = [request for request in requests if "match_none" not in request["query"]]
        server = self._server
        answers: Any = []
        if len(bodies) == 1:
            answers = [server.ask("POST", f"{server.index}/_search", bodies[0])]
        elif bodies:
            parts = [part for body in bodies for part in ({"index": server.index}, body)]
            answer = server.ask("POST", "_msearch", parts, lines=True)
            answers = answer.get("responses") if isinstance(answer, dict) else None
            if not isinstance(answers, list) or len(answers) != len(bodies):
                raise ExploreError(f"{server.shown}: expected {len(bodies)} responses of _msearch; is this the engine?")
        rest = iter(answers)
        return [
            _nothing(request) if "match_none" in request["query"] else self._checked(next(rest), request)
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
            status = answer.get("status")
            status = status if isinstance(status, int) else 0
            raise Refused(f"{shown}: answered {status or 'an error'}: {said}", status)
        try:
            number = answer["hits"]["total"]
            count = number["value"] if isinstance(number, Mapping) else number
            exact = not isinstance(number, Mapping) or number["relation"] == "eq"
            if not isinstance(count, int):
                raise TypeError
            posts = [{**hit, "_id": hit["_source"]["id"]} for hit in answer["hits"]["hits"]]
            aggregations = answer["aggregations"] if "aggs" in request else None
            failed = answer.get("_shards", {}).get("failed", 0)
        except (TypeError, KeyError, AttributeError):
            hint = "is it an index that export made?"
            raise ExploreError(f"{shown}: this is not the reply to a search; {hint}") from None
        if answer.get("timed_out") or failed or not exact:
            why = "ran out of time" if answer.get("timed_out") else "lost a part of the index" if failed else "guessed"
            raise ExploreError(f"{shown}: the engine {why}, and its counts would be wrong; try again")
        return hits(count, posts) | ({} if aggregations is None else {"aggregations": aggregations})


def _nothing(request: Request) -> Reply:
    """The reply to a request that no post matches."""
    return hits(0) | (
        {"aggregations": {name: {"buckets": []} for name in request["aggs"]}} if "aggs" in request else {}
    )
