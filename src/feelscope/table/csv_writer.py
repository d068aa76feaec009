"""Rows to CSV, written so that a spreadsheet shows them and runs nothing."""

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from feelscope.config import listed
from feelscope.errors import TableError
from feelscope.files import json_text
from feelscope.table.columns import OTHER_COLUMNS
from feelscope.text.csv_cells import csv_cell, csv_text


class CsvWriter:
    """Rows to CSV: dicts become columns `probabilities.happiness`, lists are joined by `|`, formulas get an apostrophe.

    Args:
        file: At its end; the header of one that is continued is there.
        like: A row with every column, for the header; None takes the first row.
        mark: Whether a new file begins with the mark of UTF-8.

    Raises:
        TableError: The file that is continued has other columns.
    """

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None, *, mark: bool = False) -> None:
        self._header = _header(file)
        self._begin = "\ufeff" if mark else ""
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._writer = csv.writer(self._text)  # ends lines in \r\n, and so quotes both in a text
        self._columns: tuple[str, ...] = ()
        if like is not None:
            self._head(tuple(_flat(like)))

    def write(self, row: Mapping[str, object]) -> None:
        """Write one row."""
        cells = _flat(row)
        if not self._columns:
            self._head(tuple(cells))
        if unknown := cells.keys() - set(self._columns):
            raise TableError(f"a row has columns the header lacks: {listed(sorted(unknown))}")
        self._writer.writerow([csv_cell(cells.get(column, "")) for column in self._columns])

    def finish(self) -> None:
        """Hand everything to the file."""
        self._text.flush()
        self._text.detach()

    @staticmethod
    def complete(file: BinaryIO) -> Iterator[tuple[int, int]]:
        """The complete rows of a half-made file: how many there are so far, and the byte at which they end.

        The header comes first, as no row.
        """
        rows, end, quotes = -1, 0, 0
        for line in file:
            end, quotes = end + len(line), quotes + line.count(b'"')
            if b"\0" in line:  # a power cut leaves blocks of NULs where lines had not reached the disk
                return
            if quotes % 2 == 0 and line.endswith(b"\r\n"):  # else the record goes on: in quotes, or torn
                rows += 1
                yield rows, end

    @staticmethod
    def rows(file: BinaryIO) -> Iterator[Mapping[str, object]]:
        """The rows of a half-made file that is cut after its last complete one, as texts."""
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            for row in csv.DictReader(text):
                yield {name: csv_text(cell) for name, cell in row.items()}
        finally:
            text.detach()

    def _head(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        cells = [csv_cell(column) for column in columns]
        if not self._header:
            self._text.write(self._begin)
            self._writer.writerow(cells)
        elif self._header != cells:
            raise TableError(OTHER_COLUMNS)


def _header(file: BinaryIO) -> list[str]:
    """The cells of the header of a half-made file, which is at its end and stays there; none of an empty one."""
    end = file.tell()
    file.seek(0)
    length = next(CsvWriter.complete(file), (0, 0))[1]
    file.seek(0)
    head = file.read(length).decode("utf-8-sig", "replace")
    file.seek(end)
    return next(csv.reader(io.StringIO(head, newline="")), [])


def _flat(row: Mapping[str, object], before: str = "") -> dict[str, str]:
    """Lay out nested dicts as one, with dotted names."""
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            cells |= _flat(value, f"{before}{name}.")
        else:
            cells[f"{before}{name}"] = _cell(value)
    return cells


def _cell(value: object) -> str:
    """Write a value as text; nothing and not-a-number are empty."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, list | tuple):
        return "|".join(map(_cell, value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):  # inside a list
        return json_text(value, default=str)
    if isinstance(value, bytes):
        raise TypeError("bytes have no place in a CSV")
    return str(value)
