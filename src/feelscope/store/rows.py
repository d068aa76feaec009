"""The posts of a database as rows of a table, for the commands that read one."""

from collections.abc import Iterator
from pathlib import Path

from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.store.posts import Store
from feelscope.table import BadRow, Quarantine

_LOOKED_AT = 1000  # posts, to learn the columns


class StoreRows:
    """The rows of a `posts.db`, with its pictures' content; one that holds no post goes to the quarantine."""

    def __init__(self, path: Path, quarantine: Quarantine) -> None:
        self.path, self._quarantine = path, quarantine
        self._is_read = False

    def columns(self) -> dict[str, str]:
        """Give the columns of the first posts."""
        names: dict[str, str] = {}
        with Store(self.path, must_exist=True) as store:
            for _, post in zip(range(_LOOKED_AT), store.posts(), strict=False):
                names |= dict.fromkeys(_row(post), "json")
        if not names:
            raise TableError(f"{self.path}: no post in it")
        return names

    def length(self) -> int:
        """Give the number of posts."""
        with Store(self.path, must_exist=True) as store:
            return int(store.execute("SELECT count(*) FROM posts").fetchone()[0])

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        bad = Quarantine() if self._is_read else self._quarantine  # a second pass must not add them again
        self._is_read = True
        with Store(self.path, must_exist=True) as store:
            for post in store.posts(bad):
                yield _row(post)


def _row(post: Post) -> dict[str, object]:
    post_itself = {"id": post.id, "title": post.title, "text": post.text, "image": post.image, "emotion": post.emotion}
    return {**post.other, **post_itself}
