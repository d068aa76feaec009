"""Requests that count the same posts, as one: a post is then found once, however many views count it.

What is counted by subject stays a request of its own, as it takes as long as all others together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from feelscope.explore.search.engine import Reply
from feelscope.explore.search.request import Query, Request, counting

_Aggregation = dict[str, Any]


@dataclass(slots=True)
class _Merged:
    """What is counted of the posts of one query, without names."""

    query: Query
    aggregations: list[_Aggregation] = field(default_factory=list)

    def place(self, wanted: _Aggregation) -> int:
        """Where an aggregation is; one with further ones inside it answers for the one without."""
        more = wanted.get("aggs", {})
        for place, known in enumerate(self.aggregations):
            inside = known.get("aggs", {})
            if _outside(known) == _outside(wanted) and all(inside.get(name, more[name]) == more[name] for name in more):
                if more:
                    self.aggregations[place] = known | {"aggs": inside | more}
                return place
        self.aggregations.append(wanted)
        return len(self.aggregations) - 1

    def request(self) -> Request:
        return counting(self.query, **{str(place): body for place, body in enumerate(self.aggregations)})


class Merging:
    """Some requests, and fewer that say the same.

    Attributes:
        requests: What has to be asked.
    """

    def __init__(self, requests: Sequence[Request]) -> None:
        groups: dict[str, int] = {}  # a query, or all of a request that stays by itself, to its place
        asked: list[Request | _Merged] = []
        self._taken: list[tuple[int, dict[str, int] | None]] = []  # of each request: where, and its aggregations there
        for request in requests:
            merges = not request["size"] and not _by_subject(request)
            key = f"{merges} {request['query'] if merges else request!r}"
            if key not in groups:
                groups[key] = len(asked)
                asked.append(_Merged(request["query"]) if merges else request)
            group = asked[groups[key]]
            places = None
            if isinstance(group, _Merged):
                places = {name: group.place(body) for name, body in request.get("aggs", {}).items()}
            self._taken.append((groups[key], places))
        self.requests = [one.request() if isinstance(one, _Merged) else one for one in asked]

    def replies(self, replies: Sequence[Reply]) -> list[Reply]:
        """The replies to the requests that were given, of those to what was asked."""
        found = []
        for place, aggregations in self._taken:
            reply = replies[place]
            if aggregations is not None:
                named = {name: reply["aggregations"][str(at)] for name, at in aggregations.items()}
                reply = {"hits": reply["hits"]} | ({"aggregations": named} if named else {})
            found.append(reply)
        return found


def _outside(aggregation: _Aggregation) -> _Aggregation:
    return {name: body for name, body in aggregation.items() if name != "aggs"}


def _by_subject(request: Request) -> bool:
    return any(body.get("terms", {}).get("field") == "subject" for body in request.get("aggs", {}).values())
