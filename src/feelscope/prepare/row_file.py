"""Rows on disk between the first look at them and the writing of the dataset, so that memory need not hold them."""

import marshal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

Row = dict[str, Any]
_AT_ONCE = 256  # rows; one at a time would take many small reads
_LENGTH = 8  # bytes, before each batch


class RowFile:
    """A file of rows without a name, gone with this object, which alone reads it: in Python's own bytes, several times
    as fast as JSON.

    Args:
        folder: On whose disk it is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  # closed with this object
        self._waiting: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a row of texts, numbers, lists, dicts and None."""
        self._waiting.append(row)
        if len(self._waiting) == _AT_ONCE:
            self._write()

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows in their order; any number of passes, one at a time."""
        self._write()
        self._file.seek(0)
        while length := self._file.read(_LENGTH):
            yield from marshal.loads(self._file.read(int.from_bytes(length)))

    def _write(self) -> None:
        batch = marshal.dumps(self._waiting)
        self._file.seek(0, 2)
        self._file.write(len(batch).to_bytes(_LENGTH) + batch)
        self._waiting = []
