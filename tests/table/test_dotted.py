"""Dotted names reach into the cells of a table."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable
from feelscope.table.dotted import reach
from feelscope.table.nested import read_nested

RECORD = {"text": "Snow at last", "createdAt": "2024-01-05T10:00:00Z", "tags": ["snow"]}
ROW = {"uri": "u1", "record": RECORD, "author": {"did": "d1"}, "a.b": {"c": 1}}
COLUMNS = {"id": "uri", "text": "record.text", "created_at": "record.createdAt", "tags": "record.tags"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("record.text", "Snow at last"),
        ("record.tags.0", "snow"),
        ("a.b.c", 1),
        ("record.tags.1", None),
        ("record.tags.x", None),
        ("record.missing.deep", None),
        ("nowhere.text", None),
        ("uri.text", None),
    ],
)
def test_a_name_reaches_into_a_cell(name: str, value: object) -> None:
    assert reach(ROW, name) == value


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_posts_in_objects_are_read_from_every_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"posts.{ending}"
    if ending == "jsonl":
        path.write_text(json.dumps(ROW) + "\n")
    elif ending == "csv":
        cells = json.dumps(RECORD).replace('"', '""')
        path.write_text(f'uri,record,author\nu1,"{cells}",d1\n')
    else:
        pq.write_table(pa.Table.from_pylist([ROW]), path)
    (post,) = PostsTable(path, COLUMNS)
    assert (post.id, post.text, post.tags, post.author) == ("u1", "Snow at last", ("snow",), "d1")
    assert post.created_at is not None and post.created_at.day == 5


def test_a_name_that_reaches_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(json.dumps(ROW) + "\n")
    with pytest.raises(TableError, match=r"no column 'recrod\.text'"):
        PostsTable(tmp_path / "posts.jsonl", {"id": "uri", "text": "recrod.text"})


def test_a_post_without_the_object_has_no_words(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(json.dumps(ROW) + '\n{"uri": "u2", "record": null}\n')
    table = PostsTable(tmp_path / "posts.jsonl", COLUMNS)
    assert [post.id for post in table] == ["u1"]
    assert table.quarantine.reasons == {"neither text nor image": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['it\\'s', \"b\"]", ["it's", "b"]),
        ("['a' 'b']", ["a", "b"]),  # NumPy
        ("('a', 'b')", ["a", "b"]),
        ("{'name': None}", {"name": None}),
        ("[__import__('os')]", None),
        ("[" * 5000 + "]" * 5000, None),
        ("plain", None),
        ("", None),
    ],
)
def test_lists_and_objects_in_text(text: str, value: object) -> None:
    assert read_nested(text) == value
