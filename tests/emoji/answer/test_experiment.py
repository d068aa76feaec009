"""The readers and scores of experiments/emoji_answers, on small tables."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[3] / "experiments" / "emoji_answers"


def script(name):
    """A script of the experiment, as a module."""
    found = importlib.util.spec_from_file_location(f"emoji_answers_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # where dataclasses look for their annotations
    found.loader.exec_module(module)
    return module


data, scores = script("data"), script("scores")


def write(folder, name, *lines):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_airline_is_split_by_the_words_of_a_text(tmp_path):
    kinds = ("positive", "neutral", "negative")
    rows = [f"{number},flight {number // 2} was it{'!' * (number % 2)},{kinds[number % 3]}" for number in range(400)]
    write(tmp_path, "airline/train.csv", "id,text,sentiment", *rows)
    training, test = data.airline(tmp_path)
    assert len(training) + len(test) == 400
    assert 40 <= len(test) <= 120
    words = [{data.key(text) for text in part.texts} for part in (training, test)]
    assert not words[0] & words[1], "texts that differ in signs alone are on one side"
    assert training.names == kinds
    again = data.airline(tmp_path)[1]
    assert again.texts == test.texts


def test_tweets_lose_what_gives_the_emoji_away_and_dev_what_is_in_train(tmp_path):
    write(
        tmp_path, "tweeteval_emoji/train.csv", "id,text,emoji",
        "1,Sun \ufe0f \ufe0f today ,☀", "2,so in love \ufe0f,❤", "3,my love,❤",
    )  # fmt: skip
    write(tmp_path, "tweeteval_emoji/dev.csv", "id,text,emoji", "1,So in love!,❤", "2,rain \u20e3 now,☀")
    training, dev = data.tweeteval_emoji(tmp_path)
    assert training.texts == ["Sun today", "so in love", "my love"]
    assert training.names == ("❤", "☀")
    assert training.answers.tolist() == [1, 0, 0]
    assert dev.texts == ["rain now"]
    assert dev.answers.tolist() == [1]


def test_posts_with_emoji_are_read_without_them(tmp_path):
    write(
        tmp_path, "semeval2018/train.csv", "id,text,emotions",
        "1,so happy 😂😂,joy|love", "2,plain,joy", "3,why ❤️ me,sadness", "4,nothing 🎄,",
    )  # fmt: skip
    posts = data.semeval2018(tmp_path)
    assert posts.texts == ["so happy", "why me", "nothing"]
    assert posts.emoji == [["😂", "😂"], ["❤"], ["🎄"]]
    assert posts.names == ("joy", "love", "sadness")
    assert posts.emotions.tolist() == [[True, True, False], [False, False, True], [False, False, False]]
    assert all(0 <= fold < data.FOLDS for fold in posts.folds)


def test_a_rank_counts_those_above_and_as_high():
    table = np.array([[3.0, 2, 1], [1, 1, 0], [0, 5, 9]])
    assert scores.ranks(table, np.array([0, 0, 0])).tolist() == [0, 1, 2]


def test_the_first_answer_by_share_moves_ahead_and_the_others_keep_their_order():
    table = np.log(np.array([[0.5, 0.4, 0.1], [0.8, 0.08, 0.12]]))
    counts = np.array([90, 10, 10])
    assert scores.first_by_share(table, counts, 0.0).argsort().tolist() == table.argsort().tolist()
    assert scores.first_by_share(table, counts, 0.5).argsort().tolist() == [[2, 0, 1], [1, 2, 0]]
    assert scores.first_by_share(table, counts, 0.5, often=3.0).argsort().tolist() == [[2, 0, 1], [1, 2, 0]]
    other = np.array([90, 10, 1])
    assert scores.first_by_share(table, other, 0.0, often=1.0)[1].argsort().tolist() == [2, 1, 0]


def test_measures_by_value():
    table = np.eye(6)[[0, 1, 2, 3, 4, 0]]
    found = scores.measures(table, np.array([0, 1, 2, 3, 4, 5]))
    assert found["accuracy"][0] == pytest.approx(5 / 6)
    assert found["macro_f1"][0] == pytest.approx((2 / 3 + 4) / 6)
    assert found["top_5"][0] == pytest.approx(5 / 6), "where all others are as high, the right one is last"


def test_a_gain_is_paired():
    answers = np.arange(200) % 2
    right, half = np.eye(2)[answers], np.eye(2)[np.where(np.arange(200) < 100, answers, 1 - answers)]
    assert scores.gain(right, half, answers)["accuracy"].startswith("0.500 (0.4")
    assert scores.gain(right, right, answers)["macro_f1"] == "0.000 (0.000 to 0.000)"


def test_a_line_takes_the_place_of_its_like(tmp_path):
    file = tmp_path / "scores.csv"
    for value in (0.1, 0.2):
        scores.add(file, scores.row("airline", "published", 0, {"accuracy": (value, (0.0, 1.0))}))
    scores.add(file, scores.row("airline", "published", 1, {"accuracy": (0.3, (0.0, 1.0))}))
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:4] for line in lines[1:]] == [
        ["airline", "published", "0", "0.2000"],
        ["airline", "published", "1", "0.3000"],
    ]
