"""The map of an archive: who has a place, what it costs nobody to leave out, what is like a post, and every stop."""

import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from explore_archive import PICTURES, random_posts, simple_subjects, small_archive, write_posts
from PIL import Image
from small_archive import served

from feelscope.cli.exploring import describe
from feelscope.errors import ExploreError, MissingExtra, ModelError
from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.finding.words import in_words
from feelscope.explore.index.build import add, build
from feelscope.explore.index.layout import Layout
from feelscope.explore.index.vectors import Vectors
from feelscope.explore.search.area import Area
from feelscope.explore.search.state import State
from feelscope.explore.views import posts_map


def _picture(turned: bool) -> bytes:
    """A gradient, in which there is something to see."""
    ramp = Image.linear_gradient("L")
    content = io.BytesIO()
    Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180)) if turned else (ramp, ramp, ramp)).save(content, "PNG")
    return content.getvalue()


POSTS: list[dict[str, Any]] = [
    {"image": None, **post}
    for post in (
        *random_posts(60),
        {"id": "words", "text": "A storm took the roof off our house", "emotion": "fear"},
        {"id": "again", "text": "A storm took the roof off our house!", "emotion": "sadness"},
        *({"id": f"picture{at}", "emotion": "fear", "image": _picture(at == 1)} for at in range(3)),
    )
]


def made(posts: list[dict[str, Any]], folder: Path, name: str = "index", **how: Any) -> Path:
    table = write_posts(posts, folder / f"{name}.parquet")
    build(table, folder / name, name="a", mapped=True, find_subjects=simple_subjects, **how)
    return folder / name


def places(archive: Archive) -> dict[str, tuple[int, int]]:
    """Where each post is, by its id."""
    points = archive.views({}, parts=("map",))["map"]["points"]
    posts = [archive.spot(key) or {} for key in points["key"]]
    return {post["id"]: place for post, *place in zip(posts, points["x"], points["y"], strict=True)}  # type: ignore[misc]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(POSTS, tmp_path_factory.mktemp("map"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return small_archive(random_posts(20), tmp_path_factory.mktemp("plain"))


def test_posts_with_words_have_a_place_and_others_are_told(index: Path) -> None:
    archive = open_archive(index)
    found = archive.views({}, parts=("map",))["map"]
    assert (found["total"], found["placed"]) == (len(POSTS), len(POSTS) - 3)
    assert set(places(archive)) == {str(post["id"]) for post in POSTS if not str(post["id"]).startswith("picture")}
    assert archive.views({})["archive"]["map"] and "map" not in archive.views({})


def test_what_is_like_a_post(index: Path) -> None:
    archive = open_archive(index)
    found = archive.similar("words")
    assert found is not None and found["pictures"] == []
    assert found["posts"][0]["id"] == "again" and found["posts"][0]["similarity"] > 0.8
    alike = [row["similarity"] for row in found["posts"]]
    assert alike == sorted(alike, reverse=True) and "words" not in [row["id"] for row in found["posts"]]
    of_picture = archive.similar("picture0")
    assert of_picture is not None and of_picture["posts"] == []
    assert [row["id"] for row in of_picture["pictures"]] == ["picture2", "picture1"]
    assert of_picture["pictures"][0]["similarity"] == pytest.approx(1, abs=1e-3)
    assert of_picture["pictures"][0]["image"].startswith("/thumbnails/")
    assert archive.similar("nobody") is None and archive.spot(5) is None and archive.spot(2**40) is None


def test_the_parts_of_the_map_are_all_of_it_and_count_as_any_other_question(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feelscope.explore.views.regions._FEWEST", 4)
    monkeypatch.setattr("feelscope.explore.views.regions._HALVED", 1)
    archive = open_archive(index)
    narrow = archive.views({"emotion": "fear"}, parts=("regions",))["regions"]  # which are of all posts
    parts = archive.views({}, parts=("regions",))["regions"]
    assert parts == narrow and len(parts) == 2 and sum(part["posts"] for part in parts) == 62
    for part in parts:
        answer = archive.views({"area": part["area"]}, parts=("subjects",))
        assert answer["counts"]["query"] == part["posts"] and answer["counts"]["emotions"] == part["emotions"]
        assert part["subjects"] == [row["subject"] for row in answer["subjects"]["rows"][: len(part["subjects"])]]
        left, bottom, right, top = map(int, part["area"].split(","))
        assert left <= part["x"] <= right and bottom <= part["y"] <= top
    assert any(part["subjects"] for part in parts)


def test_of_many_posts_some_are_drawn_by_lot(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = open_archive(index)
    monkeypatch.setattr(posts_map, "DRAWN", 25)

    def drawn(state: dict[str, str | None]) -> tuple[set[int], dict[str, Any]]:
        found = archive.views(state, parts=("map",))["map"]
        return set(found["points"]["key"]), found

    (of_all, found), (of_sad, sad) = drawn({}), drawn({"emotion": "sadness"})
    assert len(of_all) == 25 and found["placed"] == 62
    felt = dict(zip(found["points"]["key"], found["points"]["emotion"], strict=True))
    of_both = {key for key, emotion in felt.items() if found["emotions"][emotion] == "sadness"}
    assert of_both <= of_sad and len(of_sad) == min(25, sad["placed"])


def test_adding_places_new_posts_and_moves_none(tmp_path: Path) -> None:
    folder = made(POSTS[:40], tmp_path)
    before = places(open_archive(folder))
    add(write_posts(POSTS[30:], tmp_path / "more.parquet"), folder, find_subjects=simple_subjects)
    archive = open_archive(folder)
    after = places(archive)
    assert {id: after[id] for id in before} == before and len(after) == 62
    layout = Layout.read(folder / "map" / "layout.npz")
    posts, vectors = Vectors(folder / "map").read("000002.parquet", "text")
    expected = layout.place(vectors)
    shown = [after[str(POSTS[40 + post]["id"])] for post in posts.tolist()]
    assert np.abs(np.array(shown) - expected).max() <= 1
    words = archive.similar("words")
    assert words is not None and words["posts"][0]["id"] == "again"
    build(
        write_posts(POSTS, tmp_path / "all.parquet"), folder, rebuild=True, mapped=True, find_subjects=simple_subjects
    )
    assert len(places(open_archive(folder))) == 62 and not (folder / "map").exists()
    build(write_posts(POSTS, tmp_path / "all.parquet"), folder, rebuild=True, find_subjects=simple_subjects)
    assert open_archive(folder).facts.mapped is False and not list(folder.glob("*/map"))


def test_emotions_are_the_same_with_a_map_and_without(tmp_path: Path) -> None:
    texts = ("We won, what a wonderful day!", "I am so afraid of the dark", "", "He lied to us again and again")
    posts: list[dict[str, object]] = [
        {"id": str(at), "text": texts[at % 4], "emotion": "", "image": PICTURES[at % 5] if at in (1, 2, 5) else None}
        for at in range(8)
        if at not in (6,)
    ]
    table = write_posts(posts, tmp_path / "posts.parquet")
    found = []
    for mapped in (False, True):
        build(table, tmp_path / str(mapped), mapped=mapped, find_subjects=simple_subjects)
        archive = open_archive(tmp_path / str(mapped))
        read = [archive.found(str(post["id"])) or {} for post in posts]
        found.append([{name: one[name] for name in one if name.startswith("p_") or name == "emotion"} for one in read])
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, abs=1e-4) if "emotion" not in one else one["emotion"] == other["emotion"]
        for name in one.keys() - {"emotion"}:
            assert one[name] == pytest.approx(other[name], abs=1e-4)


def test_an_index_without_a_map_says_how_to_get_one(plain: Archive) -> None:
    how = "This archive has no map: feelscope explore build TABLE INDEX --rebuild --map draws one."
    assert plain.views({}, parts=("map",))["map"] == {"missing": how}
    assert plain.views({}, parts=("regions",))["regions"] == []
    assert plain.similar("p1") == {"missing": how} and plain.spot(1) is None
    archive = plain.views({})["archive"]
    assert (archive["map"], archive["no_map"]) == (False, how)
    with pytest.raises(ExploreError, match="has no map to take a part of; feelscope explore build"):
        plain.views(State(area=Area(0, 0, 1, 1)))


def test_what_lays_it_out_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    with pytest.raises(MissingExtra, match=r'laying out a map needs openTSNE: pip install "feelscope\[map\]"'):
        made(POSTS[:5], tmp_path)
    assert not (tmp_path / "index").exists()


def test_adding_needs_nothing_that_lays_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(POSTS[:20], tmp_path)
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    add(write_posts(POSTS[20:30], tmp_path / "more.parquet"), folder, find_subjects=simple_subjects)
    assert len(places(open_archive(folder))) == 30


def test_a_build_is_completed_as_it_was_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Layout, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            made(POSTS, tmp_path)
    table = write_posts(POSTS, tmp_path / "index.parquet")
    with pytest.raises(ExploreError, match="was begun with --map; complete it in the same way, or begin again with"):
        build(table, tmp_path / "index", find_subjects=simple_subjects)
    assert len(places(open_archive(made(POSTS, tmp_path)))) == 62


KILLED = """
import os, signal, sys
from pathlib import Path

from explore_archive import simple_subjects

from feelscope.explore.index.build import build
from feelscope.explore.index.layout import Layout
from feelscope.explore.index.placing import Places
from feelscope.explore.index.shards import Shards
from feelscope.table import PostsTable

place, folder = sys.argv[1], Path(sys.argv[2])
owner = {"shard": Shards, "layout": Layout, "places": Places}[place]
real = owner.write


def killed(*given):
    if place != "shard":
        real(*given)
    os.kill(os.getpid(), signal.SIGKILL)


owner.write = killed
build(PostsTable(folder / "index.parquet"), folder / "index", name="a", mapped=True, find_subjects=simple_subjects)
"""


@pytest.mark.parametrize("place", ["shard", "layout", "places"])
def test_a_build_that_was_killed_continues(tmp_path: Path, index: Path, place: str) -> None:
    write_posts(POSTS, tmp_path / "index.parquet")
    paths = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-c", KILLED, place, str(tmp_path)]
    assert subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, timeout=120).returncode == -signal.SIGKILL
    assert len(list((tmp_path / "index" / "map").glob("*.text.npy"))) == 1  # before its shard
    folder = made(POSTS, tmp_path)
    assert places(open_archive(folder)) == places(open_archive(index))
    assert not list(folder.rglob("*.partial"))


def test_vectors_of_a_shard_that_never_came_go(tmp_path: Path) -> None:
    folder = made(POSTS[:12], tmp_path)
    (folder / "map" / "000009.text.npy").write_bytes(b"")
    (folder / "map" / "000009.places.npz").write_bytes(b"")
    add(write_posts(POSTS[12:15], tmp_path / "more.parquet"), folder, find_subjects=simple_subjects)
    assert not list((folder / "map").glob("000009*")) and len(places(open_archive(folder))) == 15


def test_a_map_that_is_gone_is_not_laid_out_a_second_time(tmp_path: Path) -> None:
    folder = made(POSTS[:12], tmp_path)
    (folder / "map" / "layout.npz").unlink()
    with pytest.raises(ExploreError, match=r"layout\.npz: this file is missing; rebuild it with --rebuild"):
        add(write_posts(POSTS[12:15], tmp_path / "more.parquet"), folder, find_subjects=simple_subjects)
    assert open_archive(folder).facts.posts == 12


def test_a_model_without_words_lays_out_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from feelscope.saved_model.classifier import EmotionClassifier

    real = EmotionClassifier.load

    def load(model: str) -> EmotionClassifier:
        loaded = real(model)
        monkeypatch.setattr(EmotionClassifier, "modalities", ("image",))
        return loaded

    monkeypatch.setattr(EmotionClassifier, "load", load)
    with pytest.raises(ModelError, match="builtin: reads no words, by which a map is laid out; build without --map"):
        made(POSTS[:5], tmp_path)


def test_addresses(index: Path, plain: Archive) -> None:
    def asked(path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    archive = open_archive(index)
    key = archive.views({}, parts=("map",))["map"]["points"]["key"][0]
    with served(archive) as address:
        assert asked("/similar.json?id=words") == (200, archive.similar("words"))
        assert asked(f"/spot.json?key={key}") == (200, archive.spot(key))
        for path in ("/similar.json?id=nobody", "/similar.json", "/spot.json", "/spot.json?key=x", "/spot.json?key=7"):
            assert asked(path) == (404, {"error": "the archive has no post of this id"})
        _, inside = asked("/views.json?area=0,0,5000,5000&parts=map")
        assert inside["state"]["area"] == "0,0,5000,5000"
        assert inside["counts"]["query"] == sum(x < 5000 and y < 5000 for x, y in places(archive).values())
        for area in ("0,0,0,5", "x", "0,0,1,99999"):
            status, said = asked(f"/views.json?area={area}")
            assert status == 400 and "a part of the map: expected" in said["error"]
    with served(plain) as address:
        status, said = asked("/views.json?area=0,0,1,1")
        assert status == 400 and "has no map" in said["error"]


def test_a_part_of_the_map_in_words(index: Path) -> None:
    archive = open_archive(index)
    answer = archive.views({"query": "obama", "area": "0,0,5000,5000"})
    assert re.fullmatch(r"\d+ posts? for obama in a part of the map", in_words(answer))
    (said, *_) = describe(answer, [])
    assert re.search(r"\d+ posts? for obama in 0,0,5000,5000 of the map", str(said))
