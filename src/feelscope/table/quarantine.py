"""Rows that cannot be posts: what was left out and why, the counts, and how many are too many."""

import hashlib
import os
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import Self

from feelscope.errors import TableError
from feelscope.files import no_link, writing
from feelscope.text.json_lines import BadLine, append, dump, parse, read_lines

KEYS = ("id", "row", "table", "reason")
MOST_LINES = 1_000_000  # of an earlier run that are not written again
MOST_REASONS = 100  # counted apart; a million different reasons would not fit in memory
MOST_BROKEN = 0.05  # share of a table's rows; with more, what is left is not what the table says


@dataclass(eq=False)
class BadRow(Exception):
    """A row that cannot be a post."""

    reason: str  # what is wrong, in words that are the same for every such row, so that they can be counted
    detail: str = ""  # what is wrong with this one
    id: str | None = None  # where it is known
    broken: bool = True  # it cannot be read; otherwise it can, and there is no post in it


@dataclass(frozen=True, slots=True)
class Unreadable:
    """In the place of a cell that cannot be read."""

    reason: str
    detail: str = ""


class Quarantine:
    """Bad rows, counted, and kept in a file with one line of `{"id", "row", "table", "reason"}` each.

    The file appears with the first bad row. What an earlier run left under the same name goes then, or where the `with`
    block ends well; any other file there is refused.

    Args:
        path: The file; None only counts. One process at a time writes it.
        most_broken: The share of a table's rows, 0 to 1, that may be broken; more stop the reading of it.
        keep: Append to what an earlier run left, the same line once.

    Attributes:
        emptied: By column, the cells that cannot be read and are empty in their posts.
        pictures: By what is wrong, the pictures of posts that could not be used.
        null_words: Words for "nothing here" in the place of a label.
    """

    def __init__(self, path: Path | str | None = None, *, most_broken: float = MOST_BROKEN, keep: bool = False) -> None:
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self.emptied: Counter[str] = Counter()
        self.pictures: Counter[str] = Counter()
        self.null_words: Counter[str] = Counter()
        self.most_broken = most_broken
        self._file: FileIO | None = None
        self._held = ExitStack()
        self.path = None if path is None else Path(path)
        if self.path is not None and os.path.lexists(self.path):
            _check_is_quarantine(self.path)
        self._written = _lines(self.path) if keep and self.path is not None else None

    def add(self, id: str | None, row: int, reason: str, *, detail: str = "", table: str = "") -> None:
        """Keep one bad row.

        Args:
            id: Where it is known.
            row: Its number among the table's rows, from 1.
            reason: Counted in `reasons`.
            detail: Written after the reason.
            table: The table's file.

        Raises:
            TableError: The file cannot be written, or another process writes it.
        """
        self.count += 1
        self.reasons[reason if reason in self.reasons or len(self.reasons) < MOST_REASONS else "other reasons"] += 1
        if self.path is None:
            return
        detail = detail if len(detail) <= 200 else f"{detail[:200]}..."
        shown = f"{reason}: {detail}" if detail else reason
        bad = dict(zip(KEYS, (id, row, table, shown), strict=True))
        line = dump(bad)
        try:
            if self._written is not None:
                if (known := _digest(line)) not in self._written:
                    append(self.path, bad)
                    if len(self._written) < MOST_LINES:
                        self._written.add(known)
                return
            if self._file is None:
                self._file = self._open(self.path)
            self._file.write(line)
        except OSError as error:
            raise TableError(f"{self.path}: cannot be written ({error.strerror}); name another file") from error

    def _open(self, path: Path) -> FileIO:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(writing(path, TableError))
        if self.count == 1:  # after close() the same run continues its own file
            path.unlink(missing_ok=True)
        return open(path, "ab", buffering=0, opener=no_link)

    def close(self) -> None:
        """Close the file; `add` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()
        # A run that was refused must not take away the list of the one that goes on.
        if kind is None and not self.count and self._written is None and self.path is not None and self.path.is_file():
            with writing(self.path, TableError):
                self.path.unlink(missing_ok=True)


def quarantine_beside(output: Path) -> Path:
    """The usual place for the bad rows of a file or a folder: beside it and named after it."""
    output = output if output.name else output.resolve()  # "." has no name of its own
    name = output.stem if output.suffix.lower() in PACKINGS else output.name
    stem, _, ending = name.rpartition(".")
    return output.with_name(f"{stem if stem and ending.lower() in _ENDINGS else name}.quarantine.jsonl")


PACKINGS = (".gz", ".bz2", ".xz", ".zst")
_ENDINGS = ("csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "db")


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line.rstrip(b"\n"), digest_size=12).digest()


def _lines(path: Path) -> set[bytes]:
    """The digests of a file's first lines; none where it is missing."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        return {_digest(line) for line in islice(read_lines(file), MOST_LINES)}
    return set()


def _check_is_quarantine(path: Path) -> None:
    """Refuse a file that is somebody's data, not an earlier run's quarantine."""
    try:
        if not path.is_file():
            raise TableError(f"{path}: cannot be used for bad rows (not a regular file); name another file")
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline(1_000_000)
    except OSError as error:
        raise TableError(f"{path}: cannot be used for bad rows ({error.strerror}); name another file") from error
    try:
        ours = not first or tuple(parse(first)) == KEYS
    except BadLine:
        ours = False
    if not ours:
        raise TableError(f"{path}: exists and is not a list of bad rows; name another file for them")
