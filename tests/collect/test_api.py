import socket
import threading
from dataclasses import replace
from email.message import Message

import pytest
from platforms import KEY, Platform, serve, tumblr, tumblr_post
from small_clock import Clock

from feelscope.collect.api import LIMITS, Api, NotThere
from feelscope.collect.rate_limits import pause_seconds, used_up_seconds
from feelscope.errors import CollectError

ASKED = {"tag": "happy", "before": 2_000_000_000}
POSTS = [tumblr_post(number, 1_400_000_000 - number) for number in range(3)]


class Pauses:
    """A meter that lets every call pass and keeps what it is told."""

    source = "tumblr"

    def __init__(self, sleep):
        self.taken, self.paused, self.sleep = 0, [], sleep
        self.told, self.tell = (told := []), told.append

    def take(self, units=1):
        self.taken += units

    def pause(self, seconds):
        self.paused.append(seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def meter(clock):
    return Pauses(clock.sleep)


@pytest.fixture
def api(meter):
    def api(address, **limits):
        return Api(address, meter, KEY, "check KEY", replace(LIMITS, **limits))

    return api


def test_a_stumbling_server_is_asked_again(api, clock, meter):
    platform = tumblr(POSTS)
    platform.faults = {1: "500", 2: "cut", 3: "503", 4: "408"}
    with serve(platform) as address:
        assert len(api(address).get("/v2/tagged", ASKED)["response"]) == 3
    assert clock.slept == [1, 2, 4, 8]
    assert meter.told == [f"tumblr stumbles; it is asked again in {seconds} s" for seconds in (4, 8)]
    assert platform.calls == meter.taken == 5


def test_the_last_call_of_a_quota_is_followed_by_a_pause(api, meter):
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "70"}
    with serve(Platform({"/": lambda handler, query: handler.say(200, {}, headers)})) as address:
        assert api(address).get("/v2/tagged", ASKED) == {}
    assert meter.paused == [70]


def test_it_gives_up_in_one_line(api, clock):
    platform = tumblr(POSTS)
    platform.faults = dict.fromkeys(range(1, 99), "500")
    with serve(platform) as address, pytest.raises(CollectError) as error:
        api(address).get("/v2/tagged", ASKED)
    assert str(error.value) == "tumblr: the server fails (500), 6 times in a row; run the same command again later"
    assert clock.slept == [1, 2, 4, 8, 16]


def test_a_slow_answer_is_a_stumble(api):
    platform = tumblr(POSTS)
    platform.faults = {1: "slow"}
    with serve(platform) as address:
        assert api(address, silence=0.3).get("/v2/tagged", ASKED)["response"]


@pytest.mark.parametrize(
    ("limits", "said"), [({"bytes": 1000}, "over 0 MB"), ({"seconds": 0.0}, "did not end in time")]
)
def test_an_answer_that_is_too_long_or_trickles(api, limits, said):
    with serve(tumblr(POSTS)) as address, pytest.raises(CollectError, match=said):
        api(address, **limits).get("/v2/tagged", ASKED)


@pytest.mark.parametrize("fault", ["429", "retry-after"])
def test_a_used_up_quota_is_told_to_the_meter(api, meter, fault):
    platform = tumblr(POSTS)
    platform.faults = {1: fault}
    with serve(platform) as address:
        assert api(address).get("/v2/tagged", ASKED)["response"]
    assert meter.paused == [1]


def test_the_reset_of_the_limit_that_is_used_up_counts():
    headers = Message()
    for name, value in {
        "Perhour-Remaining": 7,
        "Perhour-Reset": 9999,
        "Perday-Remaining": 0,
        "Perday-Reset": 42,
    }.items():
        headers[f"X-Ratelimit-{name}"] = str(value)
    assert pause_seconds(headers) == 42
    assert pause_seconds(Message()) == 60
    headers["Retry-After"] = "100"
    assert pause_seconds(headers) == 100
    assert used_up_seconds(headers) == 42
    odd = Message()
    odd["Retry-After"] = "Fri, 31 Dec 1999 23:59:59 GMT"
    assert pause_seconds(odd) == 60
    assert used_up_seconds(odd) == 0


@pytest.mark.parametrize(
    ("name", "reset"),
    [
        ("X-RateLimit", "2026-03-29T15:45:30.000000Z"),
        ("RateLimit", "1774799130"),
        ("RateLimit", "30"),
        ("ratelimit", "Sun, 29 Mar 2026 15:45:30 GMT"),
    ],
)
def test_a_reset_is_a_time_or_seconds(name, reset):
    headers = Message()
    headers["Date"] = "Sun, 29 Mar 2026 15:45:00 GMT"
    headers[f"{name}-Reset"], headers[f"{name}-Remaining"] = reset, "0"
    assert pause_seconds(headers) == used_up_seconds(headers) == 30
    headers.replace_header(f"{name}-Remaining", "3")
    assert (pause_seconds(headers), used_up_seconds(headers)) == (60, 0)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("html", "expected JSON and got '<html><body>Log in to"),
        ("401", "the key is refused (401); check KEY"),
        ("403", "the key is refused (403); check KEY"),
        ("400", "the call is refused (400"),
        ("redirect", "the call is refused (302"),
    ],
)
def test_what_no_patience_mends_is_one_line(api, fault, said):
    platform = tumblr(POSTS)
    platform.faults = {1: fault}
    with serve(platform) as address, pytest.raises(CollectError) as error:
        api(address).get("/v2/tagged", ASKED)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert platform.calls == 1, "a redirect is not followed"


def test_nothing_there(api):
    with serve(Platform({})) as address, pytest.raises(NotThere, match="nothing there"):
        api(address).get("/v2/none", {})


def test_a_closed_port(api):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(CollectError, match=r"no answer \(connection refused\); is http://127.0.0.1:\d+ the API"):
        api(address).get("/v2/tagged", ASKED)


def test_a_name_that_does_not_exist_and_garbage(api):
    with pytest.raises(CollectError, match="no answer"):
        api("http://no-such-host.invalid").get("/", {})
    listener = socket.create_server(("127.0.0.1", 0))

    def garbage():
        for _ in range(6):
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b"\x00\x01 no HTTP at all\r\n\r\n")
            connection.close()

    thread = threading.Thread(target=garbage, daemon=True)
    thread.start()
    with pytest.raises(CollectError, match="no answer"):
        api(f"http://127.0.0.1:{listener.getsockname()[1]}").get("/", {})
    thread.join(5)
    listener.close()
