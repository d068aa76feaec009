"""Cells that begin a formula, in every CSV that is written."""

import csv
import io
import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope import PostsTable, open_writer
from feelscope.explore.views.csv_export import csv_lines
from feelscope.text.csv_cells import csv_cell, csv_text, raw_cells, write_csv

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://example.org?"&A1,"more")',
    "+SUM(A1)",
    "-2+3",
    "-",
    "@SUM(A1)",
    "@somebody hello",
    "\t=1",
    "\rx",
    "\nx",
    "  =1",
    "\u00a0+1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b@x",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1+2",
    "＠x",
    "'=1",
    "''=1",
    "-inf",
]
PLAIN = ["", "a=1", "1-1", ":-)", "'quoted'", "-0.5", "+3", "-1e-05", ".5", "-.5", "12", "o'clock", "😊", "#tag", "' x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == f"'{text}"
    assert csv_text(f"'{text}") == text


@pytest.mark.parametrize("text", PLAIN)
def test_anything_else_and_numbers_stay(text: str) -> None:
    assert csv_cell(text) == csv_text(text) == text


@given(st.text() | st.text(st.sampled_from("'=+-@＝ \t\r\n.0e15a\ufeff")))
def test_every_text_comes_back(text: str) -> None:
    cell = csv_cell(text)
    assert csv_text(cell) == text
    if cell.lstrip()[:1] in tuple("=+@＝＋－＠-"):
        float(cell)


def test_raw_cells_stay_until_the_block_ends() -> None:
    with raw_cells():
        assert csv_cell("=1") == "=1"
        with raw_cells(False):
            assert csv_cell("=1") == "'=1"
    assert csv_cell("=1") == "'=1"


def cells(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline="")))


def test_reports_write_no_formula_and_leave_numbers(tmp_path: Path) -> None:
    rows = [{"=name": "@x", "score": -0.25, "whole": -3, "none": None, "nan": math.nan}]
    write_csv(tmp_path / "rows.csv", rows)
    assert cells((tmp_path / "rows.csv").read_text()) == [
        ["'=name", "score", "whole", "none", "nan"],
        ["'@x", "-0.25", "-3", "", ""],
    ]


def test_tables_write_no_formula_in_header_cells_or_lists(tmp_path: Path) -> None:
    row = {"id": "=1", "+column": "-0.5", "score": -1e-9, "tags": ["@a", "b"], "in": {"=x": "\t"}}
    with open_writer(tmp_path / "posts.csv") as writer:
        writer.write(row)
    header, first = cells((tmp_path / "posts.csv").read_bytes().decode())
    assert header == ["id", "'+column", "score", "tags", "in.=x"]
    assert first == ["'=1", "-0.5", "-1e-09", "'@a|b", "'\t"]
    with raw_cells(), open_writer(tmp_path / "raw.csv") as writer:
        writer.write(row)
    assert cells((tmp_path / "raw.csv").read_bytes().decode())[1] == ["=1", "-0.5", "-1e-09", "@a|b", "\t"]


def test_views_of_an_archive_write_no_formula() -> None:
    rows = [{"id": "=1", "date": None, "emotion": "fear", "text": "＠x", "image": "-a.png"}]
    lines = "".join(csv_lines("sentences", lambda: {}, lambda: iter(rows)))
    assert cells(lines)[1] == ["'=1", "", "fear", "'＠x", "'-a.png", *[""] * 5]


def test_ids_of_a_csv_are_those_that_were_written(tmp_path: Path) -> None:
    ids = [text for text in (*FORMULAS, *PLAIN) if text and "\0" not in text]
    with open_writer(tmp_path / "posts.csv") as writer:
        for id in ids:
            writer.write({"id": id, "text": "=A1", "=more": "x"})
    posts = list(PostsTable(tmp_path / "posts.csv"))
    assert [post.id for post in posts] == ids
    assert {(post.text, post.other["=more"]) for post in posts} == {("=A1", "x")}


def test_csv_has_six_digits_and_empty_cells(tmp_path: Path) -> None:
    write_csv(tmp_path / "rows.csv", [{"a": 1 / 3, "b": None}, {"a": float("nan"), "b": 'say "é"\n'}])
    assert (tmp_path / "rows.csv").read_bytes() == 'a,b\n0.333333,\n,"say ""é""\n"\n'.encode()
    assert [file.name for file in tmp_path.iterdir()] == ["rows.csv"]
    write_csv(tmp_path / "rows.csv", [{"a": 12345678.0}])
    assert (tmp_path / "rows.csv").read_bytes() == b"a\n1.23457e+07\n"


@pytest.mark.parametrize("text", ["1" * 10**6 + "x", "-" + "1" * 10**6 + "x", "1" * 10**6, "." + "1" * 10**6 + "e"])
def test_a_cell_of_a_million_digits_is_read_once(text: str) -> None:
    started = time.process_time()
    assert csv_text(csv_cell(text)) == text
    assert time.process_time() - started < 60  # in quadratic time it would be hours
