"""From posts tables to a corpus: labels, the validation split, subclasses, teachers, and what overlaps."""

import csv
import json
from dataclasses import replace

import pytest
from small_family import recipe

from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train.data import SourcePosts, read_corpus, read_source, without_overlap
from feelscope.train.encoding import encode_corpus
from feelscope.train.recipe import DataSettings, Source

RECIPE = recipe("image_only", data=DataSettings(), choices__validation=0.0)


def table(folder, *rows, columns=("id", "text", "emotion"), name="posts.csv"):
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return folder / name


def read(path, known=(), **source):
    entry = read_source(path, Source(str(path), "A test", "free", **source), known)
    return {post.id: post.emotion for post in entry.posts}, entry.dropped


def corpus(path=None, made=RECIPE, **given):
    given = {"data": None, "columns": None, "quarantine": Quarantine(), "progress": silent} | given
    return read_corpus(made, table=path, **given)


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
    labels = read(path, ("happiness", "sadness"), column="emotions", map="goemotions")
    assert labels == ({"1": "happiness", "3": "sadness"}, 3)


def test_a_map_without_emotions_of_the_recipe_gives_all_it_has(tmp_path):
    path = table(tmp_path, *ROWS, columns=("id", "text", "emotions"))
    labels = read(path, column="emotions", map="goemotions")
    assert labels == ({"1": "happiness", "3": "sadness", "5": "anger"}, 2)


def test_what_cannot_be_mapped_is_one_line(tmp_path):
    path = table(tmp_path, ("1", "a", "wistful"))
    with pytest.raises(TableError, match="none of its labels is among joy, fear; give a recipe with other emotions"):
        read(path, ("joy", "fear"))
    with pytest.raises(ConfigError, match="no map of labels is named 'goemotion'; did you mean 'goemotions'"):
        read(path, ("joy", "fear"), map="goemotion")


def test_subclasses_are_pairs_of_an_emotion_and_a_finer_label(tmp_path):
    rows = ("1", "a", "sad", "rest"), ("2", "b", "sad", ""), ("3", "c", "joy", "rest"), ("4", "d", "sad", "love")
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "desire"))
    found = corpus(path, replace(RECIPE, data=DataSettings(subclass="desire")))
    assert found.emotions == ("sad", "joy")
    assert found.subclasses == ((0, ""), (0, "love"), (0, "rest"), (1, "rest"))
    assert [found.subclass(number, post) for number, post in found.rows(held=False)] == [2, -1, 3, 1]
    with pytest.raises(
        TableError, match=r"posts\.csv: no column 'desires', which was to tell subclasses of an emotion"
    ):
        corpus(path, replace(RECIPE, data=DataSettings(subclass="desires")))


def test_an_emotion_that_no_post_trained_on_has_still_gets_an_output(tmp_path):
    rows = ("1", "a", "sad", "rest"), ("2", "b", "joy", "rest")
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "desire"))
    data = DataSettings(emotions=("sad", "joy", "awe"), subclass="desire")
    assert corpus(path, replace(RECIPE, data=data)).subclasses == ((0, "rest"), (1, "rest"), (2, ""))


def test_the_validation_split_keeps_near_duplicates_together_across_tables(tmp_path):
    words = "river stone cloud bread glass horse wheel paper candle garden".split()
    texts = [" ".join(words[number % 10 :] + words[: number % 7] + [f"{number}x"] * 3) for number in range(40)]
    for name in ("a.csv", "b.csv"):
        table(tmp_path, *((f"{name}{n}", text, ("joy", "fear")[n % 2]) for n, text in enumerate(texts)), name=name)
    tables = tuple(Source(name, name, "ours") for name in ("a.csv", "b.csv"))
    made = recipe("image_only", data=DataSettings(tables=tables), choices__validation=0.3)
    found = corpus(None, made, data=tmp_path)
    held = [post.text for post in found.posts(held=True)]
    assert held
    assert not {*held} & {post.text for post in found.posts(held=False)}, "a text of both tables is on one side"
    assert not any(found.whole().held)
    assert [number for number, _ in found.whole().rows(held=False)] == [0] * 40 + [1] * 40


def test_teachers_answer_for_posts_by_their_id(tmp_path):
    path = table(tmp_path, ("1", "a", "joy"), ("2", "b", "fear"))
    (tmp_path / "teacher.jsonl").write_text('{"id": "2", "probabilities": {"fear": 0.5, "joy": 0.5}}\n')
    assert corpus(path, teachers=[tmp_path / "teacher.jsonl"]).taught == {"2": (0.5, 0.5)}
    assert corpus(path).taught is None


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


def test_a_text_of_emoji_alone_is_not_every_post_without_words():
    known = [Post("a", "😂"), Post("b", "!!!")]
    posts = [Post("same", "😂 "), Post("other", "😢"), Post("picture", image=b"one")]
    assert overlap(known, posts) == ["other", "picture"]


def test_a_picture_that_cannot_be_read_is_no_fault_here(tmp_path):
    gone = Post("gone", "words", image=tmp_path / "gone.png")
    folder = Post("folder", "more words", image=tmp_path)
    assert overlap([gone, folder], [Post("new", "new words", image=tmp_path / "gone.png")]) == ["new"]


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_told_once_with_its_row_in_the_table(tmp_path):
    """Not its place among the posts: rows that are no posts, and labels that are left out, come before it."""
    from PIL import Image

    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    rows = [
        ("", "no id", "sad", ""),
        ("1", "a", "wistful", ""),
        ("2", "b", "sad", "a.png"),
        ("3", "c", "joy", "gone.png"),
        ("4", "d", "joy", "a.png"),
    ]
    path = table(tmp_path, *rows, columns=("id", "text", "emotion", "image"))
    made = replace(RECIPE, data=DataSettings(emotions=("joy", "sad")))
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        found = corpus(path, made, quarantine=bad)
        encoded = encode_corpus(found, made, Resources(tmp_path / "kept"), quarantine=bad, progress=silent)
        encode_corpus(found.whole(), made, Resources(tmp_path / "kept"), quarantine=None, progress=silent)
    told = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert [(row["id"], row["row"]) for row in told] == [(None, 1), ("3", 4)]
    assert "gone.png" in told[1]["reason"]
    assert encoded.training.present["image"].tolist() == [1, 0, 1]
