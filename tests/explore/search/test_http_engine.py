"""Archives asked over HTTP: the same views as in process, and one line for all that can go wrong.

No live cluster is asked: the server is a stand-in that checks requests against what the engines' documentation says.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from explore_archive import EMOTIONS, PICTURES, random_posts, simple_subjects, small_archive, write_posts
from search_engine import SearchEngine, running, serving

from feelscope.errors import ExploreError
from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.index.about import read_complete
from feelscope.explore.index.build import add
from feelscope.explore.index.export import documents, export
from feelscope.explore.search.http_call import Refused, Server
from feelscope.explore.search.http_engine import HttpEngine
from feelscope.explore.search.request import by_emotion, counting, listing, term

STATES: list[dict[str, str | None]] = [
    {},
    {"query": "speech", "emotion": "sadness"},
    {"query": '"syrian rebels" obama', "from": "2011-06-01", "to": "2013-02-01"},
    {"query": "rebels", "subject": "obama", "from": "2012-01-01"},
    {"query": "...", "subject": "obama"},
    {"query": "unheard of"},
    {"query": "don't <b>bold</b> 👍", "subject": "#aleppo"},
    {"query": '-rebels (cafe "the syrian") OR #aleppo -東京都', "source": "news"},
    {"query": "NOT well-known", "tags": "such", "facet.country": "2", "emotion": "fear"},
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Path]:
    folder = tmp_path_factory.mktemp("archive")
    posts = random_posts(250)
    for number, post in enumerate(posts):
        shares = [1 + (number * k) % 7 for k in range(7)]
        post |= {f"p_{name}": share / sum(shares) for name, share in zip(EMOTIONS, shares, strict=True)}
        post["image"] = PICTURES[number % 5] if number % 3 == 0 else None
    return small_archive(posts, folder), folder / "index"


COMPARED = (
    ({"query": "obama"}, {"against": "rest"}),
    ({"query": "obama", "subject": "speech", "from": "2012-01-01"}, {"against_query": "rebels"}),
    ({"from": "2012-02-01"}, {"against_to": "2012-02-01"}),
    ({"query": "obama", "to": "2012-05-01", "emotion": "fear"}, {"against_query": "...", "against_from": "2012-01-01"}),
)


@pytest.fixture(params=[False, True], ids=["elasticsearch", "quickwit"])
def engine(request: pytest.FixtureRequest) -> Iterator[SearchEngine]:
    with running(request.param) as found:
        yield found


def test_the_views_over_http_are_those_in_process(engine: SearchEngine, archive: tuple[Archive, Path]) -> None:
    here, folder = archive
    assert export(folder, Server(engine.address)) == (250, 0)
    there = open_archive(folder, engine.address)
    for state in STATES:
        for unit in ("day", "week", "month", "year"):
            assert there.views(state, unit=unit) == here.views(state, unit=unit)
    for state, against in COMPARED:
        asked = {"against": against, "course": "fear"}
        assert there.views(state, **asked) == here.views(state, **asked)
    assert there.post("p7") == here.post("p7")
    paths = [path for _, path in engine.calls]
    assert any(path.endswith("/_msearch") for path in paths)
    assert paths.count(paths[-1]) < len(paths)


def test_documents_have_the_numbers_of_the_index(archive: tuple[Archive, Path]) -> None:
    here, folder = archive
    found = list(documents(folder, read_complete(folder)[0]))
    number = here.index.vocabulary.number("obama")
    reply = here.index.engine.search(counting(term("subject", number)))
    assert sum(number in one["subject"] for one in found) == reply["hits"]["total"]["value"] > 0
    hits = here.index.engine.search(listing({"match_all": {}}, first=0, size=250))["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == [one["id"] for one in sorted(found, key=lambda one: one["order"])]


def test_a_stopped_export_goes_on(archive: tuple[Archive, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.explore.index.export._POSTS_AT_ONCE", 60)
    with running() as engine:

        def stop(done: int, _: int) -> None:
            if done >= 120:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            export(archive[1], Server(engine.address), progress=stop)
        assert len(engine.documents["archive"]) == 120
        with pytest.raises(ExploreError, match="holds 120 posts and the archive 250; export it again"):
            open_archive(archive[1], engine.address)
        assert export(archive[1], Server(engine.address)) == (130, 120)
        assert export(archive[1], Server(engine.address)) == (0, 250)
        assert engine.calls[-1] == ("POST", "/_bulk?refresh=wait_for")


def test_an_index_that_is_there(engine: SearchEngine, archive: tuple[Archive, Path], tmp_path: Path) -> None:
    server = Server(engine.address)
    small_archive(random_posts(40), tmp_path)
    export(tmp_path / "index", server)
    with pytest.raises(ExploreError, match="is there already; --rebuild replaces it"):
        export(archive[1], server)
    assert export(archive[1], server, rebuild=True) == (250, 0)
    assert len(engine.documents["archive"]) == 250
    add(
        write_posts(random_posts(60)[40:], tmp_path / "more.parquet"), tmp_path / "index", find_subjects=simple_subjects
    )
    with pytest.raises(ExploreError, match="holds 250 posts and the archive 60"):
        open_archive(tmp_path / "index", engine.address)


def test_an_index_of_somebody_else_is_left_alone(engine: SearchEngine, archive: tuple[Archive, Path]) -> None:
    other = {"properties": {"price": {"type": "long"}}}
    quickwit = {"index_id": "archive", "doc_mapping": {"field_mappings": [{"name": "price", "type": "i64"}]}}
    engine.mappings["archive"], engine.documents["archive"] = quickwit if engine.quickwit else other, []
    for rebuild in (False, True):
        with pytest.raises(ExploreError, match="is an index that export did not make; name another one"):
            export(archive[1], Server(engine.address), rebuild=rebuild)
    assert not any(method == "DELETE" for method, _ in engine.calls)


def test_a_busy_engine_is_waited_for(archive: tuple[Archive, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    busy = (429, b'{"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}}')
    waits: list[float] = []
    with running() as engine:
        server = Server(engine.address)
        monkeypatch.setattr(engine, "replies", [(404, b"{}"), (200, b"{}"), busy, busy])
        with pytest.raises(ExploreError, match="no such index"):  # the index was not really made
            export(archive[1], server, sleep=waits.append)
        assert waits == [1, 2]
        engine.replies = [(404, b"{}"), (200, b"{}")] + [busy] * 6
        with pytest.raises(Refused, match="answered 429: queue is full"):
            export(archive[1], server, sleep=lambda _: None)


def test_a_post_that_is_refused_is_named(archive: tuple[Archive, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.explore.index.export._SHOWN", ("title",))
    with running() as engine, pytest.raises(ExploreError, match=r"refuses the post 'p0' \(400: unknown field"):
        export(archive[1], Server(engine.address))


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        (200, b"<html><body>Welcome!</body></html>", "expected JSON and got '<html><body>Welcome!"),
        (200, b"", "expected JSON and got ''"),
        (200, b"[]", "not the reply to a search"),
        (200, b'{"hits": 3}', "not the reply to a search"),
        (200, b'{"hits": {"total": "7", "hits": []}}', "not the reply to a search"),
        (200, b'{"error": "no", "status": "odd"}', "answered an error: no"),
        (200, b'{"hits": {"total": {"value": 1, "relation": "gte"}, "hits": []}}', "the engine guessed"),
        (200, b'{"timed_out": true, "hits": {"total": 1, "hits": []}}', "ran out of time"),
        (200, b'{"_shards": {"failed": 1}, "hits": {"total": 1, "hits": []}}', "lost a part of the index"),
        (200, b'{"hits": {"total": 1, "hits": [{"_source": {}}]}}', "is it an index that export made"),
        (302, b"", r"sends elsewhere \(302"),
        (400, b'{"error": {"root_cause": [{"type": "x", "reason": "no [y]"}]}}', r"answered 400: no \[y\]"),
        (401, b'{"error": "secret"}', r"refuses access \(401\); put name and password into the address"),
        (
            404,
            b'{"error": {"type": "index_not_found_exception", "reason": "x"}}',
            "no such index; feelscope explore export",
        ),
        (500, b"", "answered 500 and said nothing"),
        (502, b"<html>Bad Gateway</html>", "answered 502: <html>Bad Gateway</html>"),
        (503, b'{"message": "no\\nleader"}', "answered 503: no leader"),
    ],
)
def test_wrong_answers_are_one_line(status: int, content: bytes, said: str) -> None:
    with running() as engine:
        engine.replies = [(status, content)]
        with pytest.raises(ExploreError, match=said) as caught:
            HttpEngine(engine.address).search(counting({"match_all": {}}))
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(engine.address)


def test_one_of_several_that_fails_is_one_line() -> None:
    with running() as engine:
        ok: dict[str, Any] = {"status": 200, "hits": {"total": {"value": 1, "relation": "eq"}, "hits": []}}
        bad = {"status": 400, "error": {"type": "x", "reason": "too many buckets"}}
        requests = [counting({"match_all": {}}), counting({"match_all": {}})]
        for responses, said in (
            ([ok, bad], "answered 400: too many buckets"),
            ([ok], "expected 2 responses"),
            (3, "expected 2"),
        ):
            engine.replies = [(200, json.dumps({"responses": responses}).encode())]
            with pytest.raises(ExploreError, match=said):
                HttpEngine(engine.address).search_all(requests)


def test_what_matches_nothing_is_not_asked() -> None:
    engine = HttpEngine("http://127.0.0.1:1/archive")
    nothing = counting({"match_none": {}}, emotions=by_emotion())
    assert engine.search_all([nothing]) == [engine.search(nothing)]
    assert engine.search(nothing)["aggregations"] == {"emotions": {"buckets": []}}


def test_a_closed_port_and_a_port_of_something_else() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/archive"
        with pytest.raises(ExploreError, match=r"no answer .*; is this an engine, and is it running"):
            HttpEngine(address).check(3)
    with pytest.raises(ExploreError, match=r"no answer \(.*; is this an engine"):
        HttpEngine("http://no.such.host.invalid/archive").check(3)

    class Shouting(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(b"220 mail.example.org ready\r\n")

    with serving(Shouting) as base, pytest.raises(ExploreError, match=r"no answer in HTTP .*; is this an engine"):
        HttpEngine(f"{base}/archive").check(3)


def test_an_engine_that_says_nothing_or_trickles_is_left_in_time() -> None:
    over = threading.Event()  # the server would go on until then

    class Slow(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if "silent" in self.path:
                over.wait(30)
                return
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with suppress(OSError):  # the reader leaves
                while not over.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    with serving(Slow) as base:
        for index in ("silent", "trickle"):
            with pytest.raises(ExploreError, match=r"(no answer|did not end) in time; is the engine busy"):
                HttpEngine(f"{base}/{index}", timeout=0.3).check(3)
        over.set()


def test_an_answer_that_is_cut() -> None:
    class Cutting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"hits"')

        def log_message(self, *_: object) -> None:
            pass

    with serving(Cutting) as base, pytest.raises(ExploreError, match="cut in the middle of an answer"):
        HttpEngine(f"{base}/archive").check(3)


@pytest.mark.parametrize(
    "address",
    [
        *("localhost:9200/archive", "http://", "http://localhost:9200", "ftp://localhost/archive"),
        *("http://localhost/Archive", "http://localhost:99999/archive", "http://localhost/archive?x=1"),
        *("http://[::1/archive", "http://u:secret@h/a b"),
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ExploreError, match="expected one like http://localhost:9200/archive") as caught:
        Server(address)
    assert "secret" not in str(caught.value)


def test_a_password_is_sent_and_never_shown() -> None:
    with running() as engine:
        server = Server(engine.address.replace("//", "//reader:s%40cret@"))
        with pytest.raises(ExploreError) as caught:
            server.ask("GET", "archive/_mapping")
        assert engine.authorization == ["Basic cmVhZGVyOnNAY3JldA=="]  # reader:s@cret
        assert "cret" not in str(caught.value)
    assert Server("https://[::1]:9200/archive/").shown == "https://[::1]:9200/archive"


def test_another_engine_has_no_map(engine: SearchEngine, tmp_path: Path) -> None:
    here = small_archive(random_posts(30), tmp_path, mapped=True)
    export(tmp_path / "index", Server(engine.address))
    there = open_archive(tmp_path / "index", engine.address)
    missing = {"missing": "There is no map here: another engine (--engine) does not hold it."}
    assert there.views({}, parts=("map",))["map"] == missing == there.similar("p1")
    assert there.spot(here.views({}, parts=("map",))["map"]["points"]["key"][0]) is None
    with pytest.raises(ExploreError, match="has no map"):
        there.views({"area": "0,0,5000,5000"})
    assert there.views({"query": "obama"})["counts"] == here.views({"query": "obama"})["counts"]
