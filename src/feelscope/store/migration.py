"""The tables of posts.db, and how a database of an earlier version gets them: whole, or not at all.

Version 1 told what a picture was by how its text began, and so believed whatever a dump had there. Version 2 has a
column each for an address of the web and for a picture that is in the database, and no place for a file.
"""

import re
import sqlite3
from pathlib import Path

from feelscope.errors import StoreError
from feelscope.text.html import is_address

VERSION = "2"
_POSTS = """CREATE TABLE posts (
  key TEXT PRIMARY KEY,  -- source:id
  source TEXT NOT NULL, query TEXT NOT NULL,  -- what first found it
  created_at INTEGER,  -- Unix seconds, UTC
  author TEXT NOT NULL,  -- hashed
  title TEXT NOT NULL, text TEXT NOT NULL, tags TEXT NOT NULL,  -- JSON list
  url TEXT NOT NULL, image_url TEXT NOT NULL,  -- where its picture is on the web, http or https; or empty
  picture TEXT,  -- its picture, of the table `pictures`
  votes INTEGER, licence TEXT NOT NULL, other TEXT NOT NULL,  -- JSON object
  saved_at INTEGER NOT NULL, checked_at INTEGER NOT NULL)"""
_INDEXES = (
    "CREATE INDEX posts_by_check ON posts (source, checked_at)",
    "CREATE INDEX posts_by_picture ON posts (picture) WHERE picture IS NOT NULL",
)
SCHEMA = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    *(_POSTS, *_INDEXES),
    "CREATE TABLE pictures (digest TEXT PRIMARY KEY, content BLOB NOT NULL)",
    """CREATE TABLE cursors (source TEXT, query TEXT, cursor TEXT NOT NULL, done INTEGER NOT NULL,
  saved_at INTEGER NOT NULL, PRIMARY KEY (source, query)) WITHOUT ROWID""",
    """CREATE TABLE pages (saved_at INTEGER NOT NULL, source TEXT NOT NULL, query TEXT NOT NULL,
  found INTEGER NOT NULL, new INTEGER NOT NULL, notes TEXT NOT NULL  -- the fetch log
)""",
    "CREATE TABLE calls (source TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX calls_by_time ON calls (source, key, at)",
    "CREATE TABLE pauses (source TEXT, key TEXT, until REAL NOT NULL, PRIMARY KEY (source, key)) WITHOUT ROWID",
    """CREATE TABLE removed (key TEXT PRIMARY KEY,  -- never saved again
  at INTEGER NOT NULL) WITHOUT ROWID""",
)
Tables = dict[str, list[tuple[object, ...]]]


def tables_of(database: sqlite3.Connection) -> Tables:
    """A database's tables and their columns: name, type, whether it may be empty, place in the key, whether hidden.

    A trigger, a view or a virtual table is in it as well, by its name and without columns that a table of ours has.
    """
    found: Tables = {}
    for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master LIMIT 100").fetchall():
        is_table = kind == "table" and not re.match(r"\s*create\s+virtual", str(sql), re.IGNORECASE)
        if is_table:
            columns = 'SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?) LIMIT 100'
            found[name] = database.execute(columns, (name,)).fetchall()
        elif kind != "index":
            found[f"{kind} {name}"] = []
    return {name: columns for name, columns in found.items() if not name.startswith("sqlite_")}


def _ours(posts: str = _POSTS) -> Tables:
    database = sqlite3.connect(":memory:")
    try:
        for statement in SCHEMA:
            if statement not in _INDEXES:
                database.execute(posts if statement is _POSTS else statement)
        return tables_of(database)
    finally:
        database.close()


def migrate(database: sqlite3.Connection, path: Path, version: str, found: Tables) -> list[str]:
    """Bring a database to this version, in the transaction that is open.

    Of version 1 an address of the web stays, and so does a picture that is in the database. A file that a post names
    does not: nobody can tell whether its user named it or whoever wrote the dump, or the whole database. So that the
    same commands read such files again, the cursors of the source `files` are forgotten.

    Returns:
        What a person should know.

    Raises:
        StoreError: It is of a version that is not known, or its tables are not those of its version.
    """
    before = _POSTS.replace("image_url TEXT NOT NULL", "image TEXT NOT NULL").replace("  picture TEXT,", "")
    expected = {VERSION: _POSTS, "1": before}.get(version)
    if expected is None:
        raise StoreError(f"{path}: written by another version of Feelscope; collect into a new file")
    ours = _ours(expected)
    if odd := sorted(name for name in {*ours, *found} if ours.get(name) != found.get(name)):
        raise StoreError(f"{path}: not as Feelscope makes it ({odd[0][:80]!a} is another); collect into a new file")
    if version == VERSION:
        return []
    files = _to_typed_pictures(database)
    database.execute("UPDATE about SET value = ? WHERE name = 'version'", (VERSION,))
    again = "the same `collect` command with `files` reads them into the database"
    return [f"{files:,} posts named a picture's file, which is not kept any more; {again}"] if files else []


def _to_typed_pictures(database: sqlite3.Connection) -> int:
    """Judge every picture of version 1; gives how many posts named something else than may stay."""
    database.create_function("is_address", 1, is_address, deterministic=True)
    database.execute("DROP INDEX posts_by_check")
    database.execute("ALTER TABLE posts RENAME TO posts_before")
    for statement in (_POSTS, *_INDEXES):
        database.execute(statement)
    database.execute(
        "INSERT INTO posts SELECT key, source, query, created_at, author, title, text, tags, url, "
        "CASE WHEN is_address(image) THEN image ELSE '' END, pictures.digest, "
        "votes, licence, other, saved_at, checked_at FROM posts_before "
        "LEFT JOIN pictures ON length(image) = 71 AND digest = substr(image, 8) AND image = 'sha256:' || digest "
        "ORDER BY posts_before.rowid"
    )
    lost = "FROM posts_before JOIN posts USING (key) WHERE image <> '' AND image_url = '' AND picture IS NULL"
    ((files,),) = database.execute(f"SELECT count(*) {lost}").fetchall()
    database.execute("DROP TABLE posts_before")
    database.execute("DELETE FROM cursors WHERE source = 'files'")
    return int(files)
