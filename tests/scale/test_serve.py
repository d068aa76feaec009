"""The service with replicas: the answers, limits and headers of one alone."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from feelscope.errors import PageError
from feelscope.post import Post
from feelscope.predict import row
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.scale.cluster import ScaleError
from feelscope.scale.serve import Served, serve
from feelscope.serve.settings import ServiceSettings

KEY = "a-key-of-many-letters"
SETTINGS = ServiceSettings(waiting=4, most_posts=4, grace=5, keys=(KEY,))


def ask(base: str, path: str, body: object = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers}
    try:
        with urllib.request.urlopen(urllib.request.Request(base + path, data, headers)) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def served(check: Callable[[str], None], replicas: int = 2, port: int = 0) -> None:
    """Serve until a check is done, in a thread of its own."""
    until, found = threading.Event(), ThreadPoolExecutor(1)
    waiting: list[Any] = []

    def checked(base: str) -> None:
        try:
            check(base)
        finally:
            until.set()

    serve(
        Served("builtin", 1, SETTINGS, 600),
        "127.0.0.1",
        port,
        replicas,
        lambda base: waiting.append(found.submit(checked, base)),
        until=until,
    )
    waiting[0].result()


@pytest.mark.slow
def test_replicas_answer_as_one_service_does(workers: int) -> None:
    def check(base: str) -> None:
        status, body, headers = ask(base, "v1/predict", {"id": "1", "text": "We won!"})
        (alone,) = EmotionClassifier.load(workers=1).predict([Post("1", text="We won!")])
        assert (status, json.loads(body)) == (200, row(alone))
        assert headers["x-content-type-options"] == "nosniff"
        assert ask(base, "v1/predict", {"text": "x"}, Authorization="Bearer no")[0] == 401
        assert ask(base, "v1/predict", {"text": "x"}, Host="elsewhere.example")[0] == 400
        assert ask(base, "v1/predict", {"said": "x"})[0] == 422
        assert ask(base, "v1/predict", b"x".decode(), **{"Content-Type": "text/plain"})[0] == 415
        assert ask(base, "nothing")[0] == 404
        assert b"<title>" in ask(base, "")[1]
        posts = {"posts": [{"text": f"so sad {number} " * 100} for number in range(4)]}
        with ThreadPoolExecutor(16) as many:
            answers = list(many.map(lambda _: ask(base, "v1/predict", posts), range(32)))
        assert {status for status, _, _ in answers} == {200, 503}
        for status, body, headers in answers:
            if status == 503:
                assert json.loads(body) == {"error": "the queue is full"}
                assert int(headers["retry-after"]) >= 1

    served(check)


def test_more_replicas_than_processors_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from feelscope.scale import serve as module

    monkeypatch.setattr(module, "processors_of_cluster", lambda: 3)
    with pytest.raises(ScaleError, match="4 replicas of 1 threads need 4 processors, and the cluster has 3"):
        served(lambda base: None, replicas=4)


def test_a_port_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from feelscope.scale import serve as module
    from feelscope.web.page_server import bound

    monkeypatch.setattr(module, "processors_of_cluster", lambda: 3)
    with bound(0) as taken, pytest.raises(PageError, match="cannot be used"):
        served(lambda base: None, port=taken.getsockname()[1])
