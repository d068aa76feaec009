"""Where bad rows go: a JSON Lines file of what was left out and why, and the counts."""

import hashlib
import json
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self, TextIO

from feelscope.errors import TableError
from feelscope.text.json_lines import append, dump, read_lines

KEYS = ("id", "row", "table", "reason")
MOST_LINES = 1_000_000  # of an earlier run that are not written again
MOST_REASONS = 100  # counted apart; a million different reasons would not fit in memory


@dataclass(eq=False)
class BadRow(Exception):
    """A row that cannot be a post."""

    reason: str  # what is wrong, in words that are the same for every such row, so that they can be counted
    detail: str = ""  # what is wrong with this one
    id: str | None = None  # where it is known


class Quarantine:
    """Bad rows, counted, and kept in a file with one line of `{"id", "row", "table", "reason"}` each.

    The file appears with the first bad row. What an earlier run left under the same name is removed at once; any other
    file there is refused.

    Args:
        path: The file; None only counts.
        keep: Append to what an earlier run left, the same line once.
    """

    def __init__(self, path: Path | str | None = None, *, keep: bool = False) -> None:
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None
        self.path = None if path is None else Path(path)
        if self.path is not None and os.path.lexists(self.path):
            _check_is_quarantine(self.path)
            if not keep:
                self.path.unlink()
        self._written = _lines(self.path) if keep and self.path is not None else None

    def add(self, id: str | None, row: int, reason: str, *, detail: str = "", table: str = "") -> None:
        """Keep one bad row.

        Args:
            id: Where it is known.
            row: Its number among the table's rows, from 1.
            reason: Counted in `reasons`.
            detail: Written after the reason.
            table: The table's file.
        """
        self.count += 1
        self.reasons[reason if reason in self.reasons or len(self.reasons) < MOST_REASONS else "other reasons"] += 1
        if self.path is None:
            return
        detail = detail if len(detail) <= 200 else f"{detail[:200]}..."
        shown = f"{reason}: {detail}" if detail else reason
        bad = dict(zip(KEYS, (id, row, table, shown), strict=True))
        line = json.dumps(bad, ensure_ascii=False)
        try:
            if self._written is not None:
                if (known := _digest(dump(bad))) not in self._written:
                    append(self.path, bad)
                    if len(self._written) < MOST_LINES:
                        self._written.add(known)
                return
            if self._file is None:
                # "a": after close() the same run continues. A lone surrogate is written as JSON's \udc80.
                self._file = self.path.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
            self._file.write(line + "\n")
        except OSError as error:
            raise TableError(f"{self.path}: cannot be written ({error.strerror}); name another file") from error

    def close(self) -> None:
        """Close the file; `add` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


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
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline(1_000_000)
    except OSError as error:
        raise TableError(f"{path}: cannot be used for bad rows ({error.strerror}); name another file") from error
    try:
        ours = not first or tuple(json.loads(first)) == KEYS
    except (ValueError, TypeError, RecursionError):
        ours = False
    if not ours:
        raise TableError(f"{path}: exists and is not a list of bad rows; name another file for them")
