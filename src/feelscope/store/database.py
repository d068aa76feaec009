"""posts.db: collected posts, where each query stands, and the calls that were made. One SQLite file.

A page of posts and the cursor behind it are saved in one transaction: after Ctrl+C, `kill -9` or a full disk the
database holds whole pages, and the next run goes on behind the last of them. Authors are stored as a hash with a
salt that is this database's own.
"""

import contextlib
import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from feelscope.errors import StoreError
from feelscope.post import Post
from feelscope.table.fields import standard_fields
from feelscope.table.times import iso

VERSION = 1
KEPT_CALLS = 2 * 86_400  # seconds; the longest quota is a day
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


@dataclass(frozen=True, slots=True)
class CollectedPost:
    """One post as a source gives it.

    Args:
        source: `tumblr`, `reddit`, `flickr`, or the name of a file's origin.
        id: Unique within the source.
        created_at: Unix seconds; None where nobody knows.
        author: Plain; hashed when saved.
        image: The address of the first picture, its file, or its bytes; empty for none.
        votes: Score, notes or raters that agree.
        other: Further columns; JSON values.
    """

    source: str
    id: str
    created_at: int | None = None
    author: str = ""
    title: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    image: str | Path | bytes = ""
    votes: int | None = None
    licence: str = ""
    other: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The post's id in every table."""
        return f"{self.source}:{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    """What one step of a source gave.

    Args:
        cursor: Where the source goes on behind this page; JSON values.
        notes: What a person should know: gaps, wrong order, posts left out.
        gaps: Spans of time, from and to in Unix seconds, of which posts may be missing.
        done: Whether nothing is left behind it.
    """

    posts: Sequence[CollectedPost]
    cursor: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    done: bool = False
    gaps: tuple[tuple[int, int], ...] = ()


class Store:
    """An open posts.db; use it in a `with` block.

    Args:
        path: Made where it is missing, unless `must_exist`.

    Raises:
        StoreError: It is no such database, is used by another process, or cannot be written.
    """

    def __init__(self, path: Path | str, *, must_exist: bool = False) -> None:
        self.path = Path(path)
        if must_exist and not self.path.is_file():
            raise StoreError(f"{path}: there is no such database; make one with feelscope collect")
        if not self.path.parent.is_dir():
            raise StoreError(f"{path}: the folder {self.path.parent} does not exist; make it first")
        with self._one_line():
            self._database = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._begin()
        self.salt = self._about("salt")

    def _begin(self) -> None:
        with self._transaction():
            tables = [name for (name,) in self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if not tables:
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        self._database.execute(statement)
                about = {"version": str(VERSION), "salt": secrets.token_hex(32)}
                self._database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
            elif "about" not in tables or "cursors" not in tables:
                raise StoreError(f"{self.path}: a database of something else; name another file")
        if self._about("version") != str(VERSION):
            raise StoreError(f"{self.path}: written by another version of Feelscope; collect into a new file")

    def _about(self, name: str) -> str:
        (value,) = self._database.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(value)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    @contextlib.contextmanager
    def _one_line(self) -> Iterator[None]:
        """Turn what SQLite says into a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            why = str(error)
            advice = "name another file"
            if "full" in why or "disk I/O" in why:
                advice = "free some space; everything up to the last page is kept, the same command goes on"
            elif "locked" in why:
                advice = "another program is writing to it; wait for it to end"
            raise StoreError(f"{self.path}: {why}; {advice}") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._one_line():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._database.in_transaction:  # a full disk has rolled back by itself
                    self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    # Saving

    def save(self, source: str, query: str, page: Page) -> int:
        """Save a page and its cursor, both or neither.

        A post that is there is brought up to date and keeps the query that found it first; one that `sync` removed
        stays away.

        Returns:
            How many posts are new.
        """
        now = int(time.time())
        with self._transaction():
            before = self._database.total_changes
            new = sum(self._save_post(post, query, now) for post in page.posts)
            assert self._database.total_changes >= before
            self._database.execute(
                "INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?, ?)",
                (source, query, json.dumps(page.cursor), page.done, now),
            )
            log = (now, source, query, len(page.posts), new, "\n".join(page.notes))
            self._database.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?)", log)
        return new

    def _save_post(self, post: CollectedPost, query: str, now: int) -> bool:
        if self._database.execute("SELECT 1 FROM removed WHERE key = ?", (post.key,)).fetchone():
            return False
        known = self._database.execute("SELECT 1 FROM posts WHERE key = ?", (post.key,)).fetchone()
        self._database.execute(
            "INSERT INTO posts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET "
            "created_at = excluded.created_at, title = excluded.title, text = excluded.text, tags = excluded.tags, "
            "url = excluded.url, image = excluded.image, votes = excluded.votes, licence = excluded.licence, "
            "other = excluded.other, checked_at = excluded.checked_at",
            (
                *(post.key, post.source, query, post.created_at, self.hashed(post.author)),
                *(_sound(post.title), _sound(post.text), json.dumps(post.tags), _sound(post.url)),
                *(self._save_picture(post.image), post.votes, post.licence, json.dumps(post.other), now, now),
            ),
        )
        return known is None

    def _save_picture(self, image: str | Path | bytes) -> str:
        if not isinstance(image, bytes):
            return _sound(str(image))
        digest = hashlib.sha256(image).hexdigest()
        self._database.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", (digest, image))
        return f"sha256:{digest}"

    def hashed(self, author: str) -> str:
        """An author's name as it is stored; the same name gives the same hash in this database only."""
        if not author:
            return ""
        return hashlib.blake2b(
            author.encode(errors="replace"), key=bytes.fromhex(self.salt), digest_size=16
        ).hexdigest()

    # Where things stand

    def cursor(self, source: str, query: str) -> tuple[dict[str, Any], bool] | None:
        """The cursor of a query and whether it is done; None before its first page."""
        with self._one_line():
            row = self._database.execute(
                "SELECT cursor, done FROM cursors WHERE source = ? AND query = ?", (source, query)
            ).fetchone()
        return None if row is None else (json.loads(row[0]), bool(row[1]))

    def forget_cursor(self, source: str, query: str) -> None:
        """Begin a query again; the posts stay."""
        with self._transaction():
            self._database.execute("DELETE FROM cursors WHERE source = ? AND query = ?", (source, query))

    def count(self) -> int:
        """How many posts there are."""
        with self._one_line():
            return int(self._database.execute("SELECT count(*) FROM posts").fetchone()[0])

    def notes(self) -> list[str]:
        """What pages had to say, in their order."""
        with self._one_line():
            return [
                f"{query}: {note}"
                for query, notes in self._database.execute("SELECT query, notes FROM pages WHERE notes != ''")
                for note in notes.splitlines()
            ]

    def posts(self) -> Iterator[Post]:
        """Every post, in the order of arrival; `other` has what a `Post` has no field for."""
        with self._one_line():
            names = "key, source, query, created_at, author, title, text, tags, url, image, votes, licence, other"
            rows = self._database.execute(f"SELECT {names} FROM posts ORDER BY rowid")  # noqa: S608 # our own names
            for key, source, query, created_at, author, title, text, tags, url, image, votes, licence, other in rows:
                more: dict[str, object] = json.loads(other)
                emotion = more.pop("emotion", None)
                more |= {"created_at": _iso(created_at), "author": author, "source": source, "url": url}
                more |= {"tags": json.loads(tags), "votes": votes, "licence": licence, "query": query}
                picture: Path | bytes | None = None
                if image.startswith(("http://", "https://")):
                    more["image_url"] = image
                elif image.startswith("sha256:"):
                    picture = self._picture(image.removeprefix("sha256:"))
                elif image:
                    picture = Path(image)
                emotion = None if emotion is None else str(emotion)
                yield Post(key, text, title, picture, emotion, more, **standard_fields(more))

    def _picture(self, digest: str) -> bytes:
        (content,) = self._database.execute("SELECT content FROM pictures WHERE digest = ?", (digest,)).fetchone()
        return bytes(content)

    # Calls and quotas

    def log_call(self, source: str, key: str, at: float) -> None:
        """Keep that a call is about to be made; written before it, so that no crash forgets it."""
        with self._transaction():
            self._database.execute("INSERT INTO calls VALUES (?, ?, ?)", (source, key, at))
            self._database.execute("DELETE FROM calls WHERE at < ?", (at - KEPT_CALLS,))

    def calls_since(self, source: str, key: str, since: float) -> tuple[int, float]:
        """How many calls were made after a time, and when the first of them was."""
        with self._one_line():
            count, first = self._database.execute(
                "SELECT count(*), min(at) FROM calls WHERE source = ? AND key = ? AND at > ?", (source, key, since)
            ).fetchone()
        return int(count), float(first or since)

    def pause(self, source: str, key: str, until: float) -> None:
        """Keep that the source asked to be left alone until a time."""
        with self._transaction():
            self._database.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", (source, key, until))

    def paused_until(self, source: str, key: str) -> float:
        """Until when the source asked to be left alone; 0 where it did not."""
        with self._one_line():
            row = self._database.execute(
                "SELECT until FROM pauses WHERE source = ? AND key = ?", (source, key)
            ).fetchone()
        return 0.0 if row is None else float(row[0])

    # Removing what a source no longer has

    def least_checked(self, source: str, before: int, count: int) -> list[CollectedPost]:
        """The posts whose source was not asked about them since a time, those asked longest ago first."""
        with self._one_line():
            rows = self._database.execute(
                "SELECT key, url FROM posts WHERE source = ? AND checked_at < ? ORDER BY checked_at, key LIMIT ?",
                (source, before, count),
            ).fetchall()
        return [CollectedPost(source, key.partition(":")[2], url=url) for key, url in rows]

    def checked(self, posts: Iterable[CollectedPost], gone: Iterable[CollectedPost], at: int) -> int:
        """Remove what is gone, for good, and keep when the others were asked about.

        Returns:
            How many were removed.
        """
        with self._transaction():
            self._database.executemany("UPDATE posts SET checked_at = ? WHERE key = ?", [(at, p.key) for p in posts])
            removed = 0
            for post in gone:
                removed += self._database.execute("DELETE FROM posts WHERE key = ?", (post.key,)).rowcount
                self._database.execute("INSERT OR IGNORE INTO removed VALUES (?, ?)", (post.key, at))
            if removed:
                self._database.execute(
                    "DELETE FROM pictures WHERE NOT EXISTS "
                    "(SELECT 1 FROM posts WHERE posts.image = 'sha256:' || pictures.digest)"
                )
        return removed

    def sources(self) -> dict[str, int]:
        """How many posts there are of each source."""
        with self._one_line():
            return dict(self._database.execute("SELECT source, count(*) FROM posts GROUP BY source ORDER BY source"))


def is_store(path: Path) -> bool:
    """Whether a file is an SQLite database, told by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def _iso(seconds: int | None) -> str:
    """Unix seconds as ISO 8601 in UTC; empty for None or a year that no calendar has."""
    try:
        return "" if seconds is None else iso(seconds)
    except OverflowError:
        return ""


def _sound(text: str) -> str:
    """A text without NUL and half characters, which no file format takes."""
    return text.replace("\0", "").encode(errors="replace").decode()
