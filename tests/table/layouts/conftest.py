"""Exports as files, and the posts that are read from them."""

import json
from pathlib import Path

import pytest
from layout_files import Read

from feelscope.post import Post
from feelscope.table import PostsTable, Quarantine


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write records to a file, a line each or as one value, and read it as a command does that collects."""

    def read(*records: object, name: str = "export.ndjson", whole: object = None) -> tuple[list[Post], PostsTable]:
        path = tmp_path / name
        lines = "".join(json.dumps(record) + "\n" for record in records)
        path.write_text(json.dumps(whole) if whole is not None else lines)
        table = PostsTable(path, addresses=True, quarantine=Quarantine(most_broken=1.0))
        return list(table), table

    return read
