"""Which reader a table needs: by the ending of its name, packed or not, what its bytes say of the encoding, and
whether it is an export that is known."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from feelscope.errors import TableError
from feelscope.table.csv_file import CsvRows
from feelscope.table.encodings import NAMES, UTF_8, check_encoding, find_encoding
from feelscope.table.growing import Wait
from feelscope.table.json_file import JsonRows
from feelscope.table.jsonl_file import JsonLinesRows
from feelscope.table.layouts.rows import with_layout
from feelscope.table.packing import inner_ending, is_packed, open_unpacked
from feelscope.table.parquet_file import ParquetRows
from feelscope.table.pictures_folder import FolderRows
from feelscope.table.quarantine import BadRow
from feelscope.table.settings import reading
from feelscope.table.sheet_file import SheetRows


class Rows(Protocol):
    """The rows of a table; some have a `length` too, which says how many there are."""

    def columns(self) -> dict[str, str]:
        """Give the names of the columns, each with its type in words; raises `TableError` where there is no row."""

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]: ...


TEXT_FORMATS: Mapping[str, type[CsvRows] | type[JsonLinesRows] | type[JsonRows]] = {
    ".csv": CsvRows,
    ".tsv": CsvRows,
    ".tab": CsvRows,
    ".txt": CsvRows,
    ".jsonl": JsonLinesRows,
    ".ndjson": JsonLinesRows,
    ".json": JsonRows,
    ".js": JsonRows,  # of X's archive
}
SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
EXPECTED = (
    "a posts table is CSV (.csv, .tsv, .txt), JSON (.jsonl, .ndjson, .json) or Parquet (.parquet), packed or not "
    "(.gz, .bz2, .xz, .zst), a spreadsheet (.xlsx) or a folder of pictures"
)
DATABASE = "a database of collected posts; make a table of it: feelscope prepare {path} DATASET --labels hashtags"

_SQLITE = b"SQLite format 3\0"


def open_rows(path: Path, wait: Wait | None = None, *, by_place: bool = False) -> Rows:
    """Choose the reader by the ending, and find out the encoding.

    Args:
        wait: See `PostsTable`.
        by_place: See `CsvRows`.

    Raises:
        TableError: Another ending, no file that can be read, or a format that cannot be followed.
    """
    if path.is_dir() and path.suffix.lower() not in (*TEXT_FORMATS, ".parquet", *SHEETS):
        return FolderRows(path)
    ending = inner_ending(path)
    if ending not in (*TEXT_FORMATS, ".parquet", *SHEETS) or (ending in SHEETS and is_packed(path)):
        raise TableError(f"{path}: {_other(path)}")
    if not path.exists():
        raise TableError(f"{path}: no such file")
    if not path.is_file():  # a pipe cannot be read twice
        raise TableError(f"{path}: not a regular file")
    if not os.access(path, os.R_OK):
        raise TableError(f"{path}: no permission to read it")
    if ending == ".parquet":
        return ParquetRows(path, wait)
    if ending in SHEETS:
        sheet = SheetRows(path, wait, by_place=by_place)
        return with_layout(sheet, path, sheet, of_cells=True) or sheet
    encoding = _encoding(path, wait)
    kind: Any = TEXT_FORMATS[ending]
    is_csv = kind is CsvRows
    rows, there = (kind(path, waiting, encoding, *[by_place] * is_csv) for waiting in (wait, None))
    found: Rows = with_layout(rows, path, there, of_cells=is_csv) or rows
    return found


def encoding_remark(rows: Rows) -> str:
    """What to say of an encoding that was found out; empty where it is UTF-8 or was given."""
    name = NAMES.get(getattr(rows, "encoding", ""))
    if name is None or reading().encoding:
        return ""
    return f"read as {name}, as it is not UTF-8; if letters are wrong, name its encoding with --encoding"


def _encoding(path: Path, wait: Wait | None) -> str:
    if given := reading().encoding:
        return check_encoding(given)
    if wait is not None and not is_packed(path):
        with path.open("rb") as file:
            return "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else UTF_8
    with open_unpacked(path) as file:
        return find_encoding(file)


def _other(path: Path) -> str:
    """What to do with a file that is no table."""
    try:
        with path.open("rb") as file:
            is_database = file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        is_database = False
    return DATABASE.format(path=path) if is_database else EXPECTED
