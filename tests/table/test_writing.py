import csv
import datetime
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.errors import TableError
from feelscope.post import is_blank
from feelscope.table import PostsTable, open_writer, parquet_writer
from feelscope.text.own_words import own_words

NAMES = ["out.jsonl", "out.csv", "out.parquet"]
ROW: dict[str, object] = {
    "id": "a",
    "emotion": "happiness",
    "probabilities": {"happiness": 0.75, "fear": 0.25},
    "modalities": ["text", "image"],
    "warnings": [],
}
EMPTY: dict[str, object] = {
    "id": "b",
    "emotion": None,
    "probabilities": {},
    "modalities": [],
    "warnings": ["no picture", "no words"],
}


def write(path: Path, *rows: Mapping[str, object], like: Mapping[str, object] | None = None) -> None:
    with open_writer(path, like=like) as writer:
        for row in rows:
            writer.write(row)


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


def is_an_id(text: str) -> bool:
    return bool(text.strip()) and not re.fullmatch(r"\s*\d.*[eE].*\d\s*", text)  # which a spreadsheet may have rounded


def is_an_authors(text: str) -> bool:
    return not is_blank(text) and own_words(text)[0] == text  # or else it is mended


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(words.filter(is_an_id), words.filter(is_an_authors), words), min_size=1, unique_by=lambda row: row[0]
    )
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, name: str, rows: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / name
    write(path, *({"id": id, "text": text, "note": note} for id, text, note in rows))
    table = PostsTable(path)
    assert [(post.id, post.text, post.other["note"]) for post in table] == rows
    assert table.quarantine.count == 0


def test_json_lines(tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl", ROW, EMPTY)
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [ROW, EMPTY]


def test_csv_is_flat(tmp_path: Path) -> None:
    write(tmp_path / "out.csv", ROW, EMPTY)
    with (tmp_path / "out.csv").open(newline="") as file:
        header, first, second = csv.reader(file)
    assert header == ["id", "emotion", "probabilities.happiness", "probabilities.fear", "modalities", "warnings"]
    assert first == ["a", "happiness", "0.75", "0.25", "text|image", ""]
    assert second == ["b", "", "", "", "", "no picture|no words"]


def test_parquet_is_nested(tmp_path: Path) -> None:
    write(tmp_path / "out.parquet", ROW, EMPTY)
    none = {"happiness": None, "fear": None}
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == [ROW, EMPTY | {"probabilities": none}]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_an_example_row_makes_the_columns(tmp_path: Path, name: str) -> None:
    like = ROW | {"warnings": ["x"]}
    path = tmp_path / name
    write(path, EMPTY, ROW, like=like)  # the first row alone would not tell the columns
    table = PostsTable(path, {"text": "emotion"})
    assert list(table)[-1].id == "a"
    write(path, like=like)
    with pytest.raises(TableError, match="no rows"):
        PostsTable(path)


@pytest.mark.parametrize("name", NAMES)
def test_no_rows_at_all(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_column_the_first_rows_lacked_is_an_error(tmp_path: Path, name: str) -> None:
    rows: list[dict[str, object]] = [{"id": str(n), "inner": {"x": 1}} for n in range(5000)]
    for late in ({"id": "late", "more": 1}, {"id": "late", "inner": {"x": 1, "y": 2}}):
        with pytest.raises(TableError, match=r"out.*(more|y)"):
            write(tmp_path / name, *rows, late)
    assert not (tmp_path / name).exists()


def test_parquet_types_are_learnt_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    none: list[dict[str, object]] = [{"id": str(n), "emotion": None, "tags": []} for n in range(5000)]
    write(path, *none, {"id": "late", "emotion": "fear", "tags": ["x"]})
    assert pq.read_table(path).to_pylist()[-1] == {"id": "late", "emotion": "fear", "tags": ["x"]}
    with pytest.raises(TableError, match="types"):
        write(path, *({"n": n} for n in range(5000)), {"n": "text"})


def test_numbers_that_are_none_and_values_json_does_not_know(tmp_path: Path) -> None:
    row: dict[str, object] = {
        "nan": float("nan"),
        "deep": [{"inf": float("inf")}],
        "numpy": np.float32(0.5),
        "day": datetime.date(2024, 5, 1),
        "file": Path("a/b"),
    }
    write(tmp_path / "out.jsonl", row)
    want = {"nan": None, "deep": [{"inf": None}], "numpy": 0.5, "day": "2024-05-01", "file": "a/b"}
    assert json.loads((tmp_path / "out.jsonl").read_text()) == want
    write(tmp_path / "out.csv", {name: value for name, value in row.items() if name != "deep"})
    assert (tmp_path / "out.csv").read_text().splitlines()[1] == ",0.5,2024-05-01,a/b"


@pytest.mark.parametrize(
    ("name", "value"), [("out.csv", b"bytes"), ("out.jsonl", b"bytes"), ("out.csv", "half \ud83d")]
)
def test_values_that_cannot_be_written_name_the_row(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(TableError, match=f"{name}: row 2 cannot be written"):
        write(tmp_path / name, {"id": "a"}, {"id": value})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_error_the_old_file_and_the_part_are_there(
    tmp_path: Path, name: str, error: type[BaseException]
) -> None:
    path, partial = tmp_path / name, tmp_path / f"{name}.partial"
    path.write_text("old")
    with pytest.raises(error), open_writer(path) as writer:
        writer.write({"id": "a", "text": "x"})
        raise error
    assert path.read_text() == "old"
    if not name.endswith(".parquet"):  # whose half-made file is no Parquet file yet
        readable = partial.rename(tmp_path / f"part.{name}")
        assert [post.id for post in PostsTable(readable)] == ["a"]
        readable.rename(partial)
    with open_writer(path, resume=True, like={"id": "a", "text": "x"}) as writer:
        assert writer.rows_done == 1
    assert [post.id for post in PostsTable(path)] == ["a"]
    write(path, {"id": "b", "text": "x"})
    assert [post.id for post in PostsTable(path)] == ["b"]
    assert not partial.exists()


def test_the_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    with open_writer(tmp_path / "out.jsonl") as writer:
        writer.write(ROW)
        assert sorted(path.name for path in tmp_path.iterdir()) == [".out.jsonl.lock", "out.jsonl.partial"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize("tail", [b"", b'{"id": "to', b'{"id": "torn"}', b"\0" * 50, b"\0\n\0\n"])
def test_resume_keeps_complete_lines(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.partial").write_bytes(b'{"id": "a"}\n{"id": "b"}\n' + tail)
    with open_writer(path, resume=True) as writer:
        assert writer.rows_done == 2
        writer.write({"id": "c"})
        assert writer.rows_done == 3
    assert path.read_text() == '{"id": "a"}\n{"id": "b"}\n{"id": "c"}\n'


def test_resume_without_a_part_starts_and_without_resume_a_part_goes(tmp_path: Path) -> None:
    with open_writer(tmp_path / "out.jsonl", resume=True) as writer:
        assert writer.rows_done == 0
    (tmp_path / "out.jsonl.partial").write_text('{"id": "old"}\n')
    write(tmp_path / "out.jsonl", {"id": "new"})
    assert (tmp_path / "out.jsonl").read_text() == '{"id": "new"}\n'


HEAD = b"id,text\r\n"
TWO = b'a,x\r\nb,"two ""quoted""\r\nlines"\r\n'


@pytest.mark.parametrize("tail", [b"", b"c", b"c,x\r", b'c,"torn\r\nin a text\r\n', b"\0" * 50, b"c,\0\r\n"])
def test_resume_keeps_complete_records(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "out.csv"
    (tmp_path / "out.csv.partial").write_bytes(HEAD + TWO + tail)
    with open_writer(path, resume=True, like={"id": "a", "text": "x"}) as writer:
        assert writer.rows_done == 2
        writer.write({"id": "d", "text": "y"})
    assert path.read_bytes() == HEAD + TWO + b"d,y\r\n"


@pytest.mark.parametrize("torn", [b"", b"id,te", b"id,text\r"])
def test_a_torn_header_is_written_again(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / "out.csv.partial").write_bytes(torn)
    with open_writer(tmp_path / "out.csv", resume=True, like={"id": "a", "text": "x"}) as writer:
        assert writer.rows_done == 0
    assert (tmp_path / "out.csv").read_bytes() == HEAD


@pytest.mark.parametrize(("most", "kept"), [(0, 0), (1, 1), (2, 2), (5, 2)])
def test_no_more_rows_are_kept_than_wanted(tmp_path: Path, most: int, kept: int) -> None:
    (tmp_path / "out.csv.partial").write_bytes(HEAD + TWO)
    with open_writer(tmp_path / "out.csv", resume=True, like={"id": "a", "text": "x"}) as writer:
        writer.keep(most)
        assert writer.rows_done == kept
        writer.write({"id": "z", "text": "z"})
    assert [post.id for post in PostsTable(tmp_path / "out.csv")] == [*["a", "b"][:kept], "z"]


def half_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, bytes, list[int]]:
    """An interrupted Parquet file of three row groups of four rows, and where the schema and each group end."""
    monkeypatch.setattr(parquet_writer, "ROWS_A_GROUP", 4)
    partial = folder / "out.parquet.partial"
    with pytest.raises(KeyboardInterrupt), open_writer(folder / "out.parquet", like={"id": 1}) as writer:
        for number in range(12):
            writer.write({"id": number})
        raise KeyboardInterrupt
    with partial.open("rb") as file:
        ends = [end for _, end in parquet_writer.ParquetWriter.complete(file)]
    return partial, partial.read_bytes(), ends


def test_a_parquet_writer_has_row_groups_of_many_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_writer, "ROWS_A_GROUP", 4)
    monkeypatch.setattr(parquet_writer, "_BATCHES_A_GROUP", 3)
    shown: list[tuple[int, int]] = []
    with open_writer(tmp_path / "out.parquet", progress=lambda *now: shown.append(now)) as writer:
        for number in range(30):
            writer.write({"id": str(number)})
        assert not shown
    file = pq.ParquetFile(tmp_path / "out.parquet")
    groups = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
    assert groups == [12, 12, 6] and shown == [(12, 30), (24, 30), (30, 30)]
    assert [post["id"] for post in file.read().to_pylist()] == [str(number) for number in range(30)]


def test_resume_keeps_whole_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial, content, ends = half_made(tmp_path, monkeypatch)
    assert len(ends) == 4 and ends[-1] == len(content)
    for length in range(0, len(content) + 1, 9):
        for tail in (b"", b"\0" * 64):
            left = content[:length] + tail  # whose NULs may be those that were there
            partial.write_bytes(left)
            kept = 4 * max(0, sum(left[:end] == content[:end] for end in ends) - 1)
            with open_writer(tmp_path / "out.parquet", resume=True, like={"id": 1}) as writer:
                assert writer.rows_done == kept, (length, tail)
                for number in range(kept, 14):
                    writer.write({"id": number})
            assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == list(range(14))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet"]


def test_a_row_group_is_kept_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half_made(tmp_path, monkeypatch)
    with open_writer(tmp_path / "out.parquet", resume=True, like={"id": 1}) as writer:
        writer.keep(7)
        assert writer.rows_done == 4


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("like", [{"text": "x", "id": "a"}, {"id": "a"}, {"id": "a", "text": "x", "more": 1}])
def test_rows_of_other_columns_are_not_put_below_those_that_are_there(
    tmp_path: Path, name: str, like: Mapping[str, object]
) -> None:
    path, partial = tmp_path / name, tmp_path / f"{name}.partial"
    with pytest.raises(KeyboardInterrupt), open_writer(path, like={"id": "a", "text": "x"}) as writer:
        writer.write({"id": "a", "text": "x"})
        raise KeyboardInterrupt
    left = partial.read_bytes()
    with pytest.raises(TableError) as refused, open_writer(path, resume=True, like=like):
        pass
    assert str(refused.value) == (
        f"{partial}: the rows that are there have other columns; to begin again, leave out --resume"
    )
    assert [*tmp_path.iterdir()] == [partial]
    assert partial.read_bytes() == left
    with open_writer(path, resume=True, like={"id": "a", "text": "x"}) as writer:
        assert writer.rows_done == 1


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_columns_that_were_learnt_are_kept_when_resuming(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(KeyboardInterrupt), open_writer(path) as writer:
        writer.write({"id": "a", "text": "x", "note, of a post": 1.5})
        raise KeyboardInterrupt
    with open_writer(path, resume=True) as writer:
        writer.write({"id": "b", "text": "y", "note, of a post": None})
    found = [(post.id, post.text, post.other["note, of a post"]) for post in PostsTable(path)]
    number, none = ("1.5", "") if name == "out.csv" else (1.5, None)
    assert found == [("a", "x", number), ("b", "y", none)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_disk_that_is_full_at_the_end_keeps_the_rows_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.parquet"
    convert = parquet_writer.ParquetWriter.convert

    def fill(half_made: BinaryIO, out: BinaryIO, about: object) -> Iterator[int]:
        out.write(b"PAR1")
        with Path("/dev/full").open("wb", buffering=0) as full:
            yield from convert(half_made, cast(BinaryIO, full))

    with monkeypatch.context() as full:
        full.setattr(parquet_writer.ParquetWriter, "convert", fill)
        with pytest.raises(TableError, match="cannot be written") as refused:
            write(path, {"id": "a"})
    assert "\n" not in str(refused.value)
    assert [one.name for one in tmp_path.iterdir()] == ["out.parquet.partial"]
    with open_writer(path, resume=True) as writer:
        assert writer.rows_done == 1
    assert pq.read_table(path).to_pylist() == [{"id": "a"}]


def test_names_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"\.csv, \.jsonl or \.parquet"):
        open_writer(tmp_path / "out.txt")
    with pytest.raises(TableError, match="does not exist; make it first"):
        open_writer(tmp_path / "none/out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError, match="is a folder"):
        open_writer(tmp_path / "folder.csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.partial").symlink_to("/dev/full")
    with pytest.raises(TableError, match="cannot be written") as caught:
        write(tmp_path / name, *({"id": str(n), "text": "x" * 1000} for n in range(100)))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / name).exists()


@pytest.mark.skipif(os.name != "posix", reason="kills by a POSIX signal")
@pytest.mark.parametrize("name", NAMES)
def test_killed_and_resumed_is_as_if_nothing_had_been(tmp_path: Path, name: str) -> None:
    program = (
        "import os, signal, sys\nfrom feelscope.table import open_writer, parquet_writer\n"
        "parquet_writer.ROWS_A_GROUP = 300\n"
        "with open_writer(sys.argv[1], resume=True, like={'id': 1, 'text': 'x'}) as writer:\n"
        "    for n in range(writer.rows_done, 3000):\n"
        "        writer.write({'id': n, 'text': 'words ' * 9})\n"
        "        if n == int(sys.argv[2]): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / name
    for stop in (1000, 2500):
        assert subprocess.run([sys.executable, "-c", program, path, str(stop)]).returncode == -signal.SIGKILL
        assert not path.exists()
    subprocess.run([sys.executable, "-c", program, path, "-1"], check=True)
    assert [post.id for post in PostsTable(path)] == [str(number) for number in range(3000)]


def test_half_a_character_does_not_break_json(tmp_path: Path) -> None:
    with open_writer(tmp_path / "out.jsonl") as writer:
        writer.write({"id": "1", "text": "half \ud83d of é", "score": np.float64("nan"), "scores": [float("inf")]})
    line = (tmp_path / "out.jsonl").read_bytes().decode("utf-8")
    assert line == '{"id": "1", "text": "half \\ud83d of é", "score": null, "scores": [null]}\n'
