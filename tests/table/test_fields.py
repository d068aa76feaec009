import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import feelscope
from feelscope.post import Post
from feelscope.table import PostsTable
from feelscope.table.fields import standard_fields

PACKAGE = Path(feelscope.__file__).parent


def test_a_table_s_standard_columns_are_typed_and_pass_on_as_they_are(tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("id,text,Date,hashtags,user_id,site,link\na,x,2012-10-01 14:00+02:00,#b #c,7,tumblr,u\nb,x,,,,,\n")
    one, two = PostsTable(table)
    assert one.created_at == datetime(2012, 10, 1, 12, tzinfo=UTC)
    assert (one.tags, one.author, one.source, one.url, one.day_only) == (("b", "c"), "7", "tumblr", "u", False)
    cells = {"created_at": "2012-10-01 14:00+02:00", "tags": "#b #c", "author": "7", "source": "tumblr", "url": "u"}
    assert one.other == cells
    assert (two.created_at, two.tags, two.author, two.source, two.url) == (None, (), "", "", "")
    assert two == Post("b", "x", other=dict.fromkeys(cells, ""))


@pytest.mark.parametrize(("cell", "said"), [("me", "me"), (7, "7"), (0, "0"), (None, ""), (float("nan"), "")])
def test_an_author_is_text(cell: object, said: str) -> None:
    assert standard_fields({"author": cell, "source": cell, "url": cell}) == dict.fromkeys(
        ("author", "source", "url"), said
    )


def test_a_day_alone_is_marked() -> None:
    assert standard_fields({"created_at": "2012-10-01"}) == {
        "created_at": datetime(2012, 10, 1, tzinfo=UTC),
        "day_only": True,
    }
    assert standard_fields({"created_at": "soon"}) == {"created_at": None}
    assert standard_fields({"mood": "up"}) == {}


def test_no_room_reads_a_standard_column_itself() -> None:
    reads = re.compile(r"""other(\.get\(|\[|\.pop\()\s*["'](created_at|tags|author|source|url)["']""")
    assert reads.search('post.other.get("created_at")')
    assert not [
        f"{file}: {found[0]}"
        for file in PACKAGE.rglob("*.py")
        if file.parent.name != "table"  # where they are read
        for found in reads.finditer(file.read_text("utf-8"))
    ]
