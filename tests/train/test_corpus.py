import csv
import json

import pytest
import torch

from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.trunk_cache import TrunkFeatures
from feelscope.encoders.weights import find
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train.corpus import SourcePosts, build, read_source, without_overlap
from feelscope.train.recipe import Recipe, Source


def table(folder, *rows, columns=("id", "text", "emotion")):
    with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return folder / "posts.csv"


def read(path, known=(), **source):
    found = read_source(path, Source(str(path), "A test", "free", **source), known)
    return {post.id: post.emotion for post in found.posts}, found.dropped


def test_labels_are_the_tables_own_where_the_recipe_names_none(tmp_path):
    path = table(tmp_path, ("1", "a", "calm"), ("2", "b", "Sad"))
    assert read(path) == ({"1": "calm", "2": "Sad"}, 0)


def test_own_labels_that_differ_in_capitals_are_one_by_their_usual_spelling(tmp_path):
    path = table(tmp_path, ("1", "a", "Sad"), ("2", "b", "sad"), ("3", "c", "sad"), ("4", "d", "unhappy"))
    assert read(path) == ({"1": "sad", "2": "sad", "3": "sad", "4": "unhappy"}, 0)


def test_labels_are_matched_with_the_recipes_and_the_rest_is_counted(tmp_path):
    path = table(tmp_path, ("1", "a", "Sad"), ("2", "b", "joy"), ("3", "c", "wistful"), ("4", "d", "wistful"))
    assert read(path, ("happiness", "sadness")) == ({"1": "sadness", "2": "happiness"}, 2)


ROWS = (
    ("1", "a", "joy|love"),
    ("2", "b", "joy|anger"),
    ("3", "c", "grief"),
    ("4", "d", "unheard"),
    ("5", "e", "anger"),
)


def test_several_labels_count_where_the_map_makes_one_of_them(tmp_path):
    path = table(tmp_path, *ROWS, columns=("id", "text", "emotions"))
    found = read(path, ("happiness", "sadness"), column="emotions", map="goemotions")
    assert found == ({"1": "happiness", "3": "sadness"}, 3)


def test_a_map_without_emotions_of_the_recipe_gives_all_it_has(tmp_path):
    path = table(tmp_path, *ROWS, columns=("id", "text", "emotions"))
    found = read(path, column="emotions", map="goemotions")
    assert found == ({"1": "happiness", "3": "sadness", "5": "anger"}, 2)


def test_what_cannot_be_mapped_is_one_line(tmp_path):
    path = table(tmp_path, ("1", "a", "wistful"))
    with pytest.raises(TableError, match="none of its labels is among joy, fear; give a recipe with other emotions"):
        read(path, ("joy", "fear"))
    with pytest.raises(ConfigError, match="no map of labels is named 'goemotion'; did you mean 'goemotions'"):
        read(path, ("joy", "fear"), map="goemotion")


def test_a_finer_column_is_kept_beside_the_label_and_nothing_else_is(tmp_path):
    rows = ("1", "a", "sad", "rest", "x"), ("2", "b", "sad", "", "y")
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "desire", "sentiment"))
    found = read_source(path, Source(str(path), "A test", "free", finer="desire"), ())
    assert [post.other for post in found.posts] == [{"desire": "rest"}, {}]
    with pytest.raises(TableError, match=r"posts\.csv: no column 'desires', which was to tell parts of an emotion"):
        read_source(path, Source(str(path), "A test", "free", finer="desires"), ())


def overlap(known, posts):
    source = SourcePosts(Source("a.csv", "A", "free"), known, 0)
    return [post.id for post in without_overlap(posts, [source])]


def test_a_post_whose_text_or_picture_is_known_is_left_out(tmp_path):
    (tmp_path / "same.png").write_bytes(b"one")
    known = [Post("a", "So good!"), Post("b", "other words", image=b"one"), Post("c", image=b"two")]
    posts = [
        Post("text", "so GOOD"),
        Post("picture", "new words", image=tmp_path / "same.png"),
        Post("both new", "newer words", image=b"three"),
        Post("no text", image=b"four"),
        Post("no text, known", image=b"two"),
    ]
    assert overlap(known, posts) == ["both new", "no text"]


def test_a_title_counts_where_there_is_no_text():
    posts = [Post("same", title="so GOOD"), Post("new", title="new"), Post("text differs", "other", title="So good!")]
    assert overlap([Post("a", title="So good!")], posts) == ["new", "text differs"]


def test_a_text_of_emoji_alone_does_not_stand_for_all_without_words():
    known = [Post("a", "😂"), Post("b", "!!!")]
    posts = [Post("same", "😂 "), Post("other", "😢"), Post("picture", image=b"one")]
    assert overlap(known, posts) == ["other", "picture"]


def test_a_picture_that_cannot_be_read_is_no_fault_here(tmp_path):
    gone = Post("gone", "words", image=tmp_path / "gone.png")
    folder = Post("folder", "more words", image=tmp_path)
    assert overlap([gone, folder], [Post("new", "new words", image=tmp_path / "gone.png")]) == ["new"]


def test_a_picture_that_cannot_be_read_is_told_with_its_row_in_the_table(tmp_path):
    """Not its place among the posts: rows that are no posts, and labels that are left out, stand before it."""
    rows = [("", "no id", "sad", ""), ("1", "a", "wistful", ""), ("2", "b", "sad", ""), ("3", "c", "joy", "gone.png")]
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "image"))
    torch.manual_seed(0)
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        source = read_source(path, Source(str(path), "A test", "free"), ("joy", "sad"), quarantine=bad)
        build(
            [source],
            Recipe("A test.", tuning=0.0),
            Tokenizer(find("minilm-tokenizer"), 8),
            TrunkFeatures(tmp_path, EfficientNetLite0()),
            quarantine=bad,
            progress=silent,
        )
    told = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert [(one["id"], one["row"]) for one in told] == [(None, 1), ("3", 4)]
    assert "gone.png" in told[1]["reason"]
