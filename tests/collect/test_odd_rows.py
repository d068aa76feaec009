"""One odd row costs itself: the rest of its page is stored, and the same command goes on."""

import json
import os
from pathlib import Path

import pytest
from platforms import KEY, Platform, photo, serve, submission, tumblr_post, tumblr_video

from feelscope.collect.dumps import Dumps
from feelscope.collect.files import Files
from feelscope.collect.flickr import FlickrIds, FlickrSearch
from feelscope.collect.quota import Meter
from feelscope.collect.reddit import Reddit, connect
from feelscope.collect.run import collect
from feelscope.collect.tumblr import Tumblr
from feelscope.errors import CollectError
from feelscope.store import Store
from feelscope.table import Quarantine
from feelscope.text.html import read_html

NOW = 1_460_000_000
NAMES = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_USER_AGENT")
DIGITS = "9" * 5000
NESTED = "[" * 100_000 + "]" * 100_000
# A field of each source, as JSON has it, and whether its post is kept.
ODD = {
    "reddit": [
        *[
            ("score", "1e30", 0),
            ("score", "1" * 26, 0),
            ("score", "NaN", 0),
            ("score", '"abc"', 0),
            ("score", "null", 1),
        ],
        *[("created_utc", "1e300", 0), ("created_utc", "253402300800", 0), ("created_utc", '"1400000000"', 1)],
        *[("id", "[1]", 0), ("id", "null", 0), ("id", '""', 0), ("id", f'"{"x" * 2000}"', 0), ("title", "[1]", 0)],
        *[("selftext", '"a\\ud800b\\u0000"', 1), ("media_metadata", '{"a": {"s": "abc"}}', 1), ("author", "[7]", 1)],
        *[
            ("media_metadata", '{"a": {"s": {"u": ["x"]}}}', 1),
            ("gallery_data", NESTED, 1),
            ("more", DIGITS, 1),
        ],
    ],
    "tumblr": [
        *[("note_count", "1e30", 0), ("note_count", "1" * 26, 0), ("timestamp", "5", 0), ("timestamp", "1e300", 0)],
        *[
            ("id_string", '["a"]', 0),
            ("tags", '[7, null, "x"]', 1),
            ("caption", '"<![x[ a <b>"', 1),
            ("photos", NESTED, 1),
        ],
        *[("photos", '[{"original_size": {"url": "/etc/hostname"}}]', 1), ("blog_name", '"\\ud83d"', 1)],
    ],
    "flickr": [
        *[("dateupload", "1e300", 0), ("id", "[1]", 0), ("title", '{"_content": [7]}', 0), ("tags", "7", 1)],
        *[("url_c", '"file:///etc/hostname"', 1), ("owner", "[1]", 1), ("license", DIGITS, 1), ("tags", NESTED, 1)],
    ],
}


def with_field(row: dict, name: str, value: str) -> str:
    parts = {json.dumps(key): json.dumps(cell) for key, cell in row.items()} | {json.dumps(name): value}
    return "{" + ", ".join(f"{key}: {cell}" for key, cell in parts.items()) + "}"


def rows_of(source: str) -> tuple[list[str], int]:
    """Ten sound rows with an odd one behind each of the first, and how many of all are posts."""
    make = {"tumblr": lambda n: tumblr_post(3 * n, NOW - 1 - n), "flickr": lambda n: photo(n, NOW - 1 - n)}
    row = make.get(source, submission)
    odd = [with_field(row(100 + n), name, value) for n, (name, value, _) in enumerate(ODD[source])]
    return [json.dumps(row(n)) for n in range(10)] + odd, 10 + sum(kept for *_, kept in ODD[source])


def answering(source: str, rows: list[str]) -> Platform:
    """A platform that gives all of them as one page."""
    listing = ", ".join(f'{{"kind": "t3", "data": {row}}}' for row in rows)
    page = {
        "tumblr": f'{{"response": [{", ".join(rows)}]}}',
        "flickr": f'{{"stat": "ok", "photos": {{"pages": 1, "total": {len(rows)}, "photo": [{", ".join(rows)}]}}}}',
        "reddit": f'{{"data": {{"after": null, "children": [{listing}, 7]}}}}',
    }[source]

    def once(handler, query):
        empty = source == "tumblr" and int(query["before"]) < NOW
        handler.raw(200, b'{"response": []}' if empty else page.encode())

    def token(handler, query):
        handler.say(200, {"access_token": "t", "token_type": "bearer", "expires_in": 3600, "scope": "*"})

    return Platform({"/api/v1/": token, "/": once})


def opened(source: str, address: str, api, store: Store, bad: Quarantine):
    if source == "tumblr":
        return Tumblr(api("tumblr", address), ["happy"], NOW, NOW - 1000, quarantine=bad)
    if source == "flickr":
        return FlickrSearch(api("flickr", address), ["sunset"], NOW, NOW - 1000, bad)
    client = connect(dict.fromkeys(NAMES, KEY), Meter(store, "reddit", "id", ()), address)
    return Reddit(client, ["happy"], quarantine=bad)


@pytest.mark.parametrize("source", ODD)
def test_an_odd_post_of_an_answer_costs_itself(source: str, api, store, tmp_path: Path) -> None:
    rows, posts = rows_of(source)
    beside = tmp_path / "posts.quarantine.jsonl"
    with serve(answering(source, rows)) as address:
        for _ in range(2):
            with Quarantine(beside, keep=True) as bad:
                collect(store, opened(source, address, api, store, bad), restart=True)
    assert store.count() == posts == len(list(store.posts()))
    lines = [json.loads(line) for line in beside.read_text().splitlines()]
    assert len(lines) == len(rows) - posts + (source == "reddit"), "once, though they came twice"
    assert all(line["reason"] and line["table"].startswith(source) for line in lines)
    assert all("etc" not in str(post.other.get("image_url")) for post in store.posts())


def test_odd_lines_of_a_dump_and_of_an_export(store, tmp_path: Path) -> None:
    rows, posts = rows_of("reddit")
    rows = [row for row in rows if DIGITS not in row and NESTED not in row]  # of a line, that costs the whole
    posts -= 2
    # A table keeps the post whose time or votes are none, and leaves that cell empty.
    for name, source, kept in (("RS", Dumps, posts), ("r.ndjson", Files, posts + 5)):
        path = tmp_path / name
        path.write_text("\n".join(rows))
        bad = Quarantine(most_broken=1.0)
        with Store(tmp_path / f"{name}.db") as own:
            collect(own, source([path], quarantine=bad))
            assert (own.count(), bad.count) == (kept, len(rows) - kept)


def test_a_video_keeps_the_walk_going(api, store) -> None:
    """An answer of nothing that is kept is no empty answer."""
    videos = [tumblr_video(n, NOW - 1 - n) for n in range(25)]
    behind = tumblr_post(99, NOW - 50)
    every = [*videos, behind]

    def tagged(handler, query):
        have = [post for post in every if post["timestamp"] < int(query["before"])][:20]
        handler.say(200, {"response": have})

    with serve(Platform({"/v2/tagged": tagged})) as address:
        outcome = collect(store, Tumblr(api("tumblr", address), ["happy"], NOW, NOW - 1000))
    assert [post.id for post in store.posts()] == ["tumblr:99"]
    assert not outcome.gaps


def test_an_odd_photo_of_a_labelled_set_costs_itself(api, store, tmp_path: Path) -> None:
    (tmp_path / "set.csv").write_text("id,emotion\n1,awe\n2,awe\n")

    def rest(handler, query):
        found = photo(2, NOW, description={"_content": "we walked along the sea until dark"})
        handler.say(200, {"stat": "ok", "photo": "odd" if query["photo_id"] == "1" else found})

    bad = Quarantine()
    with serve(Platform({"/services": rest})) as address:
        collect(store, FlickrIds(api("flickr", address), tmp_path / "set.csv", bad))
    assert ([post.id for post in store.posts()], bad.count) == (["flickr:2"], 1)


@pytest.mark.parametrize("cell", ["{secret}", "file://{secret}", "../secret.png", "link.png", "sha256:00", "p" * 300])
@pytest.mark.parametrize("column", ["image", "image_url", "images", "photo"])
def test_no_cell_of_a_table_brings_a_file_from_elsewhere(store, tmp_path: Path, column: str, cell: str) -> None:
    secret, folder = tmp_path / "secret.png", tmp_path / "from_elsewhere"
    folder.mkdir()
    secret.write_bytes(b"secret")
    (folder / "link.png").symlink_to(secret)
    row = {"id": "1", "text": "words", column: cell.replace("{secret}", str(secret))}
    (folder / "t.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"id": "2", "text": "more words"}) + "\n")
    collect(store, Files([folder / "t.jsonl"]))
    found = list(store.posts())
    assert found[-1].id == "t:2"
    assert all(post.image is None and "image_url" not in post.other for post in found)


def test_a_picture_that_cannot_be_read_costs_itself(store, tmp_path: Path) -> None:
    rows = [{"id": "1", "text": "words", "image": "none.png"}, {"id": "2", "text": "", "image": "none.png"}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    bad = Quarantine()
    outcome = collect(store, Files([tmp_path / "t.jsonl"], quarantine=bad))
    assert [post.text for post in store.posts()] == ["words"]
    assert dict(bad.reasons) == {"picture cannot be read, and there are no words": 1}
    assert outcome.notes[0].endswith("1 pictures left out, their words kept: no such file")


def test_captions_without_line_ends_and_odd_names(store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.text.json_lines.LONGEST", 1000)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"a")
    names = ["a.png", "n" * 300, "b\udcff.png", "none.png"]
    lines = [f"{name}\twords".encode(errors="surrogateescape") for name in names]
    (folder / "captions.txt").write_bytes(b"\n".join([*lines, b"x" * 9000]))
    bad = Quarantine()
    collect(store, Files([folder], quarantine=bad))
    assert ([post.image for post in store.posts()], bad.count) == ([b"a"], 4)
    assert bad.reasons["line is over 1000 characters"] == 1


def test_pages_are_cut_by_bytes_too(store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.collect.rows.PAGE_BYTES", 3600)
    for n in range(10):
        (tmp_path / f"{n}.png").write_bytes(bytes([n]) * 1000)
    rows = [json.dumps({"id": str(n), "image": f"{n}.png"}) for n in range(10)]
    (tmp_path / "t.jsonl").write_text("\n".join(rows))
    pages = list(Files([tmp_path / "t.jsonl"]).pages(str((tmp_path / "t.jsonl").resolve()), None))
    assert [len(page.posts) for page in pages] == [3, 3, 3, 1]
    assert collect(store, Files([tmp_path / "t.jsonl"]), limit=1).found == 3
    collect(store, Files([tmp_path / "t.jsonl"]))
    assert [post.image[0] for post in store.posts()] == list(range(10))


@pytest.mark.parametrize("source", [Dumps, Files])
def test_only_regular_files_are_read(tmp_path: Path, source) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name, said in {
        "pipe.csv": "not a regular file",
        "zero.csv": "not a regular file",
        "n" * 300: "cannot be read",
    }.items():
        with pytest.raises(CollectError, match=said) as error:
            source([tmp_path / name])
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "cursor", ['{"lines": "x"}', '{"lines": 1e400}', "{}", '{"lines": []}', '{"more": 1, "lines": 1}']
)
def test_a_cursor_of_another_program_is_one_line(store, tmp_path: Path, cursor: str) -> None:
    path = tmp_path / "RS"
    path.write_text(json.dumps(submission(1)))
    collect(store, Dumps([path]))
    store.execute("UPDATE cursors SET cursor = ?, done = 0", cursor)
    with pytest.raises(CollectError, match="start at the top with --restart"):
        collect(store, Dumps([path]))
    assert collect(store, Dumps([path]), restart=True).found == 1


def test_the_command_keeps_its_quarantine_beside_the_database(run, tmp_path: Path) -> None:
    (tmp_path / "RS").write_text(
        "\n".join([json.dumps(submission(1)), "{torn", with_field(submission(2), "score", "1e30")])
    )
    for arguments in ([], ["--restart"]):
        ran = run("collect", "some.db", "dumps", "RS", *arguments)
        assert ran.returncode == 0, ran.stderr
    assert "2 left out, see some.quarantine.jsonl:" in ran.stderr
    lines = [json.loads(line) for line in (tmp_path / "some.quarantine.jsonl").read_text().splitlines()]
    assert [(line["id"], line["row"]) for line in lines] == [(None, 2), ("p2", 3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["RS", "some.db", "some.quarantine.jsonl"]


@pytest.mark.parametrize(
    "html", ["<![abc[ x", "<!", "<![", "<a<![if x]>b", "&#x110000;&#0;", "<!-- a", "</", "<p\ud800>x"]
)
def test_any_html_is_read(html: str) -> None:
    read_html(html)
