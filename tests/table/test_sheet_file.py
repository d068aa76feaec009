"""Spreadsheets' own files."""

from pathlib import Path

import pytest
from small_sheet import sheet

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine


def test_the_first_sheet_is_a_table(tmp_path: Path) -> None:
    path = sheet(tmp_path / "posts.xlsx", ["id", "text", "likes"], [1, "Grüße 🌧", 2.5], ["b", "rain", 3])
    found = PostsTable(path)
    posts = [(post.id, post.text, post.other) for post in found]
    assert posts == [("1", "Grüße 🌧", {"likes": 2.5}), ("b", "rain", {"likes": 3})]
    assert found.rough_length() == 2


def test_a_number_of_more_digits_than_it_keeps_is_no_id(tmp_path: Path) -> None:
    path = sheet(tmp_path / "posts.xlsx", ["id", "text"], [1294030472427835000, "x"], [7, "y"])
    found = PostsTable(path, quarantine=Quarantine(most_broken=1))
    assert [post.id for post in found] == ["7"]
    assert "rounded by a spreadsheet" in next(iter(found.quarantine.reasons))


def test_a_sheet_without_a_header_and_files_that_are_none(tmp_path: Path) -> None:
    path = sheet(tmp_path / "posts.xlsx", ["0", "we won"], ["4", "rain"])
    assert [post.text for post in PostsTable(path, {"text": "2"})] == ["we won", "rain"]
    for content in (b"", b"PK\3\4", path.read_bytes()[:400]):
        (tmp_path / "bad.xlsx").write_bytes(content)
        with pytest.raises(TableError, match=r"bad.xlsx: (not a readable spreadsheet|the file is empty)"):
            PostsTable(tmp_path / "bad.xlsx")
    for rows in ([], [["id", "text"]]):
        with pytest.raises(TableError):
            PostsTable(sheet(tmp_path / "posts.xlsx", *rows))
