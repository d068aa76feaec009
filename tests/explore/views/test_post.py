"""The words that the emotion of a post in an archive rests on, by the built-in model."""

import json

import pytest

from feelscope.explore.archive import open_archive
from feelscope.explore.index.build import build
from feelscope.explore.views.post import why
from feelscope.post import Post
from feelscope.table import PostsTable


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("why")
    posts = [
        {"id": "1", "title": "Home late 🏠", "text": "we went home and I was terrified of the dark"},
        {"id": "2", "text": "we went home and I was terrified of the dark", "emotion": "happiness"},
    ]
    (folder / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts))
    build(PostsTable(folder / "posts.jsonl"), folder / "index")
    return open_archive(folder / "index")


def test_the_words_of_fear_are_marked_where_they_stand(archive):
    found = archive.post("1")
    assert found["emotion"] == "fear"
    shown = f"{found['title']}\n{found['text']}"
    words = [shown[span["start"] : span["end"]] for span in found["why"]]
    assert "terrified" in words
    assert len(words) <= 3
    assert all(span["weight"] >= 0.03 for span in found["why"])


def test_an_emotion_that_the_model_does_not_read_is_not_explained(archive):
    assert archive.post("2")["why"] == []
    assert archive.post("3") is None


def test_a_model_that_is_gone_explains_nothing(archive, tmp_path):
    assert why(str(tmp_path / "gone"), Post("1", archive.post("1")["text"]), "fear") == ([], [])
