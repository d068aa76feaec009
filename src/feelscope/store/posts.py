"""Collected posts, and how far each query has got.

A page of posts and the cursor after it are saved in one transaction: after Ctrl+C, `kill -9` or a full disk the
database holds whole pages, and the next run continues after the last of them. Authors are stored as a hash with a
salt that is this database's own.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from feelscope.post import Post
from feelscope.store.collected import CollectedPost, Page, WebAddress, sound
from feelscope.store.database import Database
from feelscope.table import BadRow, Quarantine
from feelscope.table.fields import standard_fields
from feelscope.table.tags import read_tags
from feelscope.table.times import iso
from feelscope.text.html import is_address
from feelscope.text.json_lines import BadLine, parse

_SAVED = "key source query created_at author title text tags url image_url picture votes licence other".split()
_CHANGED = [name for name in _SAVED if name not in ("key", "source", "query", "author")]  # by a post that comes again


class Store(Database):
    """The posts of an open posts.db."""

    # Saving

    def save(self, source: str, query: str, page: Page, walk: str = "") -> int:
        """Save a page and its cursor, both or neither.

        A post that is already there is updated and keeps the query that found it first; one that `sync` removed is not
        saved again.

        Args:
            walk: Which walk of the query the cursor is of, beside the one into the past.

        Returns:
            How many posts are new.
        """
        now, query = int(time.time()), sound(query)
        with self.transaction():
            new = sum(self._save_post(post, query, now) for post in page.posts)
            cursor = (source, _walked(query, walk), json.dumps(page.cursor), page.done, now)
            self.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?, ?)", *cursor)
            left_out = [f"left out: {count:,} posts {reason}" for reason, count in page.left_out.items()]
            log = (now, source, query, len(page.posts), new, sound("\n".join([*page.notes, *left_out])))
            self.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?)", *log)
        return new

    def _save_post(self, post: CollectedPost, query: str, now: int) -> bool:
        if self.execute("SELECT 1 FROM removed WHERE key = ?", post.key).fetchone():
            return False
        known = self.execute("SELECT 1 FROM posts WHERE key = ?", post.key).fetchone()
        address = post.image.url if isinstance(post.image, WebAddress) else ""
        self.execute(
            _UPSERT,
            *(post.key, post.source, query, post.created_at, self.hashed(post.author), post.title, post.text),
            *(json.dumps(post.tags), post.url, address, self._save_picture(post.image)),
            *(post.votes, post.licence, json.dumps(post.other), now, now),
        )
        return known is None

    def _save_picture(self, image: WebAddress | bytes | None) -> str | None:
        if not isinstance(image, bytes):
            return None
        digest = hashlib.sha256(image).hexdigest()
        self.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", digest, image)
        return digest

    def hashed(self, author: str) -> str:
        """An author's name as it is stored; the same name gives the same hash in this database only."""
        if not author:
            return ""
        return hashlib.blake2b(author.encode(errors="replace"), key=self.salt, digest_size=16).hexdigest()

    # Which file a post is from

    def is_of_another(self, source: str, query: str) -> bool:
        """Whether posts of a source were found by another query."""
        with self.reading():
            found = self.execute("SELECT 1 FROM posts WHERE source = ? AND query != ? LIMIT 1", source, sound(query))
            return found.fetchone() is not None

    def held_by(self, key: str, query: str) -> tuple[str, str, str] | None:
        """The query, title and text of a post that another query found; None where there is none."""
        with self.reading():
            statement = "SELECT query, title, text FROM posts WHERE key = ? AND query != ?"
            row = self.execute(statement, key, sound(query)).fetchone()
            return None if row is None else (str(row[0]), str(row[1]), str(row[2]))

    # How far queries have got

    def cursor(self, source: str, query: str, walk: str = "") -> tuple[dict[str, Any], bool] | None:
        """The cursor of a walk of a query, see `save`, and whether it is done; None before its first page."""
        with self.reading():
            statement = "SELECT cursor, done FROM cursors WHERE source = ? AND query = ?"
            row = self.execute(statement, source, _walked(sound(query), walk)).fetchone()
            return None if row is None else (parse(row[0]), bool(row[1]))

    def first_asked(self, source: str, query: str) -> int:
        """When a query was first asked for, in Unix seconds; 0 if never."""
        found = self.rows("SELECT min(saved_at) FROM pages WHERE source = ? AND query = ?", source, sound(query))
        return int(found[0][0] or 0)

    def has(self, post: CollectedPost) -> bool:
        """Whether a post is there, or was and has been removed."""
        statement = "SELECT 1 FROM posts WHERE key = ? UNION ALL SELECT 1 FROM removed WHERE key = ?"
        with self.reading():
            return self.execute(statement, post.key, post.key).fetchone() is not None

    def forget_cursor(self, source: str, query: str) -> None:
        """Begin a query again; the posts stay."""
        with self.transaction():
            self.execute("DELETE FROM cursors WHERE source = ? AND query = ?", source, sound(query))

    def count(self) -> int:
        """How many posts there are."""
        return sum(self.sources().values())

    def sources(self) -> dict[str, int]:
        """How many posts there are of each source."""
        found = self.rows("SELECT source, count(*) FROM posts GROUP BY source ORDER BY source")
        return {str(source): count for source, count in found}

    def posts(self, quarantine: Quarantine | None = None) -> Iterator[Post]:
        """Every post, in the order of arrival.

        Args:
            quarantine: Where rows go that hold no post, as a database from elsewhere may have them; None counts none.
        """
        bad = Quarantine() if quarantine is None else quarantine
        with self.reading():
            for number, row in enumerate(self._raw_posts(), 1):
                try:
                    post = self._post(*row)
                except BadRow as error:
                    id = error.id or (sound(row[0]) if row and isinstance(row[0], str) else None)
                    bad.add(id, number, error.reason, detail=sound(error.detail), table=str(self.path))
                else:
                    yield post

    def _raw_posts(self) -> Iterator[tuple[Any, ...]]:
        """The rows of posts as they are; an empty one for each that is too large."""
        last: int | None = None
        columns = ", ".join(_SAVED)
        while True:
            here = "" if last is None else f"WHERE rowid > {last}"
            try:
                for row in self.execute(f"SELECT rowid, {columns} FROM posts {here} ORDER BY rowid"):  # noqa: S608
                    last = row[0]
                    yield row[1:]
                return
            except sqlite3.DataError:  # over LONGEST
                last = self._next(last)
                yield ()

    def _next(self, rowid: int | None) -> int:
        """The number that SQLite gave the row after one; of the first for None."""
        query = "SELECT min(rowid) FROM posts WHERE ?1 IS NULL OR rowid > ?1"
        return int(self.execute(query, rowid).fetchone()[0])

    def _post(self, *row: Any) -> Post:
        """A row as a post, through the same gate that it came in by; raises `BadRow` where it is none."""
        if not row:
            raise BadRow("a post that is too large")
        key, source, query, created_at, author, title, text, tags, url, image_url, picture, votes, licence, other = row
        if not all(isinstance(value, str) for value in (key, source, query, tags, image_url, other)):
            raise BadRow("a value of another type than its column has")
        id = key.removeprefix(f"{source}:")
        try:
            columns = parse(other)
        except BadLine as error:
            raise BadRow("its further columns are no JSON", error.reason) from error
        image = WebAddress(image_url) if image_url else None if picture is None else self._picture(picture)
        found = CollectedPost(
            *(source, id, created_at, author, title, text, read_tags(tags), url, image, votes, licence, columns)
        )
        if found.key != key:
            raise BadRow("its key is not its source and id")
        more = dict(found.other)
        emotion = more.pop("emotion", None)
        if not is_address(more.get("image_url")):
            more.pop("image_url", None)
        more |= {"created_at": "" if created_at is None else iso(created_at), "author": found.author}
        more |= {"source": found.source, "url": found.url, "tags": list(found.tags), "votes": votes}
        more |= {"licence": found.licence, "query": sound(query)}
        if isinstance(found.image, WebAddress):
            more["image_url"] = found.image.url
        content = found.image if isinstance(found.image, bytes) else None
        emotion = str(emotion) if isinstance(emotion, str | int | float) else None
        return Post(found.key, found.text, found.title, content, emotion, more, **standard_fields(more))

    def _picture(self, digest: object) -> bytes:
        if not isinstance(digest, str) or sound(digest) != digest:
            raise BadRow("its picture is not in the database")
        try:
            found = self.execute("SELECT content FROM pictures WHERE digest = ?", digest).fetchone()
        except sqlite3.DataError as error:
            raise BadRow("its picture is too large") from error
        if found is None or not isinstance(found[0], bytes):
            raise BadRow("its picture is not in the database")
        return bytes(found[0])

    # Removing what a source no longer has

    def least_checked(self, source: str, before: int, count: int) -> list[CollectedPost]:
        """The posts that were not checked since a time, those checked longest ago first."""
        query = "SELECT key, url, other FROM posts WHERE source = ? AND checked_at < ? ORDER BY checked_at, key LIMIT ?"
        with self.reading():
            rows = self.execute(query, source, before, count).fetchall()
            return [
                CollectedPost(source, key.removeprefix(f"{source}:"), url=url, other=_columns(other))
                for key, url, other in rows
            ]

    def checked(
        self,
        posts: Iterable[CollectedPost],
        gone: Iterable[CollectedPost],
        now: int,
        current: Iterable[CollectedPost] = (),
    ) -> int:
        """Remove what is gone, for good, and note when the others were checked.

        Args:
            current: Those of the posts that are known as they are now; columns that they do not have stay.

        Returns:
            How many were removed.
        """
        removed = 0
        with self.transaction():
            for post in posts:
                self.execute("UPDATE posts SET checked_at = ? WHERE key = ?", now, post.key)
            for post in current:
                known = self.execute("SELECT other FROM posts WHERE key = ?", post.key).fetchone()
                if known is not None:
                    self._save_post(replace(post, other={**_columns(known[0]), **post.other}), "", now)
            for post in gone:
                removed += self.execute("DELETE FROM posts WHERE key = ?", post.key).rowcount
                self.execute("INSERT OR IGNORE INTO removed VALUES (?, ?)", post.key, now)
            if removed:
                self.execute(
                    "DELETE FROM pictures WHERE NOT EXISTS (SELECT 1 FROM posts WHERE posts.picture = pictures.digest)"
                )
        return removed


def _columns(other: object) -> dict[str, Any]:
    """A post's further columns; none where they cannot be read, which does not keep its source from being asked."""
    try:
        return parse(other) if isinstance(other, str) else {}
    except BadLine:
        return {}


_UPSERT = (
    f"INSERT INTO posts ({', '.join(_SAVED)}, saved_at, checked_at) "  # noqa: S608 # our own names
    f"VALUES ({', '.join('?' * (len(_SAVED) + 2))}) ON CONFLICT (key) DO UPDATE SET "
    f"{', '.join(f'{name} = excluded.{name}' for name in [*_CHANGED, 'checked_at'])}"
)


def _walked(query: str, walk: str) -> str:
    """The name of a cursor of another walk than the one into the past, which no query can have."""
    return f"{query}\n{walk}" if walk else query
