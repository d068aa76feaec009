"""The SQLite file under posts.db: its tables, whole transactions, and what SQLite says in one line."""

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from feelscope.errors import StoreError

VERSION = "1"
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE posts (
  key TEXT PRIMARY KEY,  -- source:id
  source TEXT NOT NULL, query TEXT NOT NULL,  -- what first found it
  created_at INTEGER,  -- Unix seconds, UTC
  author TEXT NOT NULL,  -- hashed
  title TEXT NOT NULL, text TEXT NOT NULL, tags TEXT NOT NULL,  -- JSON list
  url TEXT NOT NULL, image TEXT NOT NULL,  -- an address, a file, or sha256:... of a row of `pictures`
  votes INTEGER, licence TEXT NOT NULL, other TEXT NOT NULL,  -- JSON object
  saved_at INTEGER NOT NULL, checked_at INTEGER NOT NULL);
CREATE INDEX posts_by_check ON posts (source, checked_at);
CREATE TABLE pictures (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE cursors (source TEXT, query TEXT, cursor TEXT NOT NULL, done INTEGER NOT NULL, saved_at INTEGER NOT NULL,
  PRIMARY KEY (source, query)) WITHOUT ROWID;
CREATE TABLE pages (saved_at INTEGER NOT NULL, source TEXT NOT NULL, query TEXT NOT NULL,
  found INTEGER NOT NULL, new INTEGER NOT NULL, notes TEXT NOT NULL  -- the fetch log
);
CREATE TABLE calls (source TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX calls_by_time ON calls (source, key, at);
CREATE TABLE pauses (source TEXT, key TEXT, until REAL NOT NULL, PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE removed (key TEXT PRIMARY KEY,  -- never saved again
  at INTEGER NOT NULL) WITHOUT ROWID;
"""


class Database:
    """An open posts.db; use it in a `with` block.

    Args:
        path: Made where it is missing, unless `must_exist`.

    Raises:
        StoreError: It is not such a database, another process is using it, or it cannot be written.
    """

    def __init__(self, path: Path, *, must_exist: bool = False) -> None:
        self.path = path
        if must_exist and not path.is_file():
            raise StoreError(f"{path}: there is no such database; make one with feelscope collect")
        if not path.parent.is_dir():
            raise StoreError(f"{path}: the folder {path.parent} does not exist; make it first")
        with self.reading():
            self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self.execute("PRAGMA journal_mode = WAL")
            self.execute("PRAGMA synchronous = NORMAL")
            self._make_tables()
            about = dict(self.execute("SELECT name, value FROM about").fetchall())
            if about.get("version") != VERSION:
                raise StoreError(f"{path}: written by another version of Feelscope; collect into a new file")
            self.salt = bytes.fromhex(str(about.get("salt")))

    def _make_tables(self) -> None:
        with self.transaction():
            tables = [name for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if not tables:
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        self.execute(statement)
                self.execute("INSERT INTO about VALUES ('version', ?), ('salt', ?)", VERSION, secrets.token_hex(32))
            elif "about" not in tables or "cursors" not in tables:
                raise StoreError(f"{self.path}: a database of something else; name another file")

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
        """Turn what SQLite says, and what a damaged value raises, into a sentence."""
        with self._errors():
            try:
                yield
            except (ValueError, TypeError) as error:
                raise StoreError(f"{self.path}: damaged ({error}); restore a copy of it") from error

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            why = str(error)
            advice = "name another file"
            if "full" in why or "disk I/O" in why:
                advice = "free some space; everything up to the last page is kept, the same command continues"
            elif "locked" in why:
                advice = "another program is writing to it; wait for it to end"
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


def is_store(path: Path) -> bool:
    """Whether a file is an SQLite database, told by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False
