"""An LSTM is trained from a table and a file of word vectors, saved, and answers the same when it is opened."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from feelscope.errors import ConfigError, TableError
from feelscope.family.train import train
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import open_writer
from feelscope.train.fusion_recipe import FusionRecipe
from feelscope.train.recipe import read_recipe

# "not" turns the word behind it round, so that the order of words matters.
WORDS = ("good", "bad", "not", "the", "day", "was", "and", "so")


def write_vectors(path: Path) -> Path:
    lines = [f"{word} {' '.join('1' if at == row else '0' for at in range(8))}" for row, word in enumerate(WORDS)]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_table(path: Path, posts: int = 240) -> Path:
    random = np.random.default_rng(0)
    with open_writer(path) as writer:
        for number in range(posts):
            word, turned = ("good", "bad")[number % 2], number // 2 % 2
            filler = [str(one) for one in random.choice(("the", "day", "was", "and", "so"), 3)]
            text = " ".join([*filler, *(["not"] if turned else []), word, f"x{number}y"])
            happy = (word == "good") != bool(turned)
            writer.write({"id": str(number), "text": text, "emotion": "happiness" if happy else "sadness"})
    return path


def recipe(**changes: object) -> FusionRecipe:
    found = read_recipe("deep-sentiment-text")
    assert isinstance(found, FusionRecipe)
    return replace(found, units=16, steps=150, batch=32, halve=100, tokens=20, **changes)  # type: ignore[arg-type]


def silent(stage: str, done: int, total: int, detail: str) -> None:
    """Show nothing."""


@pytest.mark.slow
def test_the_lstm_learns_the_order_of_words_and_the_saved_model_is_the_trained_one(tmp_path: Path) -> None:
    vectors, table = write_vectors(tmp_path / "vectors.txt"), write_table(tmp_path / "posts.csv")
    run = train(recipe(), tmp_path / "run", table=table, words=vectors, progress=silent)
    classifier = EmotionClassifier.load(run)
    texts = {"the day was good": "happiness", "the day was not good": "sadness", "so not bad": "happiness"}
    found = classifier.predict([Post(text, text) for text in texts])
    assert [one.emotion for one in found] == list(texts.values())
    (unknown,) = classifier.predict([Post("1", "zzz qqq")])
    assert unknown.emotion in (None, "happiness", "sadness")


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    vectors, table = write_vectors(tmp_path / "vectors.txt"), write_table(tmp_path / "posts.csv", 40)
    with pytest.raises(ConfigError, match="--words FILE"):
        train(recipe(), tmp_path / "run", table=table, progress=silent)
    with open_writer(tmp_path / "one.csv") as writer:
        for number in range(20):
            writer.write({"id": str(number), "text": "a good day", "emotion": "happiness"})
    with pytest.raises(TableError, match="every post has the emotion 'happiness'"):
        train(recipe(), tmp_path / "run", table=tmp_path / "one.csv", words=vectors, progress=silent)
    with open_writer(tmp_path / "unknown.csv") as writer:
        for number in range(20):
            writer.write({"id": str(number), "text": "zzz qqq", "emotion": ("happiness", "sadness")[number % 2]})
    with pytest.raises(TableError, match="has no vector for any word of the posts"):
        train(recipe(), tmp_path / "run", table=tmp_path / "unknown.csv", words=vectors, progress=silent)
    with pytest.raises(ConfigError, match="aggregate: 'lstn' is not known; did you mean 'lstm'"):
        recipe(aggregate="lstn")
    with pytest.raises(ConfigError, match="deep_sentiment reads text and image and nothing else"):
        recipe(model="deep_sentiment")
    with pytest.raises(ConfigError, match="'rnn' can be compared but not saved; take 'lstm'"):
        train(recipe(aggregate="rnn"), tmp_path / "run", table=table, words=vectors, progress=silent)
    assert not (tmp_path / "run").exists()
