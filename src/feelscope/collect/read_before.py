"""Whether a file still begins with the rows that an earlier run read, before it is read on from there."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from feelscope.errors import CollectError
from feelscope.post import Post

Row = TypeVar("Row")


class ReadBefore:
    """A digest of the rows of a file, in their order.

    Args:
        path: For messages.
        done: The number of the last row that an earlier run saved; 0 where none did.
        digest: Of the rows up to there; empty where nobody kept it.
    """

    def __init__(self, path: Path, done: int, digest: str) -> None:
        self._path, self._done, self._digest = path, done, digest
        self._hash = hashlib.blake2b(digest_size=16)

    def hexdigest(self) -> str:
        """Of the rows that came by so far."""
        return self._hash.hexdigest()

    def checked(self, rows: Iterable[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
        """The rows, each with its number.

        Raises:
            CollectError: Those that an earlier run read are others now.
        """
        is_checked = not self._done or not self._digest
        for number, row in rows:
            if number > self._done and not is_checked:
                self._check()
                is_checked = True
            self._hash.update(repr(_content(row)).encode("utf-8", "backslashreplace"))
            yield number, row
        if not is_checked:
            self._check()

    def _check(self) -> None:
        if self.hexdigest() != self._digest:
            what = f"its first {self._done:,} rows are not those that were read before"
            raise CollectError(f"{self._path}: {what}; read it from its start with --restart, or give it another name")


def _content(row: object) -> object:
    """What is told apart: of a post not where its picture lies, so that a folder may be moved."""
    return (row.id, row.title, row.text, row.emotion, row.other) if isinstance(row, Post) else row
