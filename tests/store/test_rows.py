"""The posts of a database as a table."""

from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.store import CollectedPost, Page, Store
from feelscope.store.rows import StoreRows
from feelscope.table import PostsTable, Quarantine


def test_posts_come_as_from_the_store(tmp_path: Path) -> None:
    path = tmp_path / "posts.db"
    with Store(path) as store:
        wrote = [
            CollectedPost("s", "1", text="We won", tags=("a", "b"), author="me", image=b"picture"),
            CollectedPost("s", "2", title="Rain", other={"emotion": "sadness", "mood": "low"}),
        ]
        store.save("s", "q", Page(wrote, {"row": 2}, done=True))
        stored = list(store.posts())
    table = PostsTable(path, rows=StoreRows(path, Quarantine()))
    assert [post.id for post in table] == ["s:1", "s:2"]
    for post, expected in zip(table, stored, strict=True):
        for name in ("id", "text", "title", "image", "emotion", "tags", "author", "source"):
            assert getattr(post, name) == getattr(expected, name), name
    assert table.rough_length() == 2
    with Store(tmp_path / "empty.db"):
        pass
    with pytest.raises(TableError, match="no post in it"):
        PostsTable(tmp_path / "empty.db", rows=StoreRows(tmp_path / "empty.db", Quarantine()))
