"""Views that ask in rounds, together: what all of them ask in a round goes to the engine at once.

A view is a generator that yields requests, is sent their replies, and returns what it has made of them. So four views
take as many rounds as the one that needs most, which over HTTP is what counts.
"""

from collections.abc import Generator, Mapping
from itertools import islice
from typing import Any

from feelscope.explore.search.engine import Engine, Reply
from feelscope.explore.search.request import Request

Asking = Generator[list[Request], list[Reply], Any]


def ask_together(engine: Engine, views: Mapping[str, Asking]) -> dict[str, Any]:
    """What each view returns, by its name."""
    returned: dict[str, Any] = {}
    waiting: dict[str, list[Request]] = {}

    def go_on(name: str, replies: list[Reply] | None) -> None:
        try:
            waiting[name] = next(views[name]) if replies is None else views[name].send(replies)
        except StopIteration as ended:
            waiting.pop(name, None)
            returned[name] = ended.value

    for name in views:
        go_on(name, None)
    while waiting:
        asked = list(waiting.items())
        replies = iter(engine.search_all([request for _, requests in asked for request in requests]))
        for name, requests in asked:
            go_on(name, list(islice(replies, len(requests))))
    return {name: returned[name] for name in views}
