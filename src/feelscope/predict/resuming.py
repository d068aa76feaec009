"""Which rows of a half-made file of predictions are kept when a run continues: those of the same posts and model."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Self

from feelscope.errors import TableError
from feelscope.progress import Count
from feelscope.table import BadRow, PostsTable
from feelscope.table.writing import open_own

_DIGESTS_AT_ONCE = 4096
_FLUSHED_EVERY = 0.05  # seconds; what a kill may cost
_SHOWN_EVERY = 1000  # kept rows
AGAIN = "the table or its pictures have changed; to predict again, leave out --resume"


class ReadPosts:
    """By which model and from which posts the rows of a half-made file are, so that no others are put beside them.

    `NAME.partial.read` has the model's digest, then one of each post's row in the table, in the order of the rows.

    Args:
        partial: The half-made file, which nobody else is writing.
        model: The model's digest, in hexadecimal digits.
        keep: Whether to continue what is there.

    Raises:
        TableError: What is there is by another model, or made in another way.
    """

    SIZE = 16  # bytes of a digest

    def __init__(self, partial: Path, *, model: str, keep: bool) -> None:
        self.path = partial.with_name(f"{partial.name}.read")
        self._partial, self._model = partial, bytes.fromhex(model)[: self.SIZE]
        self._keep = keep
        self._flushed = 0.0

    def __enter__(self) -> Self:
        try:
            self._file = open_own(self.path, keep=self._keep)
        except OSError as error:
            raise TableError(f"{self.path}: cannot be written ({error.strerror})") from error
        return self

    def keep(self, rows: int) -> int:
        """Keep the digests of so many rows; gives of how many there are any."""
        self._file.seek(0)
        before = self._file.read(self.SIZE)
        if rows and before != self._model:
            lost = f"{self.path.name} is missing, without which its posts cannot be told"
            options = "--abstain, --read-pictures, --skip-pictures, --alt-text, --only, --keep or --excel"
            others = f"its rows are from another model or other columns, or another {options}"
            what = others if before else lost
            raise TableError(f"{self._partial}: {what}; to predict again, leave out --resume")
        kept = sum(1 for _ in takewhile(self._is_whole, self.digests(rows)))
        self._file.seek(0)
        self._file.write(self._model)
        self._file.truncate(self._file.seek((1 + kept) * self.SIZE))
        if not kept:  # so that a power cut costs digests, not what they are by
            os.fsync(self._file.fileno())
        return kept

    def _is_whole(self, post_digest: bytes) -> bool:
        """Whether a digest reached the disk: a power cut leaves a part of one, or NULs."""
        return len(post_digest) == self.SIZE and any(post_digest)

    def digests(self, rows: int) -> Iterator[bytes]:
        """The digests of the first rows."""
        with self.path.open("rb") as file:
            file.seek(self.SIZE)
            for start in range(0, rows, _DIGESTS_AT_ONCE):
                block = file.read(min(rows - start, _DIGESTS_AT_ONCE) * self.SIZE)
                yield from (block[at : at + self.SIZE] for at in range(0, len(block), self.SIZE))

    def add(self, post_digest: bytes) -> None:
        """Keep what the next row is from; a row whose digest did not reach the file is predicted again."""
        self._file.write(post_digest)
        if (now := time.monotonic()) - self._flushed > _FLUSHED_EVERY:
            self._file.flush()
            self._flushed = now

    def remove(self) -> None:
        """The file is complete, and this of no more use."""
        self.path.unlink(missing_ok=True)

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # a full disk, which the rows have met as well
            self._file.close()


class KeptRows:
    """Which rows of a table an interrupted run has done: the first of those that have a prediction, in their order.

    Called for each row, in order, it tells whether the row is one of them.

    Args:
        digests: Of the rows that are kept, as `digest_of` gives them.
        progress: See `predict_table`.

    Attributes:
        digest: Of the row that came last.
        found: How many of them came by.
    """

    def __init__(self, table: PostsTable, digests: Iterable[bytes], progress: Count | None = None) -> None:
        self._table, self._progress = table, progress
        self._waiting = iter(digests)
        self._expected = next(self._waiting, None)
        self.digest, self.found = b"", 0

    def __call__(self, row: Mapping[str, object]) -> bool:
        self.digest = digest_of(row, self._table)
        if self.digest != self._expected:
            return False
        self._expected = next(self._waiting, None)
        self.found += 1
        if self._progress and self.found % _SHOWN_EVERY == 0:
            self._progress(0, self.found)
        return True

    @property
    def are_missing(self) -> bool:
        """Whether some have not come yet."""
        return self._expected is not None


def digest_of(row: Mapping[str, object], table: PostsTable) -> bytes:
    """A digest of all that a model can read of a row; of a picture's file, its name and size."""
    if (name := table.columns.get("image")) and row.get(name):
        row = {**row, name: _told_apart(row, table)}
    content = repr(row).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(content, digest_size=ReadPosts.SIZE).digest()


def _told_apart(row: Mapping[str, object], table: PostsTable) -> object:
    """What tells a row's picture from others without reading its file."""
    try:
        picture = table.picture(row)
    except BadRow as error:
        return error.reason
    if isinstance(picture, Path):
        with suppress(OSError, ValueError):
            return picture.name, picture.stat().st_size
    return hashlib.sha256(picture).digest() if isinstance(picture, bytes) else picture
