"""Who may ask a page's server, what every answer says, and how faults are said."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from page_serving import running
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from feelscope.errors import ExploreError, PageError
from feelscope.web.page_server import LONGEST, application, bound, serve, taking


def fault(error):
    def endpoint(request):
        raise error

    return endpoint


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


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::1]", "localhost.evil.example"])
def test_only_by_the_names_of_this_machine(address, host):
    response, content = ask(address, "GET", "/value.json", Host=host)
    assert (response.status, json.loads(content)) == (400, {"error": "open it as 127.0.0.1"})


def test_localhost_is_this_machine(address):
    assert ask(address, "GET", "/", Host="localhost")[0].status == 200


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/value.json", "/wrong", "/nothing", "/broken"])
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_says_what_a_page_may_load(address, path, host):
    headers = ask(address, "GET", path, Host=host)[0].headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
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
        (b" " * LONGEST + b"1", {}, 413, "over 20,000 bytes"),
    ],
)
def test_what_no_page_of_ours_sends(address, body, headers, status, said):
    response, content = ask(address, "POST", "/echo", body, **{"Content_Type": "application/json", **headers})
    assert (response.status, json.loads(content)) == (status, {"error": said})


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with bound(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        port = listening.getsockname()[1]
        with pytest.raises(PageError, match=f"port {port} cannot be used .* name another with --port"):
            serve(application(tmp_path, []), port, print)
