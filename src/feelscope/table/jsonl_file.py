"""Posts tables as JSON Lines: one object per line."""

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from feelscope.errors import TableError
from feelscope.files import finite, json_text
from feelscope.table.growing import LONGEST, Wait, open_lines
from feelscope.table.quarantine import BadRow

LOOK_AHEAD = 1000  # rows that are read to learn the columns


@dataclass(frozen=True, slots=True)
class JsonLinesRows:
    """The rows of a JSON Lines file, each a dict or a `BadRow`."""

    path: Path
    wait: Wait | None = None  # at the end of a file that grows; None ends there

    def columns(self) -> dict[str, str]:
        """Give the names in the first rows, each with the type `json`; later rows may bring more."""
        first = list(islice(self._read(None), LOOK_AHEAD))
        if not first:
            raise TableError(f"{self.path}: the file is empty; expected one JSON object per line")
        names = dict.fromkeys((name for row in first if not isinstance(row, BadRow) for name in row), "json")
        if not names:
            raise TableError(f"{self.path}: no line is a JSON object with a column; expected one object per line")
        return names

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        return self._read(self.wait)

    def _read(self, wait: Wait | None) -> Iterator[dict[str, object] | BadRow]:
        with open_lines(self.path, wait, newline="\n") as file:
            for line in iter(partial(file.readline, LONGEST), ""):
                if len(line) == LONGEST and not line.endswith("\n"):
                    while (rest := file.readline(LONGEST)) and not rest.endswith("\n"):
                        pass
                    yield BadRow(f"line is over {LONGEST} characters")
                elif line.strip():
                    yield _parse(line)


def _parse(line: str) -> dict[str, object] | BadRow:
    if "\0" in line:
        return BadRow("NUL byte in the line")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return BadRow("not JSON, or torn", str(error))
    if not isinstance(row, dict):
        return BadRow("a JSON line that is not an object", type(row).__name__)
    return row


class JsonLinesWriter:
    """Rows to JSON Lines; a number that JSON lacks (NaN, infinity) becomes null. Only other formats need `like`."""

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None) -> None:
        self._file = file

    def write(self, row: Mapping[str, object]) -> None:
        """Write one row."""
        self._file.write(json_text(row, default=_plain).encode() + b"\n")

    def finish(self) -> None:
        """Do nothing: every line is written whole."""


def keep_complete_lines(file: BinaryIO) -> tuple[int, dict[str, object] | None]:
    """Cut a torn end off an interrupted file and go to its end.

    Returns:
        How many lines were kept, and the last of them.
    """
    file.seek(0)
    kept = end = 0
    last = b""
    for line in file:
        # A power cut leaves an incomplete line, or blocks of NULs where lines had not reached the disk.
        if not (line.startswith(b"{") and line.endswith(b"}\n")):
            break
        kept, end, last = kept + 1, end + len(line), line
    file.seek(end)
    file.truncate()
    return kept, json.loads(last) if last else None


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
