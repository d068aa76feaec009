"""What a dataset has of a post's further columns, and what stays behind."""

import json
from datetime import UTC, datetime

import pytest

from feelscope.post import Post
from feelscope.prepare.dataset import prepare
from feelscope.prepare.passed_on import PassedOn, shared_id
from feelscope.prepare.settings import Settings
from feelscope.table import PostsTable

WHEN = datetime(2021, 5, 3, 14, 22, tzinfo=UTC)
PRIVATE = {
    "name": "Some One",
    "handle": "@someone",
    "perfil": "https://a.example/@someone",
    "photos": ["https://a.example/p/someone.jpg"],
    "query": "/home/someone/posts.csv",
    "user": {"id": 7, "screen_name": "someone"},
    "author_id": 7,
    "text_as_posted": "my own words #happy",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("votes", 7),
        ("score", 0.5),
        ("source", "reddit"),
        ("subreddit", "aww"),
        ("lang", "en"),
        ("licence", "CC BY 4.0"),
        ("licence", "https://creativecommons.org/licenses/by/4.0/"),
        ("reblog", True),
        ("repost", False),
        ("sensitive", True),
    ],
)
def test_what_names_nobody_is_passed_on(name: str, value: object) -> None:
    assert PassedOn()(Post("1", other={name: value})) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "@someone"),
        ("source", "https://a.example/@someone"),
        ("source", "/home/someone/posts.csv"),
        ("source", "C:\\Users\\someone"),
        ("source", "someone@a.example"),
        ("source", "x" * 101),
        ("source", {"name": "someone"}),
        ("subreddit", "u_someone"),
        ("licence", "https://a.example/@someone"),
        ("votes", "someone"),
    ],
)
def test_a_column_that_is_allowed_hides_nobody(name: str, value: object) -> None:
    passed_on = PassedOn()
    assert passed_on(Post("1", other={name: value})) == {name: None}
    assert passed_on.left_behind == {name}


def test_all_else_stays_behind_whatever_it_is_called() -> None:
    passed_on = PassedOn()
    assert passed_on(Post("1", other={**PRIVATE, "empty": "", "raw": b"\0"})) == {}
    assert passed_on.left_behind == {*PRIVATE}


def test_what_is_asked_for_by_name_is_passed_on_as_it_is() -> None:
    post = Post("1", other={"mood": {"a": 1}, "url": "https://a.example/1"})
    assert PassedOn(keep=["mood"])(post) == {"mood": {"a": 1}}
    assert PassedOn(addresses=True)(post) == {"url": "https://a.example/1"}


def test_times_are_written_so_that_everybody_reads_them() -> None:
    passed_on = PassedOn()
    cells = {"created_at": "03/05/2021 14:22"}
    assert passed_on(Post("1", other=cells, created_at=WHEN)) == {"created_at": "2021-05-03T14:22:00Z"}
    assert passed_on(Post("1", other=cells, created_at=WHEN, day_only=True)) == {"created_at": "2021-05-03"}
    assert passed_on(Post("1", other={"created_at": "someone"})) == {"created_at": None}


def test_ids_that_are_addresses_name_nobody() -> None:
    assert shared_id("reddit:eufxn") == "reddit:eufxn"
    hidden = shared_id("https://a.example/users/someone/statuses/1")
    assert "someone" not in hidden and len(hidden) == 32
    assert hidden != shared_id("https://a.example/users/someone/statuses/2")


def test_no_name_is_in_the_dataset(tmp_path) -> None:  # type: ignore[no-untyped-def]
    said = "the old boat went down the river with all of us"
    posts = [
        Post(f"https://a.example/@someone/{n}", f"{said} {n} #happy", other={**PRIVATE, "votes": n}, author="someone")
        for n in range(12)
    ]
    report = prepare(posts, tmp_path, Settings("hashtags", duplicates=False))
    table = (tmp_path / "posts.parquet").read_bytes()
    written = json.dumps([[post.id, str(post.other)] for post in PostsTable(tmp_path / "posts.parquet")])
    assert "someone" not in written and b"someone" not in table and "/home" not in written
    assert {post.author for post in PostsTable(tmp_path / "posts.parquet")} == {"1"}, "an author is a number"
    assert report.columns == ["votes"] and report.left_behind == sorted(PRIVATE)
    assert "columns passed on: votes\n" in report.to_text()
    assert "left behind, as they may name people: author_id, handle" in report.to_text()
