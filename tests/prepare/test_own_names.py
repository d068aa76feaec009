"""A column of emotions under any names."""

import pytest

from feelscope.errors import FeelscopeError
from feelscope.post import Post
from feelscope.prepare.dataset import prepare
from feelscope.prepare.own_names import own_names
from feelscope.prepare.settings import Settings
from feelscope.table import PostsTable

ANY = Settings(labels="column", emotions="", language="any")


def posts(*emotions):
    return [Post(str(n), f"Ein Satz von Tag {n} #{emotion}", emotion=emotion) for n, emotion in enumerate(emotions)]


def test_names_are_kept_as_they_are_and_their_hashtags_leave(tmp_path):
    report = prepare(posts("Verlust", "Wut", "verlust ", "Verlust", "nichts davon"), tmp_path / "dataset", ANY)
    made = {post.id: post for post in PostsTable(tmp_path / "dataset" / "posts.parquet")}
    assert [made[str(n)].emotion for n in range(5)] == ["Verlust", "Wut", "Verlust", "Verlust", "nichts davon"]
    assert "#" not in made["0"].text and made["1"].text == "Ein Satz von Tag 1"
    assert report.settings["names"] == ("Verlust", "Wut", "nichts davon") and report.kept == 5


def test_names_that_mean_the_same_stay_apart_unless_a_set_is_named(tmp_path):
    given = posts("joy", "happy", "Heimweh", "joy", "happy", "Heimweh")
    prepare(given, tmp_path / "own", ANY)
    assert {post.emotion for post in PostsTable(tmp_path / "own" / "posts.parquet")} == {"joy", "happy", "Heimweh"}
    report = prepare(given, tmp_path / "set", Settings(labels="column", emotions="seven", language="any"))
    assert {post.emotion for post in PostsTable(tmp_path / "set" / "posts.parquet")} == {"happiness"}
    assert report.dropped == {"no emotion of the label set is named": 2}
    listed = Settings(labels="column", emotions="Heimweh, joy", language="any")
    prepare(given, tmp_path / "listed", listed)
    assert {post.emotion for post in PostsTable(tmp_path / "listed" / "posts.parquet")} == {"joy", "Heimweh"}


def test_what_is_no_column_of_emotions_is_said(tmp_path):
    assert own_names(posts("b|a", "A", "a")) == ("a", "b")
    with pytest.raises(FeelscopeError, match="no post has an emotion; name the column"):
        own_names([Post("1", "x")])
    with pytest.raises(FeelscopeError, match="over 100 different emotions, such as word 0, word 1, word 2; name the"):
        own_names(Post(str(n), "x", emotion=f"word {n}") for n in range(101))
    with pytest.raises(FeelscopeError, match="--emotions: two emotions are named 'joy'"):
        Settings(labels="column", emotions="joy,fear,joy")
    with pytest.raises(FeelscopeError, match="--emotions: expected a label set, as --labels hashtags"):
        Settings(labels="hashtags", emotions="")
    english = Settings(labels="column", emotions="")
    with pytest.raises(FeelscopeError, match="--language any keeps posts in every language"):
        prepare(
            [Post("1", "Wir haben gestern alle das Haus und den Hund gesehen", emotion="Wut")], tmp_path / "d", english
        )
