"""A set of ids on disk, so that a table of any length can be checked for duplicates in little memory."""

import hashlib
import sqlite3
from types import TracebackType
from typing import Self

from feelscope.errors import TableError


class SeenIds:
    """Ids that came by, kept as 16-byte digests in a temporary SQLite file that goes with this object."""

    def __enter__(self) -> Self:
        # "" names a private file that SQLite deletes. The rows may be pulled by another thread than the first one.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA cache_size = -16384")  # KiB
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")  # one transaction for all: nothing is kept anyway
        return self

    def add(self, id: str) -> bool:
        """Add an id; False where it was there."""
        digest = hashlib.blake2b(id.encode(), digest_size=16).digest()
        try:
            cursor = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,))
        except sqlite3.OperationalError as error:
            raise TableError(
                f"no room to check for duplicate ids ({error}); free space or set SQLITE_TMPDIR"
            ) from error
        return cursor.rowcount == 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()
