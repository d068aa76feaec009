"""Cleaning in blocks; the dataset is that of one machine. Ray is left out: blocks are done one after the other."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from feelscope.errors import TableError
from feelscope.prepare import dataset
from feelscope.prepare.folder import check_folder
from feelscope.prepare.pictures import Pictures
from feelscope.prepare.settings import Settings
from feelscope.scale import prepare as many
from feelscope.scale import running
from feelscope.scale.addresses import parse
from feelscope.scale.blocks import Block
from feelscope.scale.running import Done, Work
from feelscope.table import PostsTable, Quarantine

SETTINGS = Settings("hashtags")


def one_after_the_other(blocks: Sequence[Block], make: Callable[[], Work], workers: int) -> Iterator[Done]:
    work = make()
    for block in reversed(blocks):  # in whatever order
        yield work(block)


@pytest.fixture(autouse=True)
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "run", one_after_the_other)


def write_table(folder: Path) -> Path:
    """Posts with labels, near-duplicates, ids that come twice, empty ones, other languages, times and pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(4):
        Image.new("RGB", (40, 30), (60 * number, 20, 200)).save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    said = "what a day it was at the lake with my friends and the dog"
    rows = []
    for number in range(90):
        tag = ("#happy", "#sad", "#angry", "")[number % 4]
        text = {7: "", 11: f"{tag}", 13: "das ist ein langer deutscher Satz #happy"}.get(number % 15, f"{said} {tag}")
        words = f"{text} {number if number % 3 else ''}".strip() if text else ""
        image = ("", "0.png", "1.png", "broken.png", "3.png")[number % 5]
        rows.append(
            {
                "id": f"p{number if number != 60 else 3}",
                "text": words,
                "image": image,
                "author": f"a{number % 12}",
                "votes": number,
                "created_at": f"2024-01-{number % 28 + 1:02}T00:00:00Z",
            }
        )
    path = folder / "posts.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=40)
    return path


def alone(table: Path, out: Path, settings: Settings, *, pictures: bool) -> dict[str, object]:
    album = Pictures(out) if pictures else None
    posts = PostsTable(table, quarantine=Quarantine(out / "quarantine.jsonl"))
    report = dataset.prepare(posts, out, settings, pictures=album).to_json()
    return report | {"seconds": 0}


def together(table: Path, out: Path, settings: Settings, *, pictures: bool) -> dict[str, object]:
    source = parse(str(table))
    report, _ = many.prepare(source, out, settings, 2, pictures=pictures, rows_a_block=17)
    return report.to_json() | {"seconds": 0}


@pytest.mark.parametrize("settings", [SETTINGS, Settings("hashtags", strict=True, split="votes", language="any")])
@pytest.mark.parametrize("pictures", [False, True])
def test_the_dataset_is_that_of_one_machine(settings: Settings, pictures: bool, tmp_path: Path) -> None:
    table = write_table(tmp_path / "in")
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    assert together(table, other, settings, pictures=pictures) == alone(table, one, settings, pictures=pictures)
    assert pq.read_table(other / "posts.parquet").equals(pq.read_table(one / "posts.parquet"))
    assert sorted(path.name for path in other.rglob("*.png")) == sorted(path.name for path in one.rglob("*.png"))
    bad = [
        sorted((json.loads(line)["row"], json.loads(line)["id"]) for line in (out / "quarantine.jsonl").open())
        for out in (one, other)
    ]
    assert bad[0] == bad[1]
    assert (61, "p3") in bad[0]
    assert not (other / "_blocks").exists()
    check_folder(other)


def test_a_stopped_run_goes_on_with_its_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = write_table(tmp_path / "in")
    done: list[Done] = []

    def stopping(blocks: Sequence[Block], make: Callable[[], Work], workers: int) -> Iterator[Done]:
        for one in one_after_the_other(blocks, make, workers):
            done.append(one)
            if len(done) == 2:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setattr(running, "run", stopping)
    with pytest.raises(KeyboardInterrupt):
        together(table, tmp_path / "out", SETTINGS, pictures=False)
    again = together(table, tmp_path / "out", SETTINGS, pictures=False)
    assert [one.kept for one in done[2:]].count(True) == 2
    (tmp_path / "one").mkdir()
    assert again == alone(table, tmp_path / "one", SETTINGS, pictures=False)


def test_blocks_of_other_settings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = write_table(tmp_path / "in")
    monkeypatch.setattr(dataset, "finish", None)
    monkeypatch.setattr(many, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        together(table, tmp_path / "out", SETTINGS, pictures=False)
    with pytest.raises(TableError, match=r"_blocks: holds results of another job \(other strict\); name a new folder"):
        together(table, tmp_path / "out", Settings("hashtags", strict=True), pictures=False)


def test_what_is_left_out_is_counted_by_reason(tmp_path: Path) -> None:
    table = write_table(tmp_path / "in")
    rows = pq.read_table(table)
    cells = ["p2", "p2", "p2", *rows["id"].to_pylist()[3:]]
    pq.write_table(rows.set_column(rows.column_names.index("id"), "id", pa.array(cells)), table)
    _, found = many.prepare(parse(str(table)), tmp_path / "many", SETTINGS, 2, rows_a_block=17)
    with Quarantine(tmp_path / "one.jsonl") as bad:
        list(PostsTable(table, quarantine=bad))
    assert found.reasons == bad.reasons
    assert max(found.reasons.values()) > 1
    lines = [
        sorted(map(str.strip, path.open())) for path in (tmp_path / "one.jsonl", tmp_path / "many/quarantine.jsonl")
    ]
    assert lines[0] == lines[1]


def test_a_dataset_is_not_made_among_the_tables(tmp_path: Path) -> None:
    folder = write_table(tmp_path / "in").parent
    with pytest.raises(TableError, match="out: is in the folder of the tables"):
        together(folder, folder / "out", SETTINGS, pictures=False)
