"""Building and adding: the same whatever way the posts came, and what was complete survives every stop."""

import json
import multiprocessing
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from explore_archive import PICTURES, random_posts, simple_subjects, write_posts

from feelscope.errors import ExploreError
from feelscope.explore.archive import open_archive
from feelscope.explore.index.about import read_about
from feelscope.explore.index.build import BROKEN_PICTURE, add, build
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.subjects import Subject
from feelscope.explore.search.tantivy_engine import TantivyWriter
from feelscope.files import writing
from feelscope.table import PostsTable, Quarantine

STATES: list[dict[str, Any]] = [
    {"query": ""},
    {"query": "rebels", "emotion": "sadness"},
    {"query": "speech", "subject": "obama", "from": "2012-01-01"},
]


def answers(folder: Path) -> list[dict[str, Any]]:
    archive = open_archive(folder)
    return [archive.views(state, unit="year") for state in STATES]


def made(posts: list[dict[str, object]], folder: Path, name: str = "index") -> Path:
    build(write_posts(posts, folder / f"{name}.parquet"), folder / name, name="a", find_subjects=simple_subjects)
    return folder / name


def test_adding_gives_what_building_from_all_gives(tmp_path: Path) -> None:
    posts = random_posts(120)
    whole = made(posts, tmp_path, "whole")
    parts = made(posts[:50], tmp_path, "parts")
    for number, some in enumerate((posts[40:90], posts[90:])):  # the first ten of them are known
        add(write_posts(some, tmp_path / f"more{number}.parquet"), parts, find_subjects=simple_subjects)
    assert answers(parts) == answers(whole)
    vocabularies = [open_archive(folder).index.vocabulary for folder in (parts, whole)]
    assert len({frozenset(zip(one.names, one.posts.tolist(), strict=True)) for one in vocabularies}) == 1
    first, second = (open_archive(folder) for folder in (parts, whole))
    for post in posts[::20]:
        assert first.post(str(post["id"])) == second.post(str(post["id"]))


def test_adding_the_same_posts_again_changes_nothing(tmp_path: Path) -> None:
    folder = made(random_posts(30), tmp_path)
    before = read_about(folder)
    add(write_posts(random_posts(30), tmp_path / "again.parquet"), folder, find_subjects=simple_subjects)
    assert read_about(folder) == before


def test_a_new_emotion_is_added_too(tmp_path: Path) -> None:
    folder = made([{"id": "1", "text": "so it goes", "emotion": "calm", "p_calm": 1.0, "p_awe": 0.0}], tmp_path)
    more: list[dict[str, object]] = [
        {"id": "2", "text": "so be it", "emotion": "Große Freude!", "p_Große Freude!": 1.0}
    ]
    add(write_posts(more, tmp_path / "more.parquet"), folder, find_subjects=simple_subjects)
    archive = open_archive(folder)
    assert archive.facts.emotions == ("Große Freude!", "calm")
    assert archive.views({"emotion": "Große Freude!"})["counts"]["query"] == 1
    found = [archive.post(id) for id in "12"]
    assert [one and one["probabilities"] for one in found] == [{"calm": 1.0, "awe": 0.0}, {"Große Freude!": 1.0}]


class Stop(Exception):
    pass


def stopping(texts: Iterable[str]) -> Iterator[list[Subject]]:
    """Subjects, until a stop comes."""
    for number, found in enumerate(simple_subjects(texts)):
        if number == 700:
            raise Stop
        yield found


def test_a_build_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.explore.index.build.ROWS_A_SHARD", 200)
    posts = random_posts(1000)
    table = write_posts(posts, tmp_path / "posts.parquet")
    with pytest.raises(Stop):
        build(table, tmp_path / "index", name="a", find_subjects=stopping)
    with pytest.raises(ExploreError, match="is half built; complete it with feelscope explore build"):
        open_archive(tmp_path / "index")
    with pytest.raises(ExploreError, match="half built"):
        add(table, tmp_path / "index", find_subjects=simple_subjects)
    kept = sum(1 for name in Shards(tmp_path / "index" / "posts").names())
    assert kept == 4
    tagged: list[str] = []

    def noting(texts: Iterable[str]) -> Iterator[list[Subject]]:
        texts = list(texts)
        tagged.extend(texts)
        return simple_subjects(texts)

    build(table, tmp_path / "index", name="a", find_subjects=noting)
    assert len(tagged) == 300  # those that were done are not tagged again
    assert answers(tmp_path / "index") == answers(made(posts, tmp_path, "whole"))


@pytest.mark.parametrize("place", ["add", "commit", "write_about"])
def test_an_add_that_was_stopped_leaves_the_index_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    posts = random_posts(60)
    folder = made(posts[:40], tmp_path)
    before = answers(folder)
    more = write_posts(posts, tmp_path / "more.parquet")

    def stop(*_: object) -> None:
        raise Stop

    with monkeypatch.context() as patch:
        if place == "write_about":
            patch.setattr("feelscope.explore.index.build.write_about", stop)
        else:
            patch.setattr(TantivyWriter, place, stop)
        with pytest.raises(Stop):
            add(more, folder, find_subjects=simple_subjects)
    assert answers(folder) == before
    add(more, folder, find_subjects=simple_subjects)
    assert answers(folder) == answers(made(posts, tmp_path, "whole"))
    assert len(list(folder.glob("search-*"))) == 1


def test_an_open_archive_goes_on_while_its_index_is_added_to(tmp_path: Path) -> None:
    posts = random_posts(60)
    folder = made(posts[:40], tmp_path)
    archive = open_archive(folder)
    before = archive.views(STATES[1])
    add(write_posts(posts, tmp_path / "more.parquet"), folder, find_subjects=simple_subjects)
    assert archive.views(STATES[1]) == before
    assert open_archive(folder).facts.posts == 60


def test_rebuilt_only_when_asked_and_complete(tmp_path: Path) -> None:
    folder = made(random_posts(30), tmp_path)
    table = write_posts(random_posts(20, seed=5), tmp_path / "other.parquet")
    with pytest.raises(ExploreError, match=r"is a complete index; .*--rebuild"):
        build(table, folder, find_subjects=simple_subjects)
    with pytest.raises(Stop):
        build(write_posts(random_posts(800), tmp_path / "big.parquet"), folder, rebuild=True, find_subjects=stopping)
    assert open_archive(folder).facts.posts == 30
    shutil.rmtree(folder / "rebuilt-000001")
    assert build(table, folder, rebuild=True, find_subjects=simple_subjects).posts == 20
    assert open_archive(folder).facts.posts == 20
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["index"]


def _hold(folder: Path, held: Any, done: Any) -> None:
    with writing(folder, ExploreError):
        held.set()
        done.wait(60)


def test_two_writers_are_refused_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    folder = made(random_posts(30), tmp_path)
    more = write_posts(random_posts(40), tmp_path / "more.parquet")
    context = multiprocessing.get_context("fork")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(folder, held, done))
    other.start()
    assert held.wait(60)
    for write in (lambda: add(more, folder), lambda: build(more, folder, rebuild=True)):
        with pytest.raises(ExploreError, match="another process is writing it"):
            write()
    assert open_archive(folder).facts.posts == 30  # reading needs no lock
    other.kill()
    other.join()
    assert add(more, folder, find_subjects=simple_subjects).posts == 40


def test_folders_that_are_no_index_of_this_version(tmp_path: Path) -> None:
    table = write_posts(random_posts(10), tmp_path / "posts.parquet")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear")
    with pytest.raises(ExploreError, match="holds files that are not an index"):
        build(table, tmp_path / "other", find_subjects=simple_subjects)
    for folder in (tmp_path / "other", tmp_path / "nothing"):
        with pytest.raises(ExploreError, match="is not an index; make one with"):
            open_archive(folder)
    folder = made(random_posts(10), tmp_path)
    about = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps({**about, "version": 99}))
    for ask in (lambda: open_archive(folder), lambda: add(table, folder)):
        with pytest.raises(ExploreError, match="an index of version 99, and this Feelscope has version"):
            ask()
    (folder / "about.json").write_text("{")
    with pytest.raises(ExploreError, match=r"about\.json: not JSON"):
        open_archive(folder)
    assert build(table, folder, rebuild=True, find_subjects=simple_subjects).posts == 10


def test_files_that_are_torn_are_one_line(tmp_path: Path) -> None:
    folder = made(random_posts(10), tmp_path)
    (search,) = folder.glob("search-*")
    (search / "vocabulary.parquet").write_bytes(b"torn")
    with pytest.raises(ExploreError, match=r"vocabulary\.parquet: cannot be read; rebuild it with --rebuild"):
        open_archive(folder)
    shutil.rmtree(search)
    with pytest.raises(ExploreError, match="rebuild it with --rebuild"):
        open_archive(folder)


def broken_pictures(folder: Path) -> PostsTable:
    """Four posts with pictures, of which the second is cut and the third is missing its file's content."""
    pictures = {"whole.png": PICTURES[0], "cut.png": PICTURES[1][:60], "empty.png": b""}
    for name, content in pictures.items():
        (folder / name).write_bytes(content)
    files = ["whole.png", "cut.png", "empty.png", ""]
    rows = [
        json.dumps({"id": f"p{number}", "text": "so it goes", "emotion": "fear", "image": file})
        for number, file in enumerate(files)
    ]
    (folder / "posts.jsonl").write_text("\n".join(rows) + "\n")
    return PostsTable(folder / "posts.jsonl", quarantine=Quarantine(folder / "quarantine.jsonl"))


def quarantined(folder: Path) -> list[tuple[str, int, str]]:
    rows = [json.loads(line) for line in (folder / "quarantine.jsonl").read_text().splitlines()]
    return [(row["id"], row["row"], row["reason"]) for row in rows]


def test_a_broken_picture_is_reported_and_its_post_is_indexed_without_it(tmp_path: Path) -> None:
    table = broken_pictures(tmp_path)
    build(table, tmp_path / "index", find_subjects=simple_subjects)
    assert dict(table.quarantine.reasons) == {"picture cannot be read, its post is indexed without it": 2}
    (first, second) = quarantined(tmp_path)
    start = f"{BROKEN_PICTURE}: {tmp_path}"
    assert first[:2] == ("p1", 2) and first[2].startswith(f"{start}/cut.png: damaged or cut short PNG picture")
    assert second[:2] == ("p2", 3) and second[2] == f"{start}/empty.png: the file is empty"
    archive = open_archive(tmp_path / "index")
    answer = archive.views({})
    assert answer["counts"]["query"] == 4
    assert answer["pictures"]["total"] == 1
    assert [row["id"] for row in answer["pictures"]["rows"]["fear"]] == ["p0"]


def test_a_broken_picture_is_reported_by_the_run_that_completes_a_stopped_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(TantivyWriter, "commit", stop)
        with pytest.raises(Stop):
            build(broken_pictures(tmp_path), tmp_path / "index", find_subjects=simple_subjects)
    table = broken_pictures(tmp_path)  # whose quarantine takes the place of the first one
    build(table, tmp_path / "index", find_subjects=simple_subjects)
    assert [id for id, _, _ in quarantined(tmp_path)] == ["p1", "p2"]
    add(table, tmp_path / "index", find_subjects=simple_subjects)
    assert table.quarantine.count == 2


def test_an_index_of_before_is_refused_with_what_rebuilds_it(tmp_path: Path) -> None:
    posts = random_posts(30)
    folder = made(posts, tmp_path)
    about = json.loads((folder / "about.json").read_text())
    old = about | {"version": 1, "pieces": about["shards"]}
    del old["shards"], old["facets"]
    (folder / "about.json").write_text(json.dumps(old))
    for ask in (open_archive, lambda folder: add(write_posts(posts, tmp_path / "more.parquet"), folder)):
        with pytest.raises(
            ExploreError, match="an index of version 1, and this Feelscope has version 4; rebuild it with --r"
        ):
            ask(folder)
    build(write_posts(posts, tmp_path / "all.parquet"), folder, rebuild=True, find_subjects=simple_subjects)
    assert open_archive(folder).facts.posts == 30


def test_columns_that_are_facets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = [
        {**post, "Party (2011)": at % 3, "odd": [str(at % 2), "x", None]} for at, post in enumerate(random_posts(40))
    ]
    table, folder = write_posts(posts, tmp_path / "posts.parquet"), tmp_path / "index"
    with pytest.raises(ExploreError, match=r"--facets Party \(201\): no such column; did you mean 'Party"):
        build(table, folder, facets=("Party (201)",), find_subjects=simple_subjects)
    wanted = ("Party (2011)", "source", "odd", "odd")
    with monkeypatch.context() as patch:
        patch.setattr(Shards, "facets", lambda *_: 1 / 0)  # stops it once all are tagged
        with pytest.raises(ZeroDivisionError):
            build(table, folder, facets=wanted, find_subjects=simple_subjects)
    with pytest.raises(
        ExploreError, match=r"was begun with --facets Party \(2011\),odd; complete it with the same, or"
    ):
        build(table, folder, facets=("odd",), find_subjects=simple_subjects)
    assert build(table, folder, facets=wanted, find_subjects=simple_subjects).facets == (
        *("source", "author", "tags", "Party (2011)", "odd"),
    )
    archive = open_archive(folder)
    assert archive.views({"facet.Party (2011)": "2", "facet.odd": "1"})["counts"]["query"] == sum(
        at % 3 == 2 and at % 2 == 1 for at in range(40)
    )
    post = archive.post("p1")
    assert post is not None and post["facets"]["odd"] == ["1", "x"]
    changed = write_posts(
        [{**posts[0], "odd": ["y"]}, {**posts[1], "id": "new", "odd": ["z"]}], tmp_path / "more.parquet"
    )
    assert add(changed, folder, find_subjects=simple_subjects).posts == 41
    assert changed.quarantine.count == 1
    assert [open_archive(folder).views({"facet.odd": value})["counts"]["query"] for value in "yz"] == [0, 1]


def test_emotions_are_read_where_a_post_has_none(tmp_path: Path) -> None:
    posts: list[dict[str, object]] = [
        {"id": "1", "text": "We won, what a wonderful day!", "emotion": ""},
        {"id": "2", "text": "So it goes", "emotion": "fear"},
    ]
    folder = tmp_path / "index"
    build(write_posts(posts, tmp_path / "posts.parquet"), folder)  # the real tagger, the built-in model
    archive = open_archive(folder)
    first, second = archive.post("1"), archive.post("2")
    assert first is not None and second is not None
    assert (first["emotion"], second["emotion"]) == ("happiness", "fear")
    assert sum(first["probabilities"].values()) == pytest.approx(1) and second["probabilities"] is None
    (*_, span) = first["why"]
    assert "wonderful" in [first["text"][one["start"] : one["end"]] for one in first["why"]] and span["mark"] == "why"
    assert second["why"] == []  # the model reads no fear in it
    assert first["date"] is None and archive.views({})["timeline"]["bins"] == []
    with pytest.raises(ExploreError, match="no post of this archive has a date"):
        archive.views({"from": "2012-01-01"})
