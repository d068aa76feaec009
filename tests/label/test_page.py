import http.client
import json
import threading
from pathlib import Path

import pytest

from feelscope.errors import LabelError
from feelscope.label.answers import Answers
from feelscope.label.server import Server, Session, shuffled
from feelscope.post import Post

CHROMIUM = Path("/usr/bin/chromium")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
POSTS = [Post("1", "We <b>won</b>!", "A title"), Post("2", "so it goes", image=PNG), Post("3", "no way")]


@pytest.fixture
def serve(tmp_path):
    servers = []

    def serve(posts=POSTS, **more):
        answers = Answers(tmp_path / "answers.jsonl", "judge" if "predictions" in more else "label")
        choices = ("right", "wrong") if "predictions" in more else ("happiness", "sadness")
        server = Server(Session(posts, choices, answers, **more), 0)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(server, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, path, None if body is None else json.dumps(body), given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_posts_come_one_after_the_other_for_each_person(serve, tmp_path):
    server = serve()
    assert json.loads(ask(server, "GET", "/next.json?annotator=ann")[1])["id"] == "1"
    for id in ("1", "2", "3"):
        status, said = ask(server, "POST", "/answer", {"annotator": "ann", "id": id, "answer": "sadness"})
        assert status == 200
    assert json.loads(said) == {"done": 3, "total": 3, "choices": ["happiness", "sadness"]}
    assert json.loads(ask(server, "GET", "/next.json?annotator=bob")[1])["done"] == 0
    ask(server, "POST", "/answer", {"annotator": "ann", "id": "1", "answer": "happiness"})
    again = Answers(tmp_path / "answers.jsonl", "label")
    assert again.by_person == {"ann": {"1": "happiness", "2": "sadness", "3": "sadness"}}
    assert Answers(tmp_path / "answers.jsonl", "judge").by_person == {}


def test_only_this_page_on_this_machine(serve):
    server = serve()
    answer = {"annotator": "ann", "id": "1", "answer": "sadness"}
    assert ask(server, "GET", "/", Host="evil.example")[0] == 403
    assert ask(server, "POST", "/answer", answer, Origin="http://evil.example")[0] == 403
    assert ask(server, "POST", "/answer", answer, Content_Type="text/plain")[0] == 403
    assert server.server_address[0] == "127.0.0.1"
    wrong = (
        {},
        [],
        {**answer, "id": "9"},
        {**answer, "answer": "x"},
        {**answer, "annotator": " "},
        {**answer, "seconds": "x"},
    )
    for body in wrong:
        assert ask(server, "POST", "/answer", body)[0] == 400
    assert ask(server, "GET", "/../etc/passwd")[0] == 404
    assert ask(server, "GET", "/image?id=../answers.jsonl")[0] == 404
    assert server.session.answers.by_person == {}


def test_what_is_shown(serve):
    assert ask(serve(), "GET", "/image?id=2")[1] == PNG
    assert ask(serve(show="text"), "GET", "/image?id=2")[0] == 404
    shown = json.loads(ask(serve(show="image"), "GET", "/next.json?annotator=a")[1])
    assert (shown["text"], shown["title"]) == ("", "")
    judged = serve(predictions={"1": "fear"}, words={"1": [[0, 2, 0.5]]})
    shown = json.loads(ask(judged, "GET", "/next.json?annotator=a")[1])
    assert (shown["prediction"], shown["words"], shown["choices"]) == ("fear", [[0, 2, 0.5]], ["right", "wrong"])


def test_bad_input_is_one_line(serve, tmp_path):
    with pytest.raises(LabelError, match="cannot be used"):
        Server(Session(POSTS, (), Answers(tmp_path / "a", "label")), serve().server_port)
    with pytest.raises(LabelError, match="no post has what --show image shows"):
        shuffled([Post("1", "x")], "image", None, 0)
    (tmp_path / "bad.jsonl").write_text("{}\n{}\n")
    with pytest.raises(LabelError, match="line 1: no answer"):
        Answers(tmp_path / "bad.jsonl", "label")


def test_a_torn_line_is_left_behind(tmp_path):
    path = tmp_path / "answers.jsonl"
    Answers(path, "label").add("ann", "1", "x", 1)
    path.write_text(path.read_text() + '{"mode": "la')
    Answers(path, "label").add("ann", "2", "y", 1)
    assert len(path.read_text().splitlines()) == 3


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
def test_in_a_real_browser_by_keyboard(serve):
    from playwright.sync_api import expect, sync_playwright

    server = serve()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(error))
        page.goto(server.address)
        page.keyboard.type("ann")
        page.keyboard.press("Enter")
        page.wait_for_selector("#choices button")
        assert page.inner_text("#text") == "We <b>won</b>!", "words are shown as words"
        page.keyboard.press("1")
        expect(page.locator("#progress")).to_have_text("1 of 3 done")
        expect(page.locator("#image")).to_have_js_property("naturalWidth", 1)
        page.keyboard.press("2")
        expect(page.locator("#progress")).to_have_text("2 of 3 done")
        page.keyboard.press("u")
        expect(page.locator("#text")).to_have_text("so it goes")
        page.keyboard.press("1")
        expect(page.locator("#text")).to_have_text("no way")
        page.keyboard.press("2")
        expect(page.locator("#question")).to_have_text("All done. Thank you.")
        browser.close()
    assert not faults
    assert server.session.answers.by_person == {"ann": {"1": "happiness", "2": "happiness", "3": "sadness"}}
