"""Views that ask in rounds, together: what all of them ask in a round goes to the engine at once.

A view is a generator that yields requests, is sent their replies, and returns what it has made of them. So four views
take as many rounds as the one that needs most, which over HTTP is what counts. What several ask is asked once.
"""

from collections.abc import Generator, Mapping
from typing import Any

from feelscope.explore.search.engine import Engine, Reply
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
        written = {name: [repr(request) for request in requests] for name, requests in asked.items()}
        once = {
            text: request
            for name, requests in asked.items()
            for text, request in zip(written[name], requests, strict=True)
        }
        answers = dict(zip(once, engine.search_all([*once.values()]), strict=True))
        replies = {name: [answers[text] for text in texts] for name, texts in written.items()}
    return returned
