"""A set of ids, on disk where there are many, so that any table can be checked for duplicates in little memory."""

import hashlib
import sqlite3
from typing import Self

from feelscope.errors import TableError

_IN_MEMORY = 200_000  # ids, of about 80 bytes each


class SeenIds:
    """Ids that came by, kept as 16-byte digests: the first in memory, the rest in a temporary SQLite file."""

    def __enter__(self) -> Self:
        self._first: set[bytes] = set()
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
        if digest in self._first:
            return False
        if len(self._first) < _IN_MEMORY:
            self._first.add(digest)
            return True
        try:
            cursor = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,))
        except sqlite3.OperationalError as error:
            raise TableError(
                f"no room to check for duplicate ids ({error}); free space or set SQLITE_TMPDIR"
            ) from error
        return cursor.rowcount == 1

    def __exit__(self, *error: object) -> None:
        self._database.close()
