"""Rows on disk between the first look at them and the writing of the dataset, so that memory does not hold them.

They are read again by the run that wrote them and by no other, in Python's own bytes, several times as fast as JSON.
"""

import marshal
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Row = dict[str, Any]
_AT_ONCE = 256  # rows; one at a time would be read by many small reads
_LENGTH = 8  # bytes, before each lot


class RowFile:
    """A file of rows, gone when the `with` block ends.

    Args:
        path: Replaced where an earlier run left it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[Row] = []

    def __enter__(self) -> Self:
        self._file = self._path.open("w+b")
        return self

    def add(self, row: Row) -> None:
        """Take a row of texts, numbers, lists, dicts and None."""
        self._waiting.append(row)
        if len(self._waiting) == _AT_ONCE:
            self._write()

    def __iter__(self) -> Iterator[Row]:
        """Give the rows in their order; as often as asked, but one pass at a time."""
        self._write()
        self._file.seek(0)
        while length := self._file.read(_LENGTH):
            yield from marshal.loads(self._file.read(int.from_bytes(length)))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._waiting:
            lot = marshal.dumps(self._waiting)
            self._file.seek(0, 2)
            self._file.write(len(lot).to_bytes(_LENGTH) + lot)
            self._waiting = []
