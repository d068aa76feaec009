import http.client
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import quote, urlsplit

import pytest
from page_serving import running

from feelscope.errors import FeelscopeError, LabelError
from feelscope.label.answers import Answers
from feelscope.label.opened import read
from feelscope.label.opening import Round, open_session, read_words
from feelscope.label.report import report
from feelscope.label.server import application
from feelscope.label.session import Session, shuffled
from feelscope.post import Post
from feelscope.prepare.dataset import prepare
from feelscope.prepare.settings import Settings

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
POSTS = [Post("1", "We <b>won</b>!", "A title"), Post("2", "so it goes", image=PNG), Post("3", "no way")]


@pytest.fixture
def serve(tmp_path):
    with ExitStack() as opened:

        def serve(posts=POSTS, **more):
            answers = Answers(tmp_path / "answers.jsonl", "judge" if "predictions" in more else "label")
            choices = ("right", "wrong") if "predictions" in more else ("happiness", "sadness")
            session = Session(posts, choices, answers, **more)
            return opened.enter_context(running(application(session)))

        yield serve


def ask(address, method, path, body=None, **headers):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, path, None if body is None else json.dumps(body), given)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content


def kept(tmp_path, mode="label"):
    """The answers as another program reads them."""
    return Answers(tmp_path / "answers.jsonl", mode).by_person


def test_posts_come_one_after_the_other_for_each_person(serve, tmp_path):
    server = serve()
    assert json.loads(ask(server, "GET", "/next.json?annotator=ann")[1])["id"] == "1"
    for id in ("1", "2", "3"):
        status, said = ask(server, "POST", "/answer", {"annotator": "ann", "id": id, "answer": "sadness"})
        assert status == 200
    assert json.loads(said) == {"done": 3, "total": 3, "choices": ["happiness", "sadness"], "skipped": 0}
    assert json.loads(ask(server, "GET", "/next.json?annotator=bob")[1])["done"] == 0
    ask(server, "POST", "/answer", {"annotator": "ann", "id": "1", "answer": "happiness"})
    assert kept(tmp_path) == {"ann": {"1": "happiness", "2": "sadness", "3": "sadness"}}
    assert kept(tmp_path, "judge") == {}


def test_two_at_once_lose_no_answer(serve, tmp_path):
    posts = [Post(str(number), f"post {number}") for number in range(60)]
    address = serve(posts)

    def label(person, answer):
        state = json.loads(ask(address, "GET", f"/next.json?annotator={person}")[1])
        while "id" in state:
            status, content = ask(
                address, "POST", "/answer", {"annotator": person, "id": state["id"], "answer": answer}
            )
            assert status == 200
            state = json.loads(content)
        return state["done"]

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(label, ("ann", "bob"), ("happiness", "sadness"))] == [60, 60]
    ids = {post.id for post in posts}
    assert kept(tmp_path) == {"ann": dict.fromkeys(ids, "happiness"), "bob": dict.fromkeys(ids, "sadness")}
    assert (tmp_path / "answers.jsonl").read_bytes().count(b"\n") == 120


@pytest.mark.parametrize("name", ["Zoë", "line\u2028separator", "next\x85line", "half \ud800"])
def test_any_name_is_read_back(tmp_path, name):
    answers = Answers(tmp_path / "answers.jsonl", "label")
    answers.add(name, "1", "sadness", 1)
    assert kept(tmp_path) == {name: {"1": "sadness"}}


def test_only_this_page_on_this_machine(serve, tmp_path):
    address = serve()
    answer = {"annotator": "ann", "id": "1", "answer": "sadness"}
    assert ask(address, "GET", "/", Host="evil.example")[0] == 400
    assert ask(address, "POST", "/answer", answer, Origin="http://evil.example")[0] == 403
    assert ask(address, "POST", "/answer", answer, Content_Type="text/plain")[0] == 403
    wrong = (
        {},
        [],
        {**answer, "id": "9"},
        {**answer, "answer": "x"},
        {**answer, "annotator": " "},
        {**answer, "annotator": "x" * 101},
        {**answer, "seconds": "x"},
    )
    for body in wrong:
        assert ask(address, "POST", "/answer", body)[0] == 400
    assert ask(address, "GET", "/../etc/passwd")[0] == 404
    assert ask(address, "GET", "/image?id=../answers.jsonl")[0] == 404
    assert kept(tmp_path) == {}


def test_what_cannot_be_written_is_said_and_not_counted(tmp_path):
    session = Session(POSTS, ("sadness",), Answers(tmp_path / "gone" / "a", "label"))
    with running(application(session)) as address:
        status, content = ask(address, "POST", "/answer", {"annotator": "ann", "id": "1", "answer": "sadness"})
        assert (status, json.loads(content)["error"]) == (
            500,
            f"{tmp_path / 'gone' / 'a'}: cannot be written (No such file or directory)",
        )
        assert json.loads(ask(address, "GET", "/next.json?annotator=ann")[1])["done"] == 0


def test_what_is_shown(serve):
    assert ask(serve(), "GET", "/image?id=2")[1] == PNG
    assert ask(serve(show="text"), "GET", "/image?id=2")[0] == 404
    shown = json.loads(ask(serve(show="image"), "GET", "/next.json?annotator=a")[1])
    assert (shown["text"], shown["title"]) == ("", "")
    judged = serve(predictions={"1": "fear"}, words=lambda post: {"1": [[0, 2, 0.5]]}[post.id])
    shown = json.loads(ask(judged, "GET", "/next.json?annotator=a")[1])
    assert (shown["prediction"], shown["words"], shown["choices"]) == ("fear", [[0, 2, 0.5]], ["right", "wrong"])


def test_half_of_the_pictures_are_shown_in_words_and_the_answers_say_which(serve, tmp_path):
    posts = [*(Post(str(number), image=PNG) for number in range(40)), Post("bare", "no picture")]
    server = serve(posts, predictions={post.id: "fear" for post in posts}, in_words=lambda post: f"a cake {post.id}")
    described = {}
    state = json.loads(ask(server, "GET", "/next.json?annotator=ann")[1])
    while "id" in state:
        described[state["id"]] = state["described"]
        body = {"annotator": "ann", "id": state["id"], "answer": "right"}
        state = json.loads(ask(server, "POST", "/answer", body)[1])
    assert set(described.values()) - {""} == {f"a cake {id}" for id, text in described.items() if text}
    assert 10 <= sum(map(bool, described.values())) <= 30 and described["bare"] == ""
    answers = Answers(tmp_path / "answers.jsonl", "judge")
    assert answers.described == {"ann": {id: bool(text) for id, text in described.items()}}
    answers.add("ann", "1", "wrong", 1)
    assert "1" not in answers.described["ann"], "this one was asked in another round"


def test_judges_are_reported_with_and_without_the_picture_in_words(tmp_path):
    posts = [Post(str(number), f"what a lovely day it was {number}", emotion="joy") for number in range(8)]
    prepare(posts, tmp_path / "dataset", Settings(labels="column", emotions="seven", language="any"))
    answers = Answers(tmp_path / "dataset" / "answers.jsonl", "judge")
    for number, described in enumerate((True, True, True, False, False, None)):
        answers.add("ann", str(number), "right" if number else "wrong", 1, described)
    lines = report(read(tmp_path / "dataset"), "builtin", "judge").lines
    found = dict(line.split(": right about the model on ") for line in lines if "right about" in line)
    assert {who: how.split("; ")[0] for who, how in found.items()} == {
        "ann": "1.000 of 1 post",
        "ann, with the picture in words": "0.667 of 3 posts",
        "ann, without": "1.000 of 2 posts",
    }


def test_the_models_own_words_are_marked_for_judges_or_none(tmp_path):
    posts = [Post("1", "I was terrified"), Post("2", "and so it goes")]
    prepare(posts, tmp_path / "dataset", Settings(labels="none", emotions="seven", language="any"))
    with open_session(tmp_path / "dataset", Round("judge")) as session:
        assert session.words is not None
        (span,) = session.words(next(post for post in session.posts if post.id == "1"))
        assert span[:2] == [6, 15] and span[2] > 0.1
    with open_session(tmp_path / "dataset", Round("judge", explain=False)) as session:
        assert session.words is None


def test_words_that_explain_are_read_from_json_lines(tmp_path):
    path = tmp_path / "words.jsonl"
    path.write_text('{"id": 1, "words": [[0, 5, 0.7], [6, 9, -1]]}\n\n{"id": "b", "words": []}\n')
    assert read_words(path) == {"1": [[0, 5, 0.7], [6, 9, -1.0]], "b": []}
    assert read_words(None) == {}
    for line in (
        "{torn",
        "[1]",
        '{"id": "1"}',
        '{"id": "1", "words": [[0, 5]]}',
        '{"id": "1", "words": [["x", 5, 1]]}',
        '{"id": "1", "words": [[0, 5, NaN]]}',
        '{"id": "1", "words": [[0, 5, -Infinity]]}',
        '{"id": "1", "words": [[0, Infinity, 1]]}',
    ):
        path.write_text(f'{{"id": "1", "words": []}}\n{line}\n')
        with pytest.raises(LabelError, match=r"line 2: expected id and words, \[\[start, end, weight\], ...\]"):
            read_words(path)
    with pytest.raises(FeelscopeError, match="no such file"):
        read_words(tmp_path / "none.jsonl")


def test_only_posts_that_have_what_is_shown_are_asked():
    posts = [Post("words", "x"), Post("picture", image=b"x"), Post("two", "x", image=b"x")]
    for show, ids in (("both", {"words", "picture", "two"}), ("text", {"words", "two"}), ("image", {"picture", "two"})):
        assert {post.id for post in shuffled(posts, show, 0)} == ids
        assert shuffled(posts[::-1], show, 0) == shuffled(posts, show, 0), "the same for everybody"


def test_bad_input_is_one_line(tmp_path):
    with pytest.raises(LabelError, match="no post has what --show image shows"):
        shuffled([Post("1", "x")], "image", 0)
    (tmp_path / "bad.jsonl").write_text("{}\n{}\n")
    with pytest.raises(LabelError, match="line 1: no answer"):
        Answers(tmp_path / "bad.jsonl", "label")


def line(id):
    return f'{{"mode": "label", "annotator": "ann", "id": "{id}", "answer": "x"}}'


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"{line(1)} \n\t{line(2)}\r\n\n{line(3)}", ["1", "2", "3"]),
        (f"{line(1)}\n{line(2)[:-1]}", ["1"]),
        (f"{line(1)}\n{line(2)},\n", 2),
        (f"{line(1)}\n{line(2)},", ["1"]),
        (f"{line(1)[:-1]}\n{line(2)}\n", 1),
    ],
)
def test_a_line_is_read_or_refused_and_only_the_last_may_be_torn(tmp_path, text, read):
    path = tmp_path / "answers.jsonl"
    path.write_bytes(text.encode())
    if isinstance(read, list):
        assert kept(tmp_path) == {"ann": dict.fromkeys(read, "x")}
    else:
        with pytest.raises(
            LabelError, match=f"^{re.escape(str(path))}, line {read}: no answer; mend or remove the line$"
        ):
            kept(tmp_path)


def test_what_is_no_table_is_said_to_be_none(tmp_path):
    (tmp_path / "afile").write_text("x")
    for name, said in (("afile", "a posts table is CSV"), ("none", "not there; name a posts table")):
        with pytest.raises(FeelscopeError, match=f"{name}: {said}"):
            read(tmp_path / name)


@pytest.mark.parametrize("path", ["/", "/next.json?annotator=ann", "/image?id=2", "/image?id=9", "/answer"])
def test_nothing_is_kept_by_the_browser(serve, path):
    connection = http.client.HTTPConnection(urlsplit(serve()).netloc, timeout=10)
    answer = json.dumps({"annotator": "ann", "id": "1", "answer": "sadness"}) if path == "/answer" else None
    connection.request("POST" if answer else "GET", path, answer, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    connection.close()
    assert (response.status, response.headers["Cache-Control"]) == (404 if "9" in path else 200, "no-store")


def test_a_power_cut_in_an_answer_costs_that_answer_alone(tmp_path):
    path = tmp_path / "answers.jsonl"
    Answers(path, "label").add("ann", "1", "x", 1)
    whole = path.read_bytes()
    Answers(path, "label").add("ann", "2", "y", 1)
    second = path.read_bytes()[len(whole) :]
    for cut in range(len(second) + 1):
        path.write_bytes(whole + second[:cut])
        Answers(path, "label").add("bob", "3", "z", 1)
        survived = {"2": "y"} if cut >= len(second) - 1 else {}
        assert kept(tmp_path) == {"ann": {"1": "x"} | survived, "bob": {"3": "z"}}


def test_a_line_that_an_older_version_tore_is_told_and_the_next_answer_costs_nothing(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_bytes(f"{line(1)}\n{line(2)}".encode()[:-7])  # the name of the third has a line break for some
    answers = Answers(path, "label")
    for name in ("line\u2028separator", "next\x85line"):
        answers.add(name, "3", "y", 1)
    assert kept(tmp_path) == {"ann": {"1": "x"}, "line\u2028separator": {"3": "y"}, "next\x85line": {"3": "y"}}
    path.write_bytes(f"{line(1)[:-7]}{line(2)}\n".encode())
    with pytest.raises(LabelError, match="line 1: no answer; mend or remove the line"):
        kept(tmp_path)


def test_a_dataset_that_is_labelled_is_written_by_nobody_else(tmp_path):
    posts = [Post(str(number), f"we saw the old house {number}", emotion="joy") for number in range(9)]
    settings = Settings(labels="none", emotions="seven", language="any")
    prepare(posts, tmp_path / "dataset", settings)
    opened = (Round(),)
    before = (tmp_path / "dataset" / "posts.parquet").read_bytes()
    with open_session(tmp_path / "dataset", *opened) as session:
        session.answer("ann", "1", "happiness", 1)
        for write in (
            lambda: open_session(tmp_path / "dataset", *opened).__enter__(),
            lambda: prepare(posts[:5], tmp_path / "dataset", settings),
        ):
            with pytest.raises(FeelscopeError, match="dataset: another process is writing it; wait until it is done"):
                write()
    assert (tmp_path / "dataset" / "posts.parquet").read_bytes() == before
    prepare(posts, tmp_path / "dataset", settings)
    assert Answers(tmp_path / "dataset" / "answers.jsonl", "label").by_person == {"ann": {"1": "happiness"}}
    assert not list(tmp_path.rglob("*.lock"))
    with pytest.raises(FeelscopeError, match="none: not there"):
        open_session(tmp_path / "none", *opened).__enter__()


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium")
def test_in_a_real_browser_by_keyboard(serve, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    address = serve()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(error))
        page.goto(address)
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
    assert kept(tmp_path) == {"ann": {"1": "happiness", "2": "happiness", "3": "sadness"}}


ANSWER = {"annotator": "ann", "id": "1", "answer": "sadness"}


@pytest.mark.parametrize(
    "change",
    [
        *({"seconds": value} for value in (-1, True, "1", [1], 1e300, 10**400, float("nan"), float("inf"), 10_000_001)),
        *(
            {"annotator": value}
            for value in ("a\x1b[31m", "a\0", "\u202eann", "half \ud800", "x" * 101, "\u200d", None, 1)
        ),
        *({"id": value} for value in (1, None, "\ud800", ["1"])),
        *({"answer": value} for value in (True, None, "\0", {})),
    ],
    ids=ascii,
)
def test_an_answer_that_cannot_be_is_refused_and_not_kept(serve, tmp_path, change):
    status, content = ask(serve(), "POST", "/answer", {**ANSWER, **change})
    assert (status == 400 and "expected" in json.loads(content)["error"]) or "no such" in json.loads(content)["error"]
    assert not (tmp_path / "answers.jsonl").exists()


def test_a_name_is_kept_with_single_blanks(serve, tmp_path):
    names = {
        "  Zoë\u3000van\n\u2028Dijk ": "Zoë van Dijk",
        "می\u200cخواهم": "می\u200cخواهم",
        "👩\u200d🔬": "👩\u200d🔬",
    }
    address = serve()
    for name, kept_as in names.items():
        assert ask(address, "POST", "/answer", {**ANSWER, "annotator": name, "seconds": 1e7})[0] == 200
        assert json.loads(ask(address, "GET", "/next.json?annotator=" + quote(name))[1])["done"] == 1
        assert kept(tmp_path)[kept_as] == {"1": "sadness"}
    assert len(kept(tmp_path)) == 3


@pytest.mark.parametrize("name", ["", "%20", "%1b[31m", "%00", "x" * 101])
def test_nobody_is_asked_under_what_is_no_name(serve, name):
    status, content = ask(serve(), "GET", f"/next.json?annotator={name}")
    assert (status, json.loads(content)["error"]) == (
        400,
        "expected a name of 1 to 100 letters, without control characters",
    )


def test_pictures_of_the_session_alone_are_sent(serve, tmp_path):
    (tmp_path / "one.png").write_bytes(PNG)
    (tmp_path / "secret.txt").write_text("secret")
    posts = [
        Post("1", image=tmp_path / "one.png"),
        Post("2", image=tmp_path / "secret.txt"),
        Post("3", image=tmp_path / "gone.png"),
    ]
    address = serve(posts)
    assert ask(address, "GET", "/image?id=1") == (200, PNG)
    for id in ("2", "3", "4", "", str(tmp_path / "one.png"), "%00", "x" * 9000):
        assert ask(address, "GET", f"/image?id={id}") == (404, b'{"error":"no picture"}')
