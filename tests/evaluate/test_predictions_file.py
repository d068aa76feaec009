"""Predictions of any model are scored by their ids, and an evaluation is written as a folder."""

import csv
import json
from pathlib import Path

import pytest

from feelscope.errors import ModelError, TableError
from feelscope.evaluate.folder import save
from feelscope.evaluate.predictions_file import evaluate_predictions
from feelscope.table import PostsTable, open_writer

ANSWERS = {"a": (0.9, 0.1), "b": (0.2, 0.8), "c": (0.6, 0.4), "e": (0.5, 0.5)}


@pytest.fixture
def table(tmp_path: Path) -> PostsTable:
    (tmp_path / "posts.csv").write_text("id,text,emotion\na,so,joy\nb,so,sad\nc,so,sad\nd,so,joy\ne,so,\n")
    return PostsTable(tmp_path / "posts.csv")


def write(path: Path, answers: dict[str, tuple[float, float]]) -> Path:
    with open_writer(path) as writer:
        for id, (first, second) in answers.items():
            writer.write({"id": id, "probabilities": {"happiness": first, "sadness": second}})
    return path


@pytest.mark.parametrize("name", ["p.csv", "p.jsonl", "p.parquet"])
def test_posts_and_predictions_meet_by_their_ids(table: PostsTable, tmp_path: Path, name: str) -> None:
    backwards = dict(reversed(ANSWERS.items()))
    found = evaluate_predictions(write(tmp_path / name, backwards), table, resamples=0)
    assert (found.model, found.posts, found.unlabelled) == (name, 4, 1)
    assert found.both.accuracy == 0.5 and found.both.unread == 1  # a and b are right, c is wrong, d is not there
    assert found.mapped == {"joy": "happiness", "sad": "sadness"}
    assert found.text is None and found.image is None


def test_files_that_do_not_belong_together_are_refused(table: PostsTable, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="its ids are none of the labelled posts"):
        evaluate_predictions(write(tmp_path / "p.csv", {"x": (0.5, 0.5)}), table)
    with (tmp_path / "twice.csv").open("w") as file:
        file.write("id,probabilities.joy,probabilities.sad\na,0.5,0.5\na,0.5,0.5\n")
    with pytest.raises(TableError, match="two predictions of the post 'a'"):
        evaluate_predictions(tmp_path / "twice.csv", table)
    with (tmp_path / "other.csv").open("w") as file:
        file.write("id,probabilities.joy,probabilities.fear\na,0.5,0.5\n")
    with pytest.raises(ModelError, match=r"other\.csv does not know the label 'sad'"):
        evaluate_predictions(tmp_path / "other.csv", table)


def test_a_folder_has_scores_and_figures(table: PostsTable, tmp_path: Path) -> None:
    evaluation = evaluate_predictions(write(tmp_path / "p.csv", ANSWERS), table, resamples=20)
    save(evaluation, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == json.loads(json.dumps(evaluation.to_json()))
    with (tmp_path / "out" / "scores.csv").open() as file:
        first = next(csv.DictReader(file))
    assert (first["read_as"], first["score"], first["value"]) == ("both", "accuracy", "0.5")
    assert float(first["low"]) <= 0.5 <= float(first["high"])
    with (tmp_path / "out" / "emotions.csv").open() as file:
        assert [(row["emotion"], row["posts"]) for row in csv.DictReader(file)] == [
            ("happiness", "2"),
            ("sadness", "2"),
        ]
    names = {path.name for path in (tmp_path / "out" / "figures" / "both").iterdir()}
    assert {"confusion.png", "confusion.svg", "confusion.csv", "reliability.png", "f1_by_emotion.csv"} <= names
