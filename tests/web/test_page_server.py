"""Who may ask a page's server, what every answer says, and how faults are said."""

import http.client
import json
import socket
import threading
import time
from contextlib import ExitStack, suppress
from itertools import repeat
from urllib.parse import urlsplit

import pytest
from page_serving import running
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from feelscope.errors import ExploreError, PageError
from feelscope.web import page_connection
from feelscope.web.page_server import LONGEST, Json, application, bound, serve, server, streamed, taking


def fault(error):
    def endpoint(request):
        raise error

    return endpoint


async def table(request):
    return await streamed(request, iter([b"a" * 900, b"b" * 900]), "text/plain", {"X-Name": "table"})


def torn(size):
    """A file of which so many bytes come, and then a fault."""

    def parts():
        yield b"a" * size
        raise ExploreError("the second page is not there")

    async def endpoint(request):
        return await streamed(request, parts(), "text/plain", {})

    return endpoint


async def endless(request):
    return await streamed(request, repeat(b"a" * 1000), "text/plain", {})


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<p>a page")
    (page / "page.js").write_text("1")
    routes = [
        Route("/value.json", lambda request: JSONResponse({"value": 1})),
        Route("/echo", taking(lambda given: {"given": given}), methods=["POST"]),
        Route("/wrong", fault(ExploreError("expected this, came that"))),
        Route("/missing", fault(HTTPException(404, "no such post"))),
        Route("/broken", fault(ZeroDivisionError())),
        Route("/odd.json", lambda request: Json({"a": [float("nan"), {"b": -float("inf")}], "c": "x\ud800é", "d": 1})),
        Route("/big", lambda request: Response(bytes(30_000_000))),
        Route("/table", table),
        Route("/torn-early", torn(20_000)),
        Route("/torn-late", torn(200_000)),
        Route("/endless", endless),
    ]
    with running(application(page, routes)) as address:
        yield address


def ask(address, method, path, body=b"", **headers):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, given)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def test_a_page_and_its_files(address):
    assert ask(address, "GET", "/")[1] == b"<p>a page"
    assert ask(address, "GET", "/page/page.js")[1] == b"1"
    response, icon = ask(address, "GET", "/page/icon.svg")
    assert (response.getheader("Content-Type"), icon[:4]) == ("image/svg+xml", b"<svg")
    assert json.loads(ask(address, "GET", "/value.json")[1]) == {"value": 1}


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/wrong", 400, "expected this, came that"),
        ("GET", "/missing", 404, "no such post"),
        ("GET", "/nothing", 404, "Not Found"),
        ("GET", "/page/../secret", 404, "Not Found"),
        ("GET", "/page/%2e%2e/secret", 404, "Not Found"),
        ("POST", "/", 405, "Method Not Allowed"),
        ("GET", "/broken", 500, "the server failed; its terminal says why"),
    ],
)
def test_every_fault_has_one_shape(address, method, path, status, said):
    response, content = ask(address, method, path)
    assert (response.status, json.loads(content)) == (status, {"error": said})


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example:80", "", "[::1]", "[::1]:80", "[::ffff:127.0.0.1]", "127.1", "0"),
        *("localhost.evil.example", "localhost.", "127.0.0.1:", "localhost:80:80", "localhost:x", "x@localhost"),
        *("127.0.0.1:8013/", "localhost:123456", "127.0.0.1,evil.example", "127.0.0.1\t:80"),
    ],
)
def test_only_by_the_names_of_this_machine(address, host):
    response, content = ask(address, "GET", "/value.json", Host=host)
    assert (response.status, json.loads(content)) == (400, {"error": "open it as 127.0.0.1"})


@pytest.mark.parametrize("host", ["localhost", "LocalHost:80", "127.0.0.1", "127.0.0.1:65535"])
def test_localhost_is_this_machine_whichever_port_a_tunnel_has(address, host):
    assert ask(address, "GET", "/", Host=host)[0].status == 200
    assert ask(address, "GET", "/", Host=host, Origin=f"http://{host.lower()}")[0].status == 200


LINK = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none, cross-site", "x", ""])
def test_another_site_may_lead_to_the_page_and_to_nothing_else(address, site):
    def status(method, path, **headers):
        return ask(address, method, path, Sec_Fetch_Site=site, **headers)[0].status

    assert status("GET", "/?query=x", **LINK) == 200
    assert status("POST", "/", **LINK) == status("HEAD", "/", **LINK) == 403
    assert status("GET", "/", **{**LINK, "Sec_Fetch_Dest": "iframe"}) == 403
    assert status("GET", "/", **{**LINK, "Sec_Fetch_Mode": "no-cors"}) == 403
    assert status("GET", "/", **LINK, Sec_Purpose="prefetch") == 403
    for path in ("/value.json", "/page/page.js", "/wrong", "/nothing", "/echo"):
        assert status("GET", path, **LINK) == status("GET", path) == 403
    assert status("POST", "/echo", Content_Type="application/json") == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_this_page_and_people_may_ask_for_everything(address, site):
    for path in ("/", "/value.json", "/page/page.js"):
        assert ask(address, "GET", path, Sec_Fetch_Site=site)[0].status == 200
    assert ask(address, "GET", "/value.json", Origin="http://127.0.0.1:1")[0].status == 403


def raw(address, *parts, pause=0.0):
    """What comes back for bytes that are sent one after the other, until the connection is closed."""
    with socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=10) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer, answer.read()
        except (ConnectionError, http.client.RemoteDisconnected):
            return None, b""


NO_HTTP = {
    "junk": b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "two lengths": b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
    "endless head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 300_000,
    "no chunk": b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize(
    "asked",
    [
        *(("GET", path) for path in ("/", "/page/page.js", "/value.json", "/wrong", "/nothing", "/broken", "/table")),
        *(("HEAD", path) for path in ("/", "/page/page.js", "/value.json", "/wrong", "/nothing", "/table")),
        *(("POST", "/"), ("POST", "/echo"), ("OPTIONS", "/value.json"), ("XYZ", "/")),
        *NO_HTTP,
    ],
    ids=str,
)
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_says_what_a_page_may_load(address, asked, host):
    if isinstance(asked, str):
        answer, content = raw(address, NO_HTTP[asked])
        assert answer is not None and (answer.status, answer.reason) == (400, "Bad Request")
        assert json.loads(content) == {"error": "expected an HTTP request of the usual length"}
    else:
        answer, _ = ask(address, *asked, Host=host)
    headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "connect")} == {"'self'"}
    assert policy["img-src"] == "'self' blob:", "blob: is what the page itself has drawn"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-cache"


def test_what_a_page_sends(address):
    own = {"Origin": address, "Content_Type": "application/json"}
    for headers in (own, {"Content_Type": "application/json; charset=utf-8"}):
        assert json.loads(ask(address, "POST", "/echo", b"[1]", **headers)[1]) == {"given": [1]}


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"[1]", {"Origin": "http://evil.example"}, 403, "not sent by this page"),
        (b"[1]", {"Origin": "null"}, 403, "not sent by this page"),
        (b"[1]", {"Origin": "http://127.0.0.1:1"}, 403, "not sent by this page"),
        (b"[1]", {"Content_Type": "text/plain"}, 403, "not sent by this page"),
        (b"[1", {}, 400, "expected JSON"),
        (b"[" * 10_000, {}, 400, "expected JSON"),
        (b"\xff", {}, 400, "expected JSON"),
        (b"9" * 10_000, {}, 400, "expected JSON"),
        (b" " * LONGEST + b"1", {}, 413, "over 20,000 bytes"),
    ],
)
def test_what_no_page_of_ours_sends(address, body, headers, status, said):
    response, content = ask(address, "POST", "/echo", body, **{"Content_Type": "application/json", **headers})
    assert (response.status, json.loads(content)) == (status, {"error": said})


def test_json_is_read_by_every_program(address):
    content = ask(address, "GET", "/odd.json")[1]
    assert content == '{"a":[null,{"b":null}],"c":"x?é","d":1}'.encode()


def test_a_short_file_is_sent_whole(address):
    answer, content = ask(address, "GET", "/table")
    assert (answer.status, content) == (200, b"a" * 900 + b"b" * 900)
    assert (answer.headers["Content-Length"], answer.headers["X-Name"]) == ("1800", "table")
    answer, content = ask(address, "HEAD", "/table")
    assert (answer.status, content, answer.headers["X-Name"]) == (200, b"", "table")
    answer, content = ask(address, "GET", "/torn-early")
    assert (answer.status, json.loads(content)) == (400, {"error": "the second page is not there"})


def test_a_long_file_is_sent_while_it_is_computed_and_never_seems_whole_when_it_is_not(address):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", "/endless")
    assert connection.getresponse().read(1_000_000) == b"a" * 1_000_000
    connection.close()
    assert ask(address, "HEAD", "/endless")[0].status == 200
    with pytest.raises(http.client.IncompleteRead) as torn_off:
        ask(address, "GET", "/torn-late")
    assert torn_off.value.partial == b"a" * 200_000


def test_150_idle_connections_and_slow_senders_are_cut_off_and_others_are_answered_meanwhile(address, monkeypatch):
    monkeypatch.setattr(page_connection.Connection, "request_seconds", 1.0)
    starts = (
        *(b"", b"G", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "),
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n",
    )
    idle = [socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=10) for _ in range(150)]
    for number, connection in enumerate(idle):
        connection.sendall(starts[number % 4])
    began = time.monotonic()
    while time.monotonic() - began < 0.8:
        assert ask(address, "GET", "/value.json")[0].status == 200
        for number, connection in enumerate(idle):
            if number % 4:
                with suppress(OSError):  # a busy machine may have come to the end of the time
                    connection.sendall(b"x")  # a byte now and then gains no time
    for connection in idle:
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
        connection.close()
    assert time.monotonic() - began > 0.9


def test_a_request_in_time_is_answered_after_an_answer_too(address, monkeypatch):
    monkeypatch.setattr(page_connection.Connection, "request_seconds", 1.0)
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    for _ in range(4):
        connection.request("GET", "/value.json")
        assert json.loads(connection.getresponse().read()) == {"value": 1}
        time.sleep(0.4)  # together over a second
    connection.close()


def test_who_never_reads_is_cut_off(address, monkeypatch):
    monkeypatch.setattr(page_connection, "READ_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=10) as connection:
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1.5)
        read = 0
        with suppress(ConnectionResetError):
            while part := connection.recv(1_000_000):
                read += len(part)
    assert 0 < read < 30_000_000
    assert len(ask(address, "GET", "/big")[1]) == 30_000_000


def test_one_connection_too_many_closes_the_one_that_waits_longest(address, monkeypatch):
    monkeypatch.setattr(page_connection, "MOST", 4)
    idle = []
    for _ in range(6):
        idle.append(socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=10))
        time.sleep(0.05)
    assert ask(address, "GET", "/value.json")[0].status == 200
    closed = []
    for connection in idle:
        connection.settimeout(0.05)
        try:
            closed.append(connection.recv(1) == b"")
        except ConnectionResetError:
            closed.append(True)
        except TimeoutError:
            closed.append(False)
        connection.close()
    assert closed == [True, True, True, False, False, False]


def test_as_many_as_come_at_once_are_let_in():
    with bound(0) as listening, ExitStack() as opened:
        for _ in range(200):  # nobody accepts them yet
            opened.enter_context(socket.create_connection(listening.getsockname(), timeout=2))


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with bound(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        port = listening.getsockname()[1]
        with pytest.raises(PageError, match=f"port {port} cannot be used .* name another with --port"):
            serve(application(tmp_path, []), port, print)


def test_a_stop_while_somebody_waits_prints_no_traceback(tmp_path, capfd):
    (tmp_path / "index.html").write_text("<p>a page")
    begun, end = threading.Event(), threading.Event()

    def slow(given):
        begun.set()
        end.wait(20)
        return given

    listening = bound(0)
    program = server(application(tmp_path, [Route("/slow", taking(slow), methods=["POST"])]), grace=0)
    thread = threading.Thread(target=program.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()

    def wait():
        with suppress(OSError, http.client.HTTPException):
            ask(
                f"http://127.0.0.1:{listening.getsockname()[1]}",
                "POST",
                "/slow",
                b"{}",
                Content_Type="application/json",
            )

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert begun.wait(20)
    program.should_exit = True
    waiting.join(20)
    end.set()
    thread.join(20)
    assert not thread.is_alive() and not waiting.is_alive()
    assert capfd.readouterr().err == ""
