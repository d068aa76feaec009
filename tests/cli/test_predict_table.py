"""`feelscope predict` of a table: what is written, where, and what is left out."""

import csv
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from command_runs import EXAMPLES, KEYS, Run, rows, write

from feelscope.saved_model import folder as model_folder

EMOTIONS = model_folder.read_labels(model_folder.BUILTIN).emotions


def test_a_table_gives_a_line_per_post_in_its_order(run: Run, tmp_path: Path) -> None:
    ran = run("predict", EXAMPLES / "posts.csv")
    found = rows(ran.stdout)
    assert [row["id"] for row in found] == [str(number) for number in range(1, 13)]
    assert all(list(row) == KEYS for row in found)
    assert [row["modalities"] for row in found[2:5]] == [["image"], ["text", "image"], ["text"]]
    assert not list(tmp_path.iterdir())


def test_what_is_read_and_how_fast_goes_to_stderr_in_plain_lines(run: Run) -> None:
    ran = run("predict", EXAMPLES / "posts.csv", "--columns", "text=text")
    first, last = ran.stderr.splitlines()
    assert first == f"{EXAMPLES / 'posts.csv'}: columns id, text, title, image, emotion"
    assert re.fullmatch(r"12 posts in [\d.]+ s \([\d,]+ per second\)", last)


def test_other_column_names_are_found_and_shown_and_may_be_given(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "Nr,Caption,Words", "1,cat,We won!", "2,dog,I hate this")
    ran = run("predict", "posts.csv", "--columns", "id=Nr,text=Words")
    assert [row["id"] for row in rows(ran.stdout)] == ["1", "2"]
    assert ran.stderr.splitlines()[0] == "posts.csv: columns id from 'Nr', text from 'Words'"


def test_limit_reads_the_first_posts_only(run: Run) -> None:
    assert [row["id"] for row in rows(run("predict", EXAMPLES / "posts.csv", "--limit", 3).stdout)] == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_out_holds_the_same_in_every_format(run: Run, tmp_path: Path, name: str) -> None:
    ran = run("predict", EXAMPLES / "posts.csv", "--out", name)
    assert (ran.returncode, ran.stdout) == (0, "")
    expected = rows(run("predict", EXAMPLES / "posts.csv").stdout)
    beside = set() if name.endswith(".parquet") else {f"{name}.about.json"}
    assert {path.name for path in tmp_path.iterdir()} == {name} | beside
    if name.endswith(".parquet"):
        import pyarrow.parquet as parquet

        assert parquet.read_table(tmp_path / name).to_pylist() == expected
    elif name.endswith(".csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        assert [row["emotion"] for row in found] == [row["emotion"] for row in expected]
        assert float(found[0][f"probabilities.{EMOTIONS[0]}"]) == expected[0]["probabilities"][EMOTIONS[0]]
        assert [row["modalities"] for row in found[2:5]] == ["image", "text|image", "text"]
    else:
        assert rows((tmp_path / name).read_text(encoding="utf-8")) == expected


def test_what_cannot_be_read_goes_to_the_quarantine_with_its_row(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "fake.jpg", "no picture")
    write(
        *(tmp_path / "posts.csv", "id,text,image", "a,We won!,", "a,again,", "b,,gone.png", "c,,fake.jpg"),
        *("d,,../out.png", "e,a\0b,", "f,,", "g,Done.,gone.png", "h,,fake.jpg"),
    )
    ran = run("predict", "posts.csv", "--quarantine", "bad.jsonl", "--max-errors", "50")
    assert ran.returncode == 0
    assert [row["id"] for row in rows(ran.stdout)] == ["a", "g"]
    bad = {row["id"]: (row["row"], row["reason"]) for row in rows((tmp_path / "bad.jsonl").read_text())}
    assert {id: row for id, (row, _) in bad.items()} == {"a": 2, "b": 3, "c": 4, "d": 5, "e": 6, "f": 7, "h": 9}
    assert "duplicate" in bad["a"][1]
    assert "gone.png: no such file" in bad["b"][1]
    assert "expected a picture" in bad["c"][1]
    assert "leaves the table's folder" in bad["d"][1]
    assert "NUL" in bad["e"][1]
    summary = ran.stderr.splitlines()
    assert "7 left out, see bad.jsonl:" in summary
    assert "  3 nothing could be read" in summary


def test_a_huge_picture_costs_nothing_and_a_long_text_is_cut(run: Run, tmp_path: Path) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"]
    png = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(png))
    write(tmp_path / "posts.csv", "id,text,image", f"1,{'so sad ' * 150_000},huge.png")
    (row,) = rows(run("predict", "posts.csv", "--skip-pictures", "1").stdout)
    assert row["modalities"] == ["text"]
    assert any("50000 x 50000" in warning for warning in row["warnings"])
    assert any("first" in warning and "tokens" in warning for warning in row["warnings"])


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m feelscope.cli predict {EXAMPLES / 'posts.csv'} | head -1"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert len(ran.stdout.splitlines()) == 1
    assert not re.search("Traceback|Error|Exception", ran.stderr)
