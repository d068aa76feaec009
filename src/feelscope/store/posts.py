"""Collected posts, and how far each query has got.

A page of posts and the cursor after it are saved in one transaction: after Ctrl+C, `kill -9` or a full disk the
database holds whole pages, and the next run continues after the last of them. Authors are stored as a hash with a
salt that is this database's own.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from feelscope.post import Post
from feelscope.store.collected import CollectedPost, Page
from feelscope.store.database import Database
from feelscope.table.fields import standard_fields
from feelscope.table.times import iso
from feelscope.text.html import is_address


class Store(Database):
    """The posts of an open posts.db."""

    # Saving

    def save(self, source: str, query: str, page: Page) -> int:
        """Save a page and its cursor, both or neither.

        A post that is already there is updated and keeps the query that found it first; one that `sync` removed is not
        saved again.

        Returns:
            How many posts are new.
        """
        now = int(time.time())
        with self.transaction():
            new = sum(self._save_post(post, query, now) for post in page.posts)
            cursor = (source, query, json.dumps(page.cursor), page.done, now)
            self.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?, ?)", *cursor)
            log = (now, source, query, len(page.posts), new, "\n".join(page.notes))
            self.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?)", *log)
        return new

    def _save_post(self, post: CollectedPost, query: str, now: int) -> bool:
        if self.execute("SELECT 1 FROM removed WHERE key = ?", post.key).fetchone():
            return False
        known = self.execute("SELECT 1 FROM posts WHERE key = ?", post.key).fetchone()
        self.execute(
            "INSERT INTO posts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET "
            "created_at = excluded.created_at, title = excluded.title, text = excluded.text, tags = excluded.tags, "
            "url = excluded.url, image = excluded.image, votes = excluded.votes, licence = excluded.licence, "
            "other = excluded.other, checked_at = excluded.checked_at",
            *(post.key, post.source, query, post.created_at, self.hashed(post.author)),
            *(_sound(post.title), _sound(post.text), json.dumps(post.tags), _sound(post.url)),
            *(self._save_picture(post.image), post.votes, post.licence, json.dumps(post.other), now, now),
        )
        return known is None

    def _save_picture(self, image: str | Path | bytes) -> str:
        if not isinstance(image, bytes):
            return _sound(str(image))
        digest = hashlib.sha256(image).hexdigest()
        self.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", digest, image)
        return f"sha256:{digest}"

    def hashed(self, author: str) -> str:
        """An author's name as it is stored; the same name gives the same hash in this database only."""
        if not author:
            return ""
        return hashlib.blake2b(author.encode(errors="replace"), key=self.salt, digest_size=16).hexdigest()

    # How far queries have got

    def cursor(self, source: str, query: str) -> tuple[dict[str, Any], bool] | None:
        """The cursor of a query and whether it is done; None before its first page."""
        with self.reading():
            statement = "SELECT cursor, done FROM cursors WHERE source = ? AND query = ?"
            row = self.execute(statement, source, query).fetchone()
            return None if row is None else (json.loads(row[0]), bool(row[1]))

    def forget_cursor(self, source: str, query: str) -> None:
        """Begin a query again; the posts stay."""
        with self.transaction():
            self.execute("DELETE FROM cursors WHERE source = ? AND query = ?", source, query)

    def count(self) -> int:
        """How many posts there are."""
        return sum(self.sources().values())

    def sources(self) -> dict[str, int]:
        """How many posts there are of each source."""
        return dict(self.rows("SELECT source, count(*) FROM posts GROUP BY source ORDER BY source"))

    def posts(self) -> Iterator[Post]:
        """Every post, in the order of arrival."""
        with self.reading():
            names = "key, source, query, created_at, author, title, text, tags, url, image, votes, licence, other"
            rows = self.execute(f"SELECT {names} FROM posts ORDER BY rowid")  # noqa: S608 # our own names
            for key, source, query, created_at, author, title, text, tags, url, image, votes, licence, other in rows:
                more: dict[str, object] = json.loads(other)
                emotion = more.pop("emotion", None)
                more |= {"created_at": _iso(created_at), "author": author, "source": source, "url": url}
                more |= {"tags": json.loads(tags), "votes": votes, "licence": licence, "query": query}
                picture: Path | bytes | None = None
                if is_address(image):
                    more["image_url"] = image
                elif image.startswith("sha256:"):
                    digest = image.removeprefix("sha256:")
                    (content,) = self.execute("SELECT content FROM pictures WHERE digest = ?", digest).fetchone()
                    picture = bytes(content)
                elif image:
                    picture = Path(image)
                emotion = None if emotion is None else str(emotion)
                yield Post(key, text, title, picture, emotion, more, **standard_fields(more))

    # Removing what a source no longer has

    def least_checked(self, source: str, before: int, count: int) -> list[CollectedPost]:
        """The posts that were not checked since a time, those checked longest ago first."""
        query = "SELECT key, url FROM posts WHERE source = ? AND checked_at < ? ORDER BY checked_at, key LIMIT ?"
        rows = self.rows(query, source, before, count)
        return [CollectedPost(source, key.partition(":")[2], url=url) for key, url in rows]

    def checked(self, posts: Iterable[CollectedPost], gone: Iterable[CollectedPost], now: int) -> int:
        """Remove what is gone, for good, and note when the others were checked.

        Returns:
            How many were removed.
        """
        removed = 0
        with self.transaction():
            for post in posts:
                self.execute("UPDATE posts SET checked_at = ? WHERE key = ?", now, post.key)
            for post in gone:
                removed += self.execute("DELETE FROM posts WHERE key = ?", post.key).rowcount
                self.execute("INSERT OR IGNORE INTO removed VALUES (?, ?)", post.key, now)
            if removed:
                self.execute(
                    "DELETE FROM pictures WHERE NOT EXISTS "
                    "(SELECT 1 FROM posts WHERE posts.image = 'sha256:' || pictures.digest)"
                )
        return removed


def _iso(seconds: int | None) -> str:
    """Unix seconds as ISO 8601 in UTC; empty for None or a year that no calendar has."""
    try:
        return "" if seconds is None else iso(seconds)
    except OverflowError:
        return ""


def _sound(text: str) -> str:
    """A text without NUL and lone surrogates, which no file format takes."""
    return text.replace("\0", "").encode(errors="replace").decode()
