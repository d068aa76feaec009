"""The SQLite file under posts.db: its tables, whole transactions, and what SQLite says in one line.

A posts.db may come from anybody. Its schema is compared with ours before anything is read, so that nothing of it runs
(no trigger, no view), and no value of it is taken for more than it says: it names addresses of the web and pictures
that are in it, never a file.
"""

import contextlib
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from feelscope.errors import StoreError, one_line
from feelscope.store.migration import SCHEMA, VERSION, migrate, tables_of
from feelscope.table import BadRow

WAIT = 30.0  # seconds for another process to end its transaction
LONGEST = 128 * 2**20  # bytes of a value or a row; the largest picture that is read has 50 MB


class Database:
    """An open posts.db; use it in a `with` block.

    Args:
        path: Made where it is missing, unless `must_exist`.

    Attributes:
        notes: What a person should know of a database that an earlier version wrote.

    Raises:
        StoreError: It is not such a database, another process is using it, or it cannot be written.
    """

    def __init__(self, path: Path, *, must_exist: bool = False) -> None:
        self.path = path
        self.notes: list[str] = []
        kind = _kind(path)
        if must_exist and kind is None:
            raise StoreError(f"{path}: there is no such database; make one with feelscope collect")
        if kind is not None and not stat.S_ISREG(kind):
            raise StoreError(f"{path}: not a regular file; name another file")
        if kind is None and _kind(path.parent) is None:
            raise StoreError(f"{path}: the folder {path.parent} does not exist; make it first")
        with self._errors():
            self._connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            with self.reading():
                self._open()
        except BaseException:
            self._connection.close()
            raise

    def _open(self) -> None:
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        # What is no UTF-8 is seen by whoever reads the value, and costs that row alone.
        self._connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
        self.execute("PRAGMA trusted_schema = OFF")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            found = tables_of(self._connection)
            if not found:
                for statement in SCHEMA:
                    self.execute(statement)
                self.execute("INSERT INTO about VALUES ('version', ?), ('salt', ?)", VERSION, secrets.token_hex(32))
                found = tables_of(self._connection)
            elif not {"about", "cursors"} <= found.keys():
                raise StoreError(f"{self.path}: a database of something else; name another file")
            about = dict(self.execute("SELECT name, value FROM about LIMIT 9").fetchall())
            self.notes += migrate(self._connection, self.path, str(about.get("version")), found)
        self.salt = bytes.fromhex(str(about.get("salt")))
        if len(self.salt) != 32:
            raise ValueError(f"a salt of {len(self.salt)} bytes")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run one statement; within `reading` or a `transaction`."""
        return self._connection.execute(statement, values)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All that a query gives."""
        with self.reading():
            return self.execute(query, *values).fetchall()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Around everything that takes values out of the file: whatever they make fail is a sentence."""
        with self._errors():
            try:
                yield
            # Of foreign values: no number, no text, no JSON, too deep, too long, not what a post can have.
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, BadRow) as bad:
                raise StoreError(f"{self.path}: damaged ({one_line(bad)[:200]}); restore a copy of it") from bad

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            why = one_line(error)[:200]
            advice = "name another file"
            if "full" in why or "disk I/O" in why:
                advice = "free some space; everything up to the last page is kept, the same command continues"
            elif "locked" in why:
                advice = "another program is writing to it; wait for it to end"
            elif "readonly" in why:
                advice = "it and its folder must be writable; copy it to where they are"
            raise StoreError(f"{self.path}: {why}; {advice}") from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block, or nothing of it."""
        with self._errors():
            self.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled back by itself
                    self.execute("ROLLBACK")
                raise
            self.execute("COMMIT")


def _kind(path: Path) -> int | None:
    """What a path is, as `stat` says; None where there is nothing.

    Raises:
        StoreError: It cannot be a file's name, or may not be looked at.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in it
        raise StoreError(
            f"{str(path)[:300]}: {getattr(error, 'strerror', None) or error}; name another file"
        ) from error


def is_store(path: Path) -> bool:
    """Whether a file is an SQLite database, told by its first bytes."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except (OSError, ValueError):
        return False
