"""What pages of other sites can do to both servers, in a real browser: nothing but lead to the page itself."""

import contextlib
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from page_serving import running
from small_archive import storm_archive

from feelscope.explore.server import application as explore
from feelscope.label.answers import Answers
from feelscope.label.server import application as label
from feelscope.label.session import Session
from feelscope.post import Post

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]
# Each way asks for an address that names it, and tells the page if anything came back.
ATTACK = """<!doctype html><title>attack</title><script>
const at = "TARGET", reached = [];
const tell = name => () => reached.push(name);
const add = (tag, name, more = {}) => {
  const one = Object.assign(document.createElement(tag), more);
  if (name) one.onload = tell(name); // what shows a fault in its place has loaded that
  document.body.append(one);
  return one;
};
const to = name => at + DATA + (DATA.includes("?") ? "&" : "?") + "way=" + name;
const body = JSON.stringify({annotator: "evil", id: "1", answer: "fear", seconds: 1});
async function attack() {
  add("img", "img", {src: to("img")});
  add("script", "script", {src: to("script")});
  add("link", "style", {rel: "stylesheet", href: to("style")});
  add("link", "prefetch", {rel: "prefetch", href: to("prefetch")});
  add("link", "preload", {rel: "preload", as: "image", href: to("preload")});
  add("iframe", "", {src: to("frame")});
  add("iframe", "", {src: at + "/?way=framed"});
  add("object", "", {data: to("object")});
  add("video", "video", {src: to("video")});
  for (const [way, kind] of [["form", "text/plain"], ["form2", "application/x-www-form-urlencoded"]]) {
    add("iframe", "", {name: way}); // each form has a frame of its own: the second cuts no first one short
    const form = Object.assign(document.createElement("form"), {
      method: "POST", action: at + "/answer?way=" + way, enctype: kind, target: way});
    form.append(Object.assign(document.createElement("input"), {name: body.slice(0, -1) + ', "x": "', value: '"}'}));
    document.body.append(form);
    form.submit();
  }
  for (const [way, more] of [["fetch", {mode: "no-cors"}], ["cors", {}], ["head", {method: "HEAD", mode: "no-cors"}]]) {
    await fetch(to(way), more).then(got => got.type !== "opaque" && reached.push(way), () => 0);
  }
  for (const type of ["text/plain", "application/json"]) {
    for (const mode of ["no-cors", "cors"]) {
      const way = "post-" + mode + type.length;
      await fetch(at + "/answer?way=" + way, {method: "POST", mode, body, headers: {"Content-Type": type}})
        .then(got => got.type !== "opaque" && reached.push(way), () => 0);
    }
  }
  navigator.sendBeacon(at + "/answer?way=beacon", body);
  await new Promise(done => {
    const socket = new WebSocket(at.replace("http", "ws") + DATA);
    socket.onopen = () => { reached.push("socket"); done(); };
    socket.onerror = done;
  });
  document.title = "done";
}
addEventListener("load", attack);
</script><body>"""
WAYS = {
    *("img", "script", "style", "prefetch", "preload", "frame", "framed", "object", "video", "form", "form2", "fetch"),
    *("cors", "head", "post-no-cors10", "post-cors10", "beacon"),
}


@contextlib.contextmanager
def other_site(target: str, data: str) -> Iterator[int]:
    """The port of a site whose page attacks a server."""
    page = ATTACK.replace("TARGET", target).replace("DATA", repr(data)).encode()

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def recorded(app, seen):
    """An application whose answers are noted: the way that asked, and the status."""

    async def recording(scope, receive, send):
        async def noting(message):
            if message["type"] == "http.response.start":
                way = parse_qs(scope["query_string"].decode()).get("way", [scope["path"]])[0]
                seen.append((way, message["status"]))
            await send(message)

        await app(scope, receive, noting)

    return recording


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1"],
        )
        yield browser
        browser.close()


def servers(tmp_path: Path):
    answers = Answers(tmp_path / "answers.jsonl", "label")
    session = Session([Post("1", "so it goes"), Post("2", "and so on")], ("fear", "anger"), answers)
    return {
        "explore": (explore, storm_archive(tmp_path), "/views.json?parts=sentences"),
        "label": (label, session, "/next.json?annotator=evil"),
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.test"], ids=["another port", "another host"])
@pytest.mark.parametrize("name", ["explore", "label"])
def test_no_page_of_another_site_reaches_an_answer(chromium, tmp_path, name, host):
    make, opened, data = servers(tmp_path)[name]
    seen: list[tuple[str, int]] = []
    with running(recorded(make(opened), seen)) as address, other_site(address, data) as port:
        page = chromium.new_page()
        page.goto(f"http://{host}:{port}/")
        page.wait_for_function("document.title === 'done'", timeout=60_000)
        for _ in range(600):
            if {way for way, _ in seen} >= WAYS:
                break
            page.wait_for_timeout(100)
        assert {way for way, _ in seen} >= WAYS, "every way asked"
        page.wait_for_timeout(500)  # for what comes back after an answer's first line
        assert page.evaluate("reached") == []
        assert {status for _, status in seen} == {403}
        assert not (tmp_path / "answers.jsonl").exists()
        # People may follow a link to the page.
        seen.clear()
        page.evaluate("at => location.assign(at + '/?way=link')", address)
        page.wait_for_url(f"{address}/?way=link")
        page.wait_for_load_state()
        assert ("link", 200) in seen and {status for _, status in seen} == {200}
        # A name of the attacker's that leads here is no name of this machine.
        answer = page.goto(f"http://evil.test:{urlsplit(address).port}/")
        assert answer is not None and answer.status == 400
        page.close()


@pytest.mark.parametrize("name", ["explore", "label"])
def test_the_pages_own_policy_forbids_nothing_that_they_do(chromium, tmp_path, name):
    make, opened, _ = servers(tmp_path)[name]
    with running(make(opened)) as address:
        page = chromium.new_page()
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        if name == "label":
            page.keyboard.type("ann\u202e")
            page.keyboard.press("Enter")
            page.wait_for_selector("#error:has-text('without control characters')")
            assert said and all("400" in line for line in said), "the refusal alone"
            said.clear()
            page.fill("#name", "ann")
            page.keyboard.press("Enter")
            page.wait_for_selector("#choices button")
            page.keyboard.press("1")
            page.wait_for_selector("#progress:has-text('1 of 2')")
        else:
            page.wait_for_selector("#headline:has(.many)")
            page.select_option("#unit", "day")
            page.locator(".chart").first.hover()
            page.click("#sentence-rows a >> nth=0")
            page.wait_for_selector("dialog[open]")
        assert not said
        page.close()
