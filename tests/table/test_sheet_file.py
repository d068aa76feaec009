"""Spreadsheets' own files."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def sheet(path: Path, *rows: list[str | int | float]) -> Path:
    """The smallest .xlsx with these rows."""
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}.{name}+xml"/>'
        for part, name in (("xl/workbook.xml", "sheet.main"), ("xl/worksheets/sheet1.xml", "worksheet"))
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{rels}{types}</Types>',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Posts" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return path


def _relation(kind: str, target: str) -> str:
    one = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{one}</Relationships>'


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


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
