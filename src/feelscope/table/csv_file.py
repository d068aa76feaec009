"""Posts tables as CSV: with commas, or with the semicolons, tabs and bars of spreadsheets and exports."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from feelscope.errors import TableError
from feelscope.table.columns import check_names, is_known
from feelscope.table.encodings import UTF_8
from feelscope.table.growing import Lines, Wait, is_unicode, open_lines, whole_lines
from feelscope.table.quarantine import BadRow
from feelscope.text.csv_cells import csv_text
from feelscope.text.json_lines import LONGEST

_LINES_AGAIN = 100
_UNCLOSED = "a quote is left open"


@dataclass(frozen=True, slots=True)
class CsvRows:
    """The rows of a CSV file, each a dict of texts or a `BadRow`.

    Args:
        wait: Called at the end of a file that grows; None ends there.
        encoding: Of the file.
        by_place: Whether columns are named by their places; then the first line is a header only where a cell of it
            is a name that is known.
    """

    path: Path
    wait: Wait | None = None
    encoding: str = UTF_8
    by_place: bool = False

    def columns(self) -> dict[str, str]:
        """Give the header's names, each with the type `text`."""
        with open_lines(self.path, None, newline="", encoding=self.encoding) as file:
            names, rows = self._start(file)
            if next(rows, None) is None:
                raise TableError(f"{self.path}: no rows below the header")
        return dict.fromkeys(names, "text")

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        with open_lines(self.path, self.wait, newline="", encoding=self.encoding) as file:
            names, rows = self._start(file)
            for row in rows:
                yield row if isinstance(row, BadRow) else dict(zip(names, row, strict=True))

    def _start(self, file: Lines) -> tuple[list[str], Iterator[list[str] | BadRow]]:
        """Read the header; the rows follow."""
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST))  # the module's own limit is 128 KiB
        lines = _Lines(whole_lines(file))
        try:
            first = next((line for line in lines if line.strip()), "")
            if not first:
                raise TableError(f"{self.path}: the file is empty; expected a header and rows")
            separator = _separator(first)
            if _is_separator_line(first):
                first = next(lines, "")
            lines.again([first])
            lines.begin()
            header = [csv_text(cell) for cell in next(csv.reader(lines, delimiter=separator, strict=True))]
        except (csv.Error, StopIteration):
            header = []
        if not header or "\0" in first or not is_unicode(first):
            wanted = "save the table as CSV UTF-8, or name its encoding with --encoding"
            raise TableError(f"{self.path}: the first line is not a CSV header in UTF-8; {wanted}")
        if self.by_place and not any(map(is_known, header)):
            lines.again(lines.record)
            header = [""] * len(header)
        names = [name or f"column_{place}" for place, name in enumerate(header, 1)]  # pandas leaves its index unnamed
        check_names(names, self.path)
        return names, _rows(lines, separator, len(names))


def _separator(first: str) -> str:
    """What separates the cells of a first line: what its own `sep=` says, or what is outside of quotes."""
    if _is_separator_line(first):
        return first.rstrip("\r\n")[4]
    outside = "".join(first.split('"')[::2])
    counts = {mark: outside.count(mark) for mark in ",;\t|"}
    if "\t" in outside and counts["\t"] >= max(counts[","], counts[";"]):
        return "\t"
    return next((mark for mark, count in counts.items() if count), ",")


def _is_separator_line(line: str) -> bool:
    """Whether a line is what Excel reads its separator from."""
    return line[:4].lower() == "sep=" and len(line.rstrip("\r\n")) == 5


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
                if len(lines.record) > 1 or "'" in lines.record[0]:
                    # Asked here, as a call for each cell takes a tenth of the time of a row.
                    row = [csv_text(cell) if cell[:1] == "'" else cell for cell in row]
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
