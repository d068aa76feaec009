"""Views that ask in rounds, together: what all of them ask in a round goes to the engine at once.

A view is a generator that yields requests, is sent their replies, and returns what it has made of them. So four views
take as many rounds as the one that needs most, which over HTTP is what counts. What several ask is asked once, and
what they count of the same posts in one go, see `merging`.
"""

from collections.abc import Generator, Mapping, Sequence
from itertools import islice
from typing import Any

from feelscope.explore.search.engine import Engine, Reply
from feelscope.explore.search.merging import Merging
from feelscope.explore.search.request import Request

Asking = Generator[list[Request], list[Reply], Any]


def ask_together(engine: Engine, views: Mapping[str, Asking]) -> dict[str, Any]:
    """What each view returns, by its name."""
    returned: dict[str, Any] = {}
    replies: dict[str, Any] = dict.fromkeys(views)  # None starts a generator
    while replies:
        asked: dict[str, list[Request]] = {}
        for name, sent in replies.items():
            try:
                asked[name] = views[name].send(sent)
            except StopIteration as ended:
                returned[name] = ended.value
        merging = Merging([request for requests in asked.values() for request in requests])
        answers = iter(merging.replies(engine.search_all(merging.requests)))
        replies = {name: list(islice(answers, len(requests))) for name, requests in asked.items()}
    return returned


def and_at_first(asking: Asking, requests: Sequence[Request]) -> Asking:
    """The rounds of a view, the first of which asks more; returns what the view does, and the replies to these."""
    try:
        first = next(asking)
    except StopIteration as ended:
        return ended.value, (yield list(requests))
    replies = yield [*first, *requests]
    sent, more = replies[: len(first)], replies[len(first) :]
    while True:
        try:
            asked = asking.send(sent)
        except StopIteration as ended:
            return ended.value, more
        sent = yield asked
