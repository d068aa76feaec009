"""A text file that grows while it is read: a line counts once it is complete."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Self, TextIO, Union

from feelscope.errors import TableError
from feelscope.table.encodings import UTF_8
from feelscope.table.packing import is_packed, open_unpacked
from feelscope.text.json_lines import LONGEST

Wait = Callable[[], bool]  # called at the end of the file; True looks again, False ends the reading
Lines = Union[TextIO, "GrowingFile"]


def open_lines(path: Path, wait: Wait | None, *, newline: str, encoding: str = UTF_8) -> Lines:
    """Open a table's file, which may be packed, for reading lines.

    Bytes that are not of its encoding become lone surrogates, for `is_unicode`.

    Args:
        wait: None for a file that does not grow.
        newline: As `open` takes it.
    """
    if wait is not None:
        return GrowingFile(path, wait, encoding)
    errors = "replace" if encoding.startswith(("utf-16", "utf_16", "utf-32")) else "surrogateescape"
    return io.TextIOWrapper(open_unpacked(path), encoding=encoding, errors=errors, newline=newline)


def whole_lines(file: Lines) -> Iterator[str]:
    """The lines of a file; one that is over `LONGEST` comes cut, just so much longer that this can be seen."""
    while line := file.readline(LONGEST + 1):
        rest = line
        while len(rest) > LONGEST and not rest.endswith(("\n", "\r")):
            rest = file.readline(LONGEST + 1)
        yield line


class GrowingFile:
    """Gives lines like a text file, and waits for more at its end.

    What follows the last line break is an incomplete line and is held back, even if it ends within a character.
    """

    def __init__(self, path: Path, wait: Wait, encoding: str = UTF_8) -> None:
        if encoding.startswith(("utf-16", "utf_16", "utf-32")):
            raise TableError(f"{path}: a file in {encoding} cannot be followed; append in UTF-8")
        if is_packed(path):
            raise TableError(f"{path}: a packed file cannot be followed; append to one that is not")
        self._path, self._wait = path, wait
        self._encoding = "utf-8" if encoding == UTF_8 else encoding
        self._file: BinaryIO = path.open("rb")
        self._held = b""
        self._first = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def readline(self, size: int) -> str:
        """Give the next whole line, at most about `size` characters of it; an empty text ends the reading.

        Raises:
            TableError: The file was replaced or cut.
        """
        while True:
            self._held += self._file.readline(max(4 * size - len(self._held), 1))  # a character has four bytes at most
            if self._held.endswith(b"\n") or len(self._held) >= 4 * size:
                break
            self._check()
            if not self._wait():
                return ""
        line, self._held = self._held, b""
        text = line.decode(self._encoding, "surrogateescape")
        if self._first:
            self._first, text = False, text.removeprefix("\ufeff")
        return text

    def _check(self) -> None:
        try:
            now = self._path.stat()
        except FileNotFoundError:
            raise TableError(f"{self._path}: was removed while it was followed; follow the new file") from None
        opened = os.fstat(self._file.fileno())
        if (now.st_ino, now.st_dev) != (opened.st_ino, opened.st_dev) or now.st_size < self._file.tell():
            raise TableError(f"{self._path}: was replaced or cut while it was followed; follow the new file")


def is_unicode(text: str) -> bool:
    """Whether a text came from UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
