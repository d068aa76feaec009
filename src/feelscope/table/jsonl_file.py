"""Posts tables as JSON Lines: one object per line."""

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from feelscope.errors import TableError
from feelscope.files import finite, json_text
from feelscope.table.encodings import UTF_8
from feelscope.table.growing import Wait, open_lines, whole_lines
from feelscope.table.quarantine import BadRow
from feelscope.text.json_lines import BadLine, parse

LOOK_AHEAD = 1000  # rows that are read to learn the columns
MOST_NAMES = 10_000  # columns that are remembered; a new name in every line would not fit in memory


@dataclass(frozen=True, slots=True)
class JsonLinesRows:
    """The rows of a JSON Lines file, each a dict or a `BadRow`."""

    path: Path
    wait: Wait | None = None  # at the end of a file that grows; None ends there
    encoding: str = UTF_8

    def columns(self) -> dict[str, str]:
        """Give the names in the first rows, each with the type `json`; later rows may bring more."""
        names: dict[str, str] = {}
        seen = 0
        for row in islice(self._read(None), LOOK_AHEAD):
            seen += 1
            if not isinstance(row, BadRow):
                names |= dict.fromkeys(islice(row, MOST_NAMES - len(names)), "json")
        if not seen:
            raise TableError(f"{self.path}: the file is empty; expected one JSON object per line")
        if not names:
            raise TableError(f"{self.path}: no line is a JSON object with a column; expected one object per line")
        return names

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        return self._read(self.wait)

    def _read(self, wait: Wait | None) -> Iterator[dict[str, object] | BadRow]:
        with open_lines(self.path, wait, newline="\n", encoding=self.encoding) as file:
            for line in whole_lines(file):
                if line.strip():
                    try:
                        yield parse(line)
                    except BadLine as error:
                        yield BadRow(error.reason, error.detail)


class JsonLinesWriter:
    """Rows to JSON Lines; a number that JSON lacks (NaN, infinity) becomes null. Only other formats need `like`."""

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None) -> None:
        self._file = file

    def write(self, row: Mapping[str, object]) -> None:
        """Write one row."""
        self._file.write(json_text(row, default=_plain).encode() + b"\n")

    def finish(self) -> None:
        """Do nothing: every line is written whole."""

    @staticmethod
    def complete(file: BinaryIO) -> Iterator[tuple[int, int]]:
        """The complete rows of a half-made file: how many there are so far, and the byte at which they end."""
        rows = end = 0
        for line in file:
            # A power cut leaves an incomplete line, or blocks of NULs where lines had not reached the disk.
            if not (line.startswith(b"{") and line.endswith(b"}\n")):
                return
            rows, end = rows + 1, end + len(line)
            yield rows, end

    @staticmethod
    def rows(file: BinaryIO) -> Iterator[Mapping[str, object]]:
        """The rows of a half-made file that is cut after its last complete one."""
        return map(json.loads, file)


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if not isinstance(value, bytes) and callable(item := getattr(value, "item", None)):  # a NumPy number
        return finite(item())
    raise TypeError(f"{type(value).__name__} has no place in JSON")
