"""Authors as platforms give them: one text that is the same in all of an author's posts."""

import json
from pathlib import Path

import pytest

from feelscope.table import PostsTable
from feelscope.table.authors import read_author


@pytest.mark.parametrize(
    ("cell", "author"),
    [
        ("kim", "kim"),
        (" kim ", "kim"),
        (42, "42"),
        ({"id": "9", "username": "kim", "public_metrics": {"followers_count": 1}}, "9"),  # tweets v2
        ({"id": 9, "id_str": "9", "screen_name": "kim", "followers_count": 5}, "9"),  # tweets v1
        ({"id": "3", "acct": "kim", "url": "https://a.example/@kim"}, "https://a.example/@kim"),  # Mastodon, at home
        ({"id": "88", "acct": "kim@a.example", "url": "https://a.example/@kim"}, "https://a.example/@kim"),  # elsewhere
        ({"did": "did:plc:abc", "handle": "kim.example", "displayName": "Kim"}, "did:plc:abc"),  # Bluesky
        ({"pk": "77", "username": "kim", "full_name": "Kim K"}, "77"),  # Instagram
        ({"uniqueId": "kim", "nickname": "K"}, "kim"),
        ({"user_results": {"result": {"rest_id": "5", "legacy": {"name": "Kim"}}}}, "5"),  # the web client of X
        ('{"id": "9", "followers": 7}', "9"),
        ("{'id': '9', 'followers': 7}", "9"),  # as pandas writes an object to CSV
        ([{"id": "9"}, {"id": "10"}], "9"),
        ("{curly} name", "{curly} name"),
        ({"followers": 7}, ""),
        ({"id": None, "username": ""}, ""),
        ("[kim]", "[kim]"),
        ("kim [her]", "kim [her]"),
        *((nobody, "") for nobody in (" [deleted] ", "u/[deleted]", {"name": "[deleted]"}, ["[removed]"])),
        *((empty, "") for empty in (None, "", " ", float("nan"), {}, [], "{}", "[deleted]")),
    ],
)
def test_authors_as_tables_write_them(cell: object, author: str) -> None:
    assert read_author(cell) == author


def rows(path: Path, *posts: dict[str, object]) -> Path:
    path.write_text("".join(f"{json.dumps(post)}\n" for post in posts))
    return path


def test_an_author_is_one_though_the_followers_change(tmp_path: Path) -> None:
    kim = [{"id": str(n), "text": "Rain", "author": {"id": "7", "followers": n}} for n in range(3)]
    assert {post.author for post in PostsTable(rows(tmp_path / "posts.jsonl", *kim))} == {"7"}


def test_another_column_is_the_author_though_there_is_one_of_that_name(tmp_path: Path) -> None:
    path = rows(tmp_path / "posts.jsonl", {"id": "1", "text": "Rain", "author": "Kim K", "author_id": "7"})
    (post,) = PostsTable(path, {"author": "author_id"})
    assert post.author == post.other["author"] == "7"
    assert post.other["other_author"] == "Kim K"  # nothing is lost
