"""Rows that no index can hold, and rows that are not what they were."""

import json
from pathlib import Path
from typing import Any

import pytest
from explore_archive import random_posts, simple_subjects, write_posts

from feelscope.errors import ExploreError, TableError
from feelscope.explore.archive import open_archive
from feelscope.explore.index import build as building
from feelscope.explore.index.about import About, rebuild_place, write_about
from feelscope.explore.index.build import CHANGED, add, build
from feelscope.explore.index.shards import Shards
from feelscope.table import PostsTable, Quarantine

CALM: dict[str, Any] = {"text": "so it goes", "emotion": "calm"}


def table(folder: Path, rows: list[dict[str, Any]], name: str = "posts") -> PostsTable:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return PostsTable(path, quarantine=Quarantine(folder / f"{name}.bad.jsonl", most_broken=1))


def made(folder: Path, rows: list[dict[str, Any]], name: str = "posts", **more: Any) -> Path:
    build(table(folder, rows, name), folder / "index", find_subjects=simple_subjects, **more)
    return folder / "index"


def added(folder: Path, rows: list[dict[str, Any]], name: str = "more") -> PostsTable:
    more = table(folder, rows, name)
    add(more, folder / "index", find_subjects=simple_subjects)
    return more


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"created_at": "9999-12-31T23:59:59Z"}, "date is before 1678 or after 2261"),
        ({"created_at": "2262-01-01T00:00:00Z"}, "date is before 1678 or after 2261"),
        ({"created_at": "1677-12-31T23:59:59Z"}, "date is before 1678 or after 2261"),
        ({"created_at": "0001-01-01"}, "date is before 1678 or after 2261"),
        ({"id": "i" * 65_001}, "id is over 65,000 bytes"),
        ({"id": "é" * 33_000}, "id is over 65,000 bytes"),
        ({"emotion": "e" * 65_001}, "emotion is over 65,000 bytes"),
        ({"text": "half \ud800"}, "text that is not UTF-8"),
        ({"tags": ["so", "t" * 65_001]}, "tags is over 65,000 bytes"),
        ({"author": "é" * 33_000}, "author is over 65,000 bytes"),
    ],
)
def test_a_row_that_no_index_can_hold_is_left_out_and_the_next_add_works(
    tmp_path: Path, row: dict[str, Any], reason: str
) -> None:
    made(tmp_path, [{"id": "1", **CALM}])
    more = added(tmp_path, [{"id": "2", **CALM, **row}, {"id": "3", **CALM}])
    assert dict(more.quarantine.reasons) == {reason: 1}
    assert added(tmp_path, [{"id": "4", **CALM}], "again").quarantine.count == 0
    archive = open_archive(tmp_path / "index")
    assert archive.facts.posts == 3
    assert [archive.post(id) is not None for id in "1234"] == [True, False, True, True]


@pytest.mark.parametrize(
    "row",
    [
        {"created_at": "2261-12-31T23:59:59Z"},
        {"created_at": "1678-01-01T00:00:00Z"},
        {"id": "i" * 65_000},
        {"text": "word " * 100_000},
        {"probabilities": {"calm": 0.5, "so\nso": 0.25, "": 0.25}},
        {"p_calm": float("nan"), "p_fear": 1.0},
        {"p_calm": float("inf")},
    ],
)
def test_what_is_odd_and_can_be_held_is_held(tmp_path: Path, row: dict[str, Any]) -> None:
    rows = [{"id": "1", **CALM}, {"id": "2", **CALM, **row}]
    made(tmp_path, rows)
    assert (
        added(tmp_path, [*rows, {"id": "3", **CALM}, *({"id": f"n{n}", **CALM} for n in range(5))]).quarantine.count
        == 0
    )
    archive = open_archive(tmp_path / "index")
    assert archive.facts.posts == 8
    post = archive.post(rows[1]["id"])
    assert post is not None
    if "probabilities" in row:
        assert post["probabilities"] == row["probabilities"]
    if "created_at" in row:
        assert archive.views({}, unit="year")["timeline"]["bins"]


def test_a_changed_row_is_told_by_add_and_the_index_stays(tmp_path: Path) -> None:
    rows = [{"id": str(n), **CALM, "author": "ann"} for n in range(4)]
    index = made(tmp_path, rows)
    changed = [rows[0], {**rows[1], "text": "other"}, {**rows[2], "author": "bob"}, {**rows[3], "emotion": "awe"}]
    more = added(tmp_path, [*changed, {"id": "new", **CALM}])
    assert dict(more.quarantine.reasons) == {CHANGED: 3}
    archive = open_archive(index)
    assert [archive.post(str(n))["text"] for n in range(4)] == ["so it goes"] * 4  # type: ignore[index]
    assert archive.facts.posts == 5 and archive.facts.emotions == ("calm",)


class Stop(Exception):
    pass


@pytest.fixture
def half_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of four posts that was stopped after it had tagged them."""

    def stop(*_: object) -> None:
        raise Stop

    with monkeypatch.context() as patch, pytest.raises(Stop):
        patch.setattr(building, "index_shards", stop)
        made(tmp_path, [{"id": str(n), **CALM} for n in range(4)])
    return tmp_path / "index"


def test_a_build_is_completed_with_the_same_posts_only(tmp_path: Path, half_built: Path) -> None:
    rows = [{"id": str(n), **CALM} for n in range(6)]
    shards = Shards(half_built / "posts")
    for wrong, said in (
        ([rows[0], {**rows[1], "text": "other"}, *rows[2:]], "post '1' in row 2 is not as it was when"),
        (rows[1:], "has no post '0', with which"),
        ([{**row, "id": f"x{row['id']}"} for row in rows], "has no post '0', with which"),
    ):
        with pytest.raises(ExploreError, match=f"{said}.* was begun; give the table of then, or begin again with --re"):
            made(tmp_path, wrong)
        assert len(shards.names()) == 1  # nothing of the other table
    made(tmp_path, rows)  # more rows may have come
    assert open_archive(half_built).facts.posts == 6


def test_a_build_is_completed_with_the_same_model_only(tmp_path: Path, half_built: Path) -> None:
    rows = [{"id": str(n), **CALM} for n in range(4)]
    with pytest.raises(ExploreError, match="was begun with the model builtin; complete it with the same, or begin ag"):
        made(tmp_path, rows, model=str(tmp_path / "other"))
    about = json.loads((half_built / "about.json").read_text())
    assert len(about["model_digest"]) == 64
    (half_built / "about.json").write_text(json.dumps(about | {"model_digest": "0" * 64}))
    with pytest.raises(ExploreError, match="was begun with builtin as it was then; complete it with the same, or begi"):
        made(tmp_path, rows)
    made(tmp_path, rows, rebuild=True)
    assert open_archive(half_built).facts.posts == 4


def test_a_model_that_has_changed_reads_nothing_into_an_index(tmp_path: Path) -> None:
    index = made(tmp_path, [{"id": "1", **CALM}])
    about = json.loads((index / "about.json").read_text())
    (index / "about.json").write_text(json.dumps(about | {"model_digest": "0" * 64}))
    added(tmp_path, [{"id": "2", **CALM}])  # which has an emotion
    with pytest.raises(
        ExploreError, match="its emotions were read with builtin as it was then, which has changed; reb"
    ):
        added(tmp_path, [{"id": "3", "text": "who knows"}])
    assert open_archive(index).facts.posts == 2


def test_names_in_about_lead_nowhere_else(tmp_path: Path) -> None:
    index = made(tmp_path, random_rows := [{"id": "1", **CALM}])
    about = json.loads((index / "about.json").read_text())
    for change in ({"inside": "../other"}, {"search": "../search-000001"}, {"shards": ["../../a.parquet"]}):
        (index / "about.json").write_text(json.dumps(about | change))
        with pytest.raises(ExploreError, match=r"about\.json: cannot be read .*; rebuild it with --rebuild"):
            open_archive(index)
    made(tmp_path, random_rows, rebuild=True)
    assert open_archive(index).facts.posts == 1


def stopping(real: Any, step: str, index: Path) -> Any:
    """A step of a build that is not done: of `write_about` that of the index, of `remove_partials` the second."""
    calls = []

    def stop(*given: Any) -> Any:
        calls.append(given)
        if step == "index_shards" or (step == "write_about" and given[0] == index) or len(calls) == 2:
            raise Stop
        return real(*given)

    return stop


def test_a_rebuild_is_complete_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before each step that changes the index, it is the old or the new one, and the same command completes."""
    old, new = random_posts(8), random_posts(20, seed=3)
    build(write_posts(old, tmp_path / "old.parquet"), tmp_path / "index", find_subjects=simple_subjects)
    again = write_posts(new, tmp_path / "new.parquet")
    (tmp_path / "index" / "mine.txt").write_text("mine")
    for step, posts in (("index_shards", 8), ("write_about", 8), ("remove_partials", 20)):
        stop = stopping(getattr(building, step), step, tmp_path / "index")
        with monkeypatch.context() as patch, pytest.raises(Stop):
            patch.setattr(building, step, stop)
            build(again, tmp_path / "index", rebuild=True, find_subjects=simple_subjects)
        assert open_archive(tmp_path / "index").facts.posts == posts
    assert build(again, tmp_path / "index", rebuild=True, find_subjects=simple_subjects).posts == 20
    (place,) = (tmp_path / "index").glob("rebuilt-*")
    left = {path.name for path in (tmp_path / "index").iterdir()}
    assert left == {"about.json", "mine.txt", place.name}
    more = write_posts(random_posts(25, seed=3), tmp_path / "more.parquet")
    assert add(more, tmp_path / "index", find_subjects=simple_subjects).posts == 25
    assert open_archive(tmp_path / "index").facts.posts == 25
    assert {path.name for path in (tmp_path / "index").iterdir()} == left


@pytest.mark.parametrize("new_is_complete", [True, False])
def test_an_index_that_an_older_version_left_beside_the_name_is_put_back(tmp_path: Path, new_is_complete: bool) -> None:
    for name, number in (("archive.old", 5), ("archive.new", 9)):
        table = write_posts(random_posts(number), tmp_path / f"{name}.parquet")
        build(table, tmp_path / name, find_subjects=simple_subjects)
    if not new_is_complete:
        (tmp_path / "archive.new" / "about.json").unlink()
    assert open_archive(tmp_path / "archive").facts.posts == (9 if new_is_complete else 5)
    other = "archive.old" if new_is_complete else "archive.new"
    assert (tmp_path / other / "posts").is_dir()  # nothing is removed
    (tmp_path / "plain.old").mkdir()
    with pytest.raises(ExploreError, match="plain: is not an index"):
        open_archive(tmp_path / "plain")
    assert (tmp_path / "plain.old").is_dir()


def test_nothing_of_a_refused_table_comes_with_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "ROWS_A_SHARD", 100)
    index = made(tmp_path, [{"id": f"a{n}", "text": "fine", "emotion": "joy"} for n in range(10)])
    good = [f"b{n},fine,joy" for n in range(3000)]
    (tmp_path / "broken.csv").write_text("\n".join(["id,text,emotion", *good, *["few"] * 1000]))
    with pytest.raises(TableError, match="cannot be read"):
        add(PostsTable(tmp_path / "broken.csv"), index, find_subjects=simple_subjects)
    added(tmp_path, [{"id": "c", "text": "fine", "emotion": "joy"}])
    assert open_archive(index).facts.posts == 11


def test_a_stopped_rebuild_of_a_damaged_index_is_continued(tmp_path: Path) -> None:
    index = made(tmp_path, [{"id": "a", "text": "fine", "emotion": "joy"}])
    (index / "about.json").write_text("{")
    place = rebuild_place(index)
    place.mkdir()
    write_about(place, About("archive", "builtin", ()))
    assert rebuild_place(index) == place
