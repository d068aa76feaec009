"""Tables with any one byte changed, or cut short at any place: read as posts and bad rows, or refused in one line."""

import datetime
from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine, open_writer

ROWS = 3


def written(path: Path) -> bytes:
    with open_writer(path) as writer:
        for number in range(ROWS):
            when = datetime.datetime(2012, 10, number + 1, tzinfo=datetime.UTC)
            row = {"id": str(number), "text": f'Grüße, "{number}"', "created_at": when, "tags": ["a", "b"], "votes": 5}
            writer.write(row | {"place": {"town": "Zürich", "x": 1.5}})
    return path.read_bytes()


def outcome(path: Path) -> str:
    quarantine = Quarantine()
    try:
        posts = list(PostsTable(path, quarantine=quarantine))
    except TableError as error:
        assert "\n" not in str(error)
        return "refused"
    assert all(post.id and post.has_text and isinstance(post.tags, tuple) for post in posts)
    assert len({post.id for post in posts}) == len(posts)
    assert all(post.created_at is None or post.created_at.tzinfo is datetime.UTC for post in posts)
    return "bad row" if quarantine.count else "read"


@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl", "posts.parquet"])
def test_any_byte_of_a_table_may_be_wrong(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    whole = written(path)
    assert outcome(path) == "read"
    outcomes = set()
    with path.open("r+b", buffering=0) as file:  # in place: to rewrite a file takes longer than to read it
        for place, byte in enumerate(whole):
            for wrong in {ord('"'), 0xFF, byte ^ 1, byte ^ 0x80} - {byte}:
                file.seek(place)
                file.write(bytes([wrong]))
                outcomes.add(outcome(path))
            file.seek(place)
            file.write(bytes([byte]))
        for length in reversed(range(len(whole))):
            file.truncate(length)
            outcomes.add(outcome(path))
    assert outcomes == {"read", "bad row", "refused"}
