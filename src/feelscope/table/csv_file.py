"""Posts tables as CSV: with commas, or with the semicolons and tabs of spreadsheets."""

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from feelscope.config import listed
from feelscope.errors import TableError
from feelscope.files import csv_cell, json_text
from feelscope.table.columns import check_names
from feelscope.table.growing import LONGEST, Lines, Wait, is_unicode, open_lines
from feelscope.table.quarantine import BadRow


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
                if isinstance(row, BadRow):
                    yield row
                elif len(row) != len(names):
                    yield BadRow("wrong number of fields", f"{len(row)} where the header has {len(names)}")
                else:
                    yield dict(zip(names, row, strict=True))

    def _start(self, file: Lines) -> tuple[list[str], Iterator[list[str] | BadRow]]:
        """Read the header; the rows follow."""
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST))  # the module's own limit is 128 KiB
        lines = iter(partial(file.readline, LONGEST), "")
        first = next((line for line in lines if line.strip()), "")
        separator = "," if "," in first else next((mark for mark in ";\t" if mark in first), ",")
        rows = _rows(csv.reader(chain([first], lines), delimiter=separator, strict=True))
        header = next(rows, None)
        if header is None:
            raise TableError(f"{self.path}: the file is empty; expected a header and rows")
        if isinstance(header, BadRow) or "\0" in first or not is_unicode(first):
            raise TableError(f"{self.path}: the first line is not a CSV header in UTF-8; save the table as CSV UTF-8")
        names = [name or f"column_{place}" for place, name in enumerate(header, 1)]  # pandas leaves its index unnamed
        check_names(names, self.path)
        return names, rows


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str] | BadRow]:
    """Skip blank lines, and read on after broken rows."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow("broken CSV row; is a quote left open?", str(error))
        else:
            if row:
                yield row


class CsvWriter:
    """Rows to CSV: dicts become columns `probabilities.happiness`, lists are joined by `|`, formulas get an apostrophe.

    Args:
        like: A row with every column, for the header; None takes the first row.
    """

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None) -> None:
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

    def _head(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._writer.writerow(map(csv_cell, columns))


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
