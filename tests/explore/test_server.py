"""What the server answers, and to whom."""

import csv
import http.client
import io
import json
import threading
from itertools import islice
from urllib.parse import quote, urlencode, urlsplit

import pytest
from small_archive import served, storm_archive

from feelscope.errors import ExploreError
from feelscope.explore.archive import PARTS
from feelscope.explore.server import PAGE, asked
from feelscope.explore.views.against import Against


def get(address, path, host=None, method="GET"):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def said(address, path):
    answer, content = get(address, path)
    assert answer.status == 200, content
    return json.loads(content)


def table(address, path):
    answer, content = get(address, path)
    assert answer.status == 200 and answer.getheader("Content-Type") == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_views_are_those_of_the_archive(address, archive):
    given = {"query": "storm", "subject": "red cross", "from": "2011-01-01", "to": "2012-01-01", "emotion": "fear"}
    expected = archive.views(given, parts=("subjects", "sentences"), sentences_page=2)
    assert (
        said(address, "/views.json?" + urlencode({**given, "parts": "subjects,sentences", "sentences": 2})) == expected
    )
    whole = said(address, "/views.json?query=&subject=")
    assert {"timeline", "subjects", "sentences", "pictures"} <= whole.keys()
    assert whole["counts"]["query"] == 602


def test_a_post_by_its_id(address):
    assert said(address, "/post.json?id=odd1")["text"].startswith("עברית")
    answer, content = get(address, "/post.json?id=" + quote("../p0"))
    assert (answer.status, json.loads(content)) == (404, {"error": "the archive has no post of this id"})


def test_subjects_are_suggested(address):
    assert [row["subject"] for row in said(address, "/subjects.json?begin=Cro")] == ["red cross"]
    assert said(address, "/subjects.json?begin=r")[0] == {"subject": "red cross", "posts": 69}
    for nothing in ("", "%20", "%00", "x" * 1000, "%ED%A0%80"):
        assert said(address, f"/subjects.json?begin={nothing}") == []


def test_every_view_is_a_whole_table(address, archive):
    found = archive.views({"query": "storm", "subject": None, "from": None, "to": None, "emotion": None},
                            parts=("timeline", "subjects", "sentences"))  # fmt: skip
    rows = table(address, "/sentences.csv?query=storm&sentences=3")
    assert len(rows) == found["sentences"]["total"] > 100
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    bins = table(address, "/timeline.csv?query=storm")
    assert sum(int(row["query"]) for row in bins) == found["counts"]["query"]
    assert sum(int(row["fear"]) for row in bins) == found["counts"]["emotions"]["fear"]
    subjects = table(address, "/subjects.csv?query=storm")
    assert len(subjects) == found["subjects"]["total"] and subjects[0]["fear: low"]
    assert table(address, "/pictures.csv?query=storm") == []


def test_comparisons_and_feelings_are_whole_tables_too(address, archive):
    against = {"against_query": '"quiet day"', "against_from": "2011-01-01", "against_to": "2012-01-01"}
    given = {"query": "storm", "from": "2011-01-01"}
    found = archive.views({**given, "to": None}, against=against, course="fear")
    asked = urlencode({**given, **against, "course": "fear"})
    assert said(address, "/views.json?" + asked) == found
    rows = table(address, "/feelings.csv?" + asked)
    assert [row["words"] for row in rows] == [row["words"] for row in found["feelings"]["rows"]]
    assert sum(int(row["other: posts"]) for row in rows) == found["counts"]["other"] > 50
    subjects = table(address, "/contrast.csv?" + asked)
    assert len(subjects) == found["contrast"]["more"]["total"] + found["contrast"]["less"]["total"] > 5
    assert float(subjects[0]["g2"]) > 0 > float(subjects[-1]["g2"])
    course = table(address, "/course.csv?" + asked)
    assert sum(int(row["posts"]) for row in course) == found["counts"]["query"]
    bins = table(address, "/timeline.csv?" + asked)
    assert sum(int(row["query"]) for row in bins) == found["counts"]["query"]
    assert sum(int(row["other"]) for row in bins) > found["counts"]["other"], "over the time of both sides"
    assert [len(table(address, f"/{name}.csv")) for name in ("course", "contrast", "feelings")] == [0, 0, 7]


def test_a_cell_is_no_formula(tmp_path):
    posts = [{"id": "1", "created_at": "2012-01-01", "text": "=HYPERLINK(1)", "emotion": "fear"}]
    with served(storm_archive(tmp_path, posts)) as address:
        (row,) = table(address, "/sentences.csv")
    assert row["text"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/views.json?qurey=x", 400, "'qurey' is not known; did you mean 'query'?"),
        ("/views.json?parts=words,tables", 400, "'tables' is not a part; known are context, timeline"),
        ("/views.json?unit=decade", 400, "'decade' is not a unit; known are day, week, month, year"),
        ("/views.json?query=a&query=b", 400, "query is there 2 times; give it once"),
        ("/views.json?query=&query=", 400, "query is there 2 times; give it once"),
        ("/views.json?" + "q" * 9000, 400, f"'{'q' * 40}' is not known"),
        ("/views.json?parts=" + "subjects," * 1000, 400, "'' is not a part"),
        ("/views.json?against=all", 400, "against: expected 'rest', for everything else, and found 'all'"),
        ("/views.json?against=rest", 400, "every post is in the question, so nothing else is left"),
        ("/views.json?query=a&against=rest&against_query=b", 400, "and not with both"),
        ("/views.json?query=a&against_query=a", 400, "both sides of the comparison are the same"),
        ("/views.json?against_to=1999-01-01", 400, "is outside the archive"),
        ("/views.json?against_query=" + "x" * 1001, 400, "query is longer than 1,000 letters"),
        ("/views.json?course=joy", 400, "no post has the emotion 'joy'"),
        ("/views.json?sentences=1000000000", 400, "a whole number, 1 or more"),
        ("/views.json?from=0001-01-01&to=0002-01-01", 400, "is outside the archive"),
        ("/views.json?from=" + "9" * 9000, 400, "expected a day as YYYY-MM-DD"),
        ("/views.json?emotion=" + "x" * 9000, 400, "emotion is longer than 1,000 letters"),
        ("/post.json?id=" + "x" * 9000, 404, "no post of this id"),
        ("/post.json?id=%00", 404, "no post of this id"),
        ("/views.json?sentences=0", 400, "a whole number, 1 or more"),
        ("/views.json?subjects=-1", 400, "a whole number, 1 or more"),
        ("/views.json?subjects=²", 400, "a whole number, 1 or more"),
        ("/views.json?query=" + "x" * 1001, 400, "longer than 1,000 letters"),
        ("/sentences.csv?emotion=joy", 400, "no post has the emotion 'joy'"),
        ("/sentences.csv?unit=decade", 400, "is not a unit"),
        ("/maps.csv", 404, "there is no maps.csv"),
        ("/nothing", 404, "Not Found"),
        ("/page/../server.py", 404, "Not Found"),
        ("/page/%2e%2e/server.py", 404, "Not Found"),
        ("/thumbnails/x.png", 404, "Not Found"),
    ],
)
def test_bad_addresses_are_one_line(address, path, status, words):
    answer, content = get(address, quote(path, safe="/?=&,.%"))
    assert answer.status == status
    assert words in json.loads(content)["error"]


def test_only_this_machine_and_only_its_own_name(address):
    assert get(address, "/", host="evil.example")[0].status == 400
    assert get(address, "/views.json", host="127.0.0.1.evil.example:80")[0].status == 400
    assert get(address, "/", host="localhost")[0].status == 200
    assert get(address, "/", method="POST")[0].status == 405


@pytest.mark.parametrize("path", ["/", "/views.json?unit=decade", "/page/page.js", "/sentences.csv", "/nothing"])
def test_every_answer_says_what_a_page_may_load(address, path):
    headers = get(address, path)[0].headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "connect")} == {"'self'"}
    assert policy["img-src"] == "'self' blob:", "blob: is what the page itself has drawn"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_page_has_no_script_of_its_own(address):
    words = get(address, "/")[1].decode()
    assert words == (PAGE / "index.html").read_text(encoding="utf-8")
    assert words.count("<script") == 1 and '<script type="module" src="/page/page.js"></script>' in words
    assert " style=" not in words and "<style" not in words and " on" not in words.replace(" on ", "")
    for name in ("page.js", "style.css", "icon.svg"):
        assert get(address, f"/page/{name}")[0].status == 200
    assert "javascript" in get(address, "/page/page.js")[0].headers["Content-Type"]


class Held:
    """An archive whose answer to one query waits until it is let go."""

    def __init__(self, archive):
        self.archive, self.index, self.facts = archive, archive.index, archive.facts
        self.asked, self.let_go = threading.Event(), threading.Event()

    def views(self, state, **how):
        if state["query"] == "late":
            self.asked.set()
            assert self.let_go.wait(60)
        return self.archive.views(state, **how)


def test_answers_do_not_wait_for_a_late_one(archive):
    held = Held(archive)
    with served(held) as address:
        late = threading.Thread(target=said, args=(address, "/views.json?parts=sentences&query=late"))
        late.start()
        assert held.asked.wait(60)
        assert said(address, "/views.json?parts=sentences")["counts"]["query"] == 602
        held.let_go.set()
        late.join()


def test_what_is_empty_is_not_asked():
    found = asked([("query", " "), ("subject", ""), ("emotion", "fear")])
    assert found["state"] == {"query": "", "subject": None, "from": None, "to": None, "emotion": "fear", "area": None}
    assert found["parts"] == PARTS and found["unit"] == "auto"
    assert Against.read(found["against"]) is None is found["course"]


def test_a_facet_of_the_archive_is_a_name_of_its_addresses():
    found = asked([("source", "news"), ("facet.from", "x"), ("from", "2012-01-01")], ("source", "from"))
    chosen = {"source": "news", "facet.from": "x", "from": "2012-01-01"}
    assert {name: value for name, value in found["state"].items() if value} == chosen
    with pytest.raises(ExploreError, match=r"'facet\.form' is not known; did you mean 'facet\.from'"):
        asked([("facet.form", "x")], ("source", "from"))


@pytest.mark.parametrize("page", ["7000", "999999999"])
@pytest.mark.parametrize("part", ["sentences", "subjects"])
def test_after_the_last_page_there_are_no_rows(address, part, page):
    found = said(address, f"/views.json?query=storm&parts={part}&{part}={page}")[part]
    assert (found["rows"], found["page"]) == ([], int(page))
    assert found["total"] > 0 and found["pages"] < 100


class Failing:
    """An archive whose engine is gone after the first sentences."""

    def __init__(self, archive):
        self.archive, self.index, self.facts = archive, archive.index, archive.facts

    def all_sentences(self, *asked):
        return self.some(self.archive.all_sentences(*asked))

    def some(self, rows):
        yield from islice(rows, 150)
        raise ExploreError("the engine is gone")


def test_no_table_is_torn(archive):
    with served(Failing(archive)) as address:
        answer, content = get(address, "/sentences.csv")
        assert (answer.status, json.loads(content)) == (400, {"error": "the engine is gone"})
        answer, content = get(address, "/sentences.csv", method="HEAD")
        assert (answer.status, content) == (200, b"")
        assert answer.getheader("Content-Disposition") == 'attachment; filename="sentences.csv"'
        assert get(address, "/sentences.csv?unit=decade", method="HEAD")[0].status == 400
