"""Rows on disk between the first look at them and the writing of the dataset, so that memory need not hold them.

Only the run that wrote them reads them again, so they are in Python's own bytes, several times as fast as JSON.
"""

import marshal
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Row = dict[str, Any]
_AT_ONCE = 256  # rows; one at a time would take many small reads
_LENGTH = 8  # bytes, before each batch


class RowFile:
    """A file of rows, deleted when the `with` block ends.

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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._waiting:
            batch = marshal.dumps(self._waiting)
            self._file.seek(0, 2)
            self._file.write(len(batch).to_bytes(_LENGTH) + batch)
            self._waiting = []
