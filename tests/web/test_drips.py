"""Servers that drip, flood or say nothing, to every client: the servers are those of benchmarks/robustness/drips.py."""

import importlib.util
import multiprocessing
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from small_web import HOME, drawn, serve

from feelscope.web import client, connection
from feelscope.web.client import Fault, Limits, Silence, TooLong, Unknown, ask
from feelscope.web.download import Downloader, NoAnswer

_FILE = Path(__file__).parents[2] / "benchmarks" / "robustness" / "drips.py"
PAIRS = [
    (name, scheme) for name in ("ask", "pictures", "proxy", "API", "engine", "Reddit") for scheme in ("http", "https")
]


@pytest.fixture(scope="module")
def drips():
    pytest.importorskip("praw")
    specification = importlib.util.spec_from_file_location("drips", _FILE)
    module = importlib.util.module_from_spec(specification)
    sys.modules["drips"] = module  # where its dataclasses look
    specification.loader.exec_module(module)
    module.SECONDS, module.SILENCE = 0.8, 0.6
    module.GRACE = 60.0  # a busy machine needs some; without a deadline it would be for ever
    yield module
    del sys.modules["drips"]


@pytest.fixture(scope="module")
def certified(drips):
    with drips.certified() as certified:
        yield certified


def stay(drips, certified, cases):
    """Seconds and words of each case (client, scheme, drip), all at once."""
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(lambda case: drips.timed(*case, certified), cases))


@pytest.mark.parametrize("title", ["silence", "headers", "100 Continue", "chunk extension", "trailers", "body"])
def test_every_client_leaves_a_server_that_drips_in_time(drips, certified, title):
    found = stay(drips, certified, [(*pair, drips.DRIPS[title]) for pair in PAIRS])
    for pair, (seconds, said) in zip(PAIRS, found, strict=True):
        assert seconds < drips.SECONDS + drips.GRACE and "in time" in said, pair
    if title != "silence":  # most: a busy machine may keep a server from dripping
        assert sum(seconds > 0.75 for seconds, _ in found) > len(PAIRS) / 2, "the deadline ends this, not the silence"


@pytest.mark.parametrize("name", ["ask", "pictures", "proxy"])
def test_a_client_leaves_all_that_drip_in_time(drips, certified, name):
    titles = [title for title, drip in drips.DRIPS.items() if drip.pace]
    if name == "ask":  # which sends 30 MB: to those who do not read them
        titles = ["never reads", "reads a byte at a time"]
    cases = [(name, scheme, drips.DRIPS[title]) for title in titles for scheme in ("http", "https")]
    for case, (seconds, said) in zip(cases, stay(drips, certified, cases), strict=True):
        assert not drips.is_bad(seconds, said), (case, seconds, said)


def test_no_connection_and_no_handshake_are_left_in_time(drips, certified):
    handshake = replace(drips.DRIPS["bytes of the wire"], pace=0.1)
    found = stay(drips, certified, [("pictures", "http", None), ("pictures", "https", handshake)])
    assert all(seconds < drips.SECONDS + drips.GRACE and "in time" in said for seconds, said in found), found


FLOODS = [
    *((scheme, title) for scheme in ("http", "https") for title in ("100 Continue", "trailers", "chunks of a byte")),
    ("https", "session tickets"),
]


@pytest.mark.parametrize(("scheme", "title"), FLOODS)
def test_what_surrounds_a_body_is_bounded(drips, certified, monkeypatch, title, scheme):
    monkeypatch.setattr(drips, "SECONDS", 20)
    monkeypatch.setattr(drips, "SILENCE", 20)
    _, said = drips.timed("pictures", scheme, drips.DRIPS[f"flood of {title}"], certified)
    assert said == "an answer with over 262 kB around its body"


def test_answers_that_begin_to_drip_anywhere(drips, certified):
    draw = random.Random(7)
    cases = [(*draw.choice(PAIRS), drips.anywhere(draw)) for _ in range(40)]
    for case, (seconds, said) in zip(cases, stay(drips, certified, cases), strict=True):
        assert not drips.is_bad(seconds, said), (case, seconds, said)


def test_a_body_in_short_chunks_comes_whole():
    body = bytes(range(256)) * 4000

    def chunks(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(body), 16):
            handler.wfile.write(b"10\r\n" + body[start : start + 16] + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    with serve({"/a": chunks}) as (port, _, _):
        answer = ask(f"http://{HOME}:{port}/a", Limits(bytes=2_000_000, seconds=30.0, silence=10.0))
    assert answer.content == body


def test_a_look_up_that_hangs_is_left_in_time_and_others_go_on():
    over = threading.Event()

    def resolve(host, port):
        if host == "slow.test":
            over.wait(300)
        return [HOME]

    with serve({"/a": drawn()}) as (port, _, _):
        fetcher = Downloader(Limits(10**6, 0.3, 0.3, 0), (port,), resolve, lambda address: True)
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(NoAnswer, match="in time"):
                fetcher.fetch(f"http://slow.test:{port}/a")
        assert time.monotonic() - began < 60
        assert fetcher.fetch(f"http://fast.test:{port}/a") == drawn()
        over.set()


def test_a_look_up_raises_where_it_is_waited_for_and_its_thread_goes_on():
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        connection._in_time(fail, 5.0)
    before = threading.active_count()
    for number in range(20):
        assert connection._in_time(lambda number=number: [str(number)], 5.0) == [str(number)]
    assert threading.active_count() <= before


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
def test_a_forked_process_looks_up_names_too():
    assert connection._in_time(lambda: ["here"], 5.0) == ["here"]
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    child = context.Process(target=lambda: told.put(connection._in_time(lambda: ["there"], 5.0)))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert told.get() == ["there"]


def test_the_next_address_is_tried_where_one_is_closed():
    with serve({"/a": drawn()}) as (port, _, _):
        fetcher = Downloader(ports=(port,), resolve=lambda *_: ["127.0.0.9", HOME], allowed=lambda address: True)
        assert fetcher.fetch(f"http://two.test:{port}/a") == drawn()


def test_faults_have_names(drips):
    limits = Limits(bytes=1000, seconds=0.5, silence=0.2)
    with pytest.raises(Unknown, match=r"no address is known for no-such-host\.invalid"):
        ask("http://no-such-host.invalid/", replace(limits, seconds=20.0, silence=20.0))
    for address in ("nonsense?key=secret", "http://a..b/", f"http://{'a' * 70}.test/", "http://[::1/"):
        with pytest.raises(Fault) as error:
            ask(address, limits)
        assert "secret" not in str(error.value)
    with drips.serving(drips.DRIPS["silence"]) as port, pytest.raises(Silence, match="no answer in time"):
        ask(f"http://127.0.0.1:{port}/", limits)
    with drips.serving(drips.DRIPS["body"]) as port, pytest.raises(Silence, match="did not end in time"):
        ask(f"http://127.0.0.1:{port}/", replace(limits, bytes=10**6))
    with drips.serving(drips.DRIPS["flood of a body"]) as port, pytest.raises(TooLong, match="an answer of over"):
        ask(f"http://127.0.0.1:{port}/", replace(limits, bytes=10**6, seconds=20.0))
    assert client._through_proxies() is client._through_proxies()
