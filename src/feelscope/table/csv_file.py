"""Posts tables as CSV: with commas, or with the semicolons and tabs of spreadsheets."""

import csv
import datetime
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from feelscope.config import listed
from feelscope.errors import TableError
from feelscope.files import json_text
from feelscope.table.columns import OTHER_COLUMNS, check_names
from feelscope.table.growing import Lines, Wait, is_unicode, open_lines, whole_lines
from feelscope.table.quarantine import BadRow
from feelscope.text.csv_cells import csv_cell, csv_text
from feelscope.text.json_lines import LONGEST

_LINES_AGAIN = 100
_UNCLOSED = "a quote is left open"


@dataclass(frozen=True, slots=True)
class CsvRows:
    """The rows of a CSV file, each a dict of texts or a `BadRow`."""

    path: Path
    wait: Wait | None = None  # at the end of a file that grows; None ends there

    def columns(self) -> dict[str, str]:
        """Give the header's names, each with the type `text`."""
        with open_lines(self.path, None, newline="") as file:
            names, rows = self._start(file)
            if next(rows, None) is None:
                raise TableError(f"{self.path}: no rows below the header")
        return dict.fromkeys(names, "text")

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        with open_lines(self.path, self.wait, newline="") as file:
            names, rows = self._start(file)
            for row in rows:
                yield row if isinstance(row, BadRow) else dict(zip(names, map(csv_text, row), strict=True))

    def _start(self, file: Lines) -> tuple[list[str], Iterator[list[str] | BadRow]]:
        """Read the header; the rows follow."""
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST))  # the module's own limit is 128 KiB
        lines = _Lines(whole_lines(file))
        try:
            first = next((line for line in lines if line.strip()), "")
            if not first:
                raise TableError(f"{self.path}: the file is empty; expected a header and rows")
            separator = "," if "," in first else next((mark for mark in ";\t" if mark in first), ",")
            lines.again([first])
            lines.begin()
            header = [csv_text(cell) for cell in next(csv.reader(lines, delimiter=separator, strict=True))]
        except csv.Error:
            header = []
        if not header or "\0" in first or not is_unicode(first):
            raise TableError(f"{self.path}: the first line is not a CSV header in UTF-8; save the table as CSV UTF-8")
        names = [name or f"column_{place}" for place, name in enumerate(header, 1)]  # pandas leaves its index unnamed
        check_names(names, self.path)
        return names, _rows(lines, separator, len(names))


class _Lines:
    """The lines of a file for a CSV reader; those of the record that it reads are kept, to be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._size = 0
        self.record: list[str] = []  # lines since `begin`
        self.number = 0  # of the last line that was read, from 1

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        # A record that spans lines a second time is short, or a file could be read once for each of its lines.
        if self._again and len(self.record) >= _LINES_AGAIN:
            raise csv.Error(_UNCLOSED)
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        self.record.append(line)
        self._size += len(line)
        if self._size > LONGEST:
            raise csv.Error(f"over {LONGEST:,} characters" if len(self.record) == 1 else _UNCLOSED)
        return line

    def begin(self) -> None:
        """Begin a record."""
        self.record, self._size = [], 0

    def again(self, lines: Sequence[str]) -> None:
        """Give lines once more, the last ones that were read."""
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)


def _rows(lines: _Lines, separator: str, width: int) -> Iterator[list[str] | BadRow]:
    """Records of so many cells; after a broken one, the line after its first is next."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad = BadRow("broken CSV row; is a quote left open?", _at_line(lines, str(error)))
        else:
            if not row:  # a blank line
                continue
            if len(row) == width:
                yield row
                continue
            bad = BadRow("wrong number of fields", _at_line(lines, f"{len(row)} where the header has {width}"))
            if not any(_is_row(line, separator, width) for line in lines.record[1:]):
                lines.begin()  # a text with line breaks: all of them are this row's
        lines.again(lines.record[1:])
        yield bad


def _at_line(lines: _Lines, what: str) -> str:
    return f"line {lines.number - len(lines.record) + 1}, {what}"


def _is_row(line: str, separator: str, width: int) -> bool:
    """Whether a line would be a row by itself."""
    try:
        return line.count('"') % 2 == 0 and len(next(csv.reader([line], delimiter=separator, strict=True), ())) == width
    except csv.Error:
        return False


class CsvWriter:
    """Rows to CSV: dicts become columns `probabilities.happiness`, lists are joined by `|`, formulas get an apostrophe.

    Args:
        file: At its end; the header of one that is continued is there.
        like: A row with every column, for the header; None takes the first row.

    Raises:
        TableError: The file that is continued has other columns.
    """

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None) -> None:
        self._header = _header(file)
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

    def _head(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        cells = [csv_cell(column) for column in columns]
        if not self._header:
            self._writer.writerow(cells)
        elif self._header != cells:
            raise TableError(OTHER_COLUMNS)


def _header(file: BinaryIO) -> list[str]:
    """The cells of the header of a half-made file, which is at its end and stays there; none of an empty one."""
    end = file.tell()
    file.seek(0)
    length = next(CsvWriter.complete(file), (0, 0))[1]
    file.seek(0)
    head = file.read(length).decode("utf-8", "replace")
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
