"""The whole of `explain structure`: a table and its predictions to figures and a summary."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from feelscope import EmotionClassifier
from feelscope.errors import FeelscopeError, TableError
from feelscope.explain.structure.predicted_posts import Predictions, in_step
from feelscope.explain.structure.report import Settings, explain_structure
from feelscope.explain.structure.summary import to_text
from feelscope.files import writing
from feelscope.table import PostsTable, open_writer

EMOTIONS = ("joy", "anger", "fear")
POSTS = 300


def write_table(path: Path, posts: int = POSTS) -> Path:
    """Pleasant posts and others, rated and dated; pleasantness decides the rating of valence."""
    with open_writer(path) as writer:
        for number in range(posts):
            words = "lovely day" if number % 2 else "awful day"
            row = {
                "id": f"p{number}",
                "text": words,
                "created_at": f"2012-10-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
            }
            writer.write(row | {"Valence_mean": 6 if number % 2 else 2})
    return path


def write_predictions(path: Path, skip: tuple[int, ...] = (), posts: int = POSTS) -> Path:
    random = np.random.default_rng(0)
    with open_writer(path) as writer:
        for number in range(posts):
            p = random.dirichlet([20, 2, 2] if number % 2 else [2, 10, 10])
            if number not in skip:
                writer.write(
                    {
                        "id": f"p{number}",
                        "emotion": "joy",
                        "probabilities": dict(zip(EMOTIONS, p.tolist(), strict=True)),
                    }
                )
    return path


def explain(folder: Path, table: Path, predictions: Path, **settings: object) -> str:
    return explain_structure(PostsTable(table), predictions, folder, Settings(**settings))  # type: ignore[arg-type]


def test_a_model_of_other_emotions_is_not_asked_as_the_thesis(tmp_path: Path) -> None:
    table = write_table(tmp_path / "posts.csv", 40)
    predictions = write_predictions(tmp_path / "predictions.jsonl", posts=40)
    with pytest.raises(FeelscopeError, match=r"predictions\.jsonl: has other emotions than the model"):
        explain_structure(
            PostsTable(table), predictions, tmp_path / "out", Settings(), as_thesis=EmotionClassifier.load()
        )
    assert not (tmp_path / "out").exists()


def test_a_folder_that_another_process_is_writing_is_refused(tmp_path: Path) -> None:
    table = write_table(tmp_path / "posts.csv", 40)
    predictions = write_predictions(tmp_path / "predictions.jsonl", posts=40)
    (tmp_path / "out").mkdir()
    with (
        writing(tmp_path / "out", FeelscopeError),
        pytest.raises(FeelscopeError, match="another process is writing it"),
    ):
        explain(tmp_path / "out", table, predictions)
    assert [*(tmp_path / "out").iterdir()] == []


def test_posts_of_which_only_the_day_is_known_have_no_hour(tmp_path: Path) -> None:
    table = write_table(tmp_path / "posts.csv", 40)
    lines = table.read_text().splitlines()
    dates = [line.replace("T00:00:00Z", "") for line in lines]  # of two of the posts, those of midnight
    table.write_text("\n".join(dates) + "\n")
    explain(tmp_path / "out", table, write_predictions(tmp_path / "p.jsonl", posts=40))
    summary = json.loads((tmp_path / "out" / "structure.json").read_text())
    assert (summary["dated"], summary["undated"]) == (38, 2)


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_predictions_of_every_format_are_read_in_step(tmp_path: Path, ending: str) -> None:
    table = write_table(tmp_path / "posts.csv")
    predictions = Predictions(write_predictions(tmp_path / f"p.{ending}", skip=(1, 5)))
    assert predictions.emotions == EMOTIONS
    pairs = list(in_step(PostsTable(table), predictions))
    assert len(pairs) == POSTS - 2
    assert [post.id for post, _ in pairs[:4]] == ["p0", "p2", "p3", "p4"]
    assert all(row.sum() == pytest.approx(1, abs=1e-5) for _, row in pairs)


def test_predictions_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "probabilities": {"joy": 0, "anger": 1}},
        {"id": "b", "probabilities": {"joy": "0.25", "anger": 0.75}},
    ]
    path = write_rows(tmp_path / "p.jsonl", *rows)
    assert [(id, row.tolist(), row.dtype) for id, row in Predictions(path)] == [
        ("7", [0, 1], np.float32),
        ("b", [0.25, 0.75], np.float32),
    ]
    (tmp_path / "p.csv").write_text("id,emotion,probabilities.joy,probabilities.anger\na,joy,1,0\n")
    (one,) = Predictions(tmp_path / "p.csv")
    assert (one[0], one[1].tolist()) == ("a", [1, 0])


def test_posts_behind_the_last_prediction_or_a_limit_are_left_out(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", posts=20)
    few = Predictions(write_predictions(tmp_path / "few.jsonl", skip=(0, 3), posts=5))
    assert [post.id for post, _ in in_step(PostsTable(table), few)] == ["p1", "p2", "p4"]
    many = Predictions(write_predictions(tmp_path / "many.jsonl", posts=20))
    assert [post.id for post, _ in in_step(PostsTable(table, limit=2), many)] == ["p0", "p1"]
    with pytest.raises(TableError, match="the post 'p2' is not in"):
        list(in_step(PostsTable(write_table(tmp_path / "two.csv", posts=2)), many))


def test_every_view_is_there_and_finds_what_was_planted(tmp_path: Path) -> None:
    text = explain(tmp_path / "out", write_table(tmp_path / "t.csv"), write_predictions(tmp_path / "p.jsonl"))
    names = {"correlation", "components", "map", "top_words", "times", "ratings"}
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {f"{name}.{kind}" for name in names for kind in ("png", "svg", "csv")} | {"structure.json"}
    for name in names:
        with Image.open(tmp_path / "out" / f"{name}.png") as picture:
            assert min(picture.size) > 150
    found = json.loads((tmp_path / "out" / "structure.json").read_text())
    assert found["posts"] == found["dated"] == POSTS
    best = {row["emotion"]: row["word"] for row in found["top_words"] if row["rank"] == 1}
    assert best == {"joy": "lovely", "anger": "awful", "fear": "awful"}
    (row,) = (row for row in found["ratings"] if row["with"] == "component 1")
    assert abs(row["r"]) > 0.8 and row["posts"] == POSTS
    assert len(found["outliers"]) == 20 and found["outliers"][0]["text"] in ("lovely day", "awful day")
    assert "components:" in text and "words of joy: lovely" in text and "valence with component 1" in text
    with (tmp_path / "out" / "correlation.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 9


def test_the_same_seed_draws_the_same_figures(tmp_path: Path) -> None:
    table, predictions = write_table(tmp_path / "t.csv"), write_predictions(tmp_path / "p.jsonl")
    for name in ("one", "two"):
        explain(tmp_path / name, table, predictions)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_a_table_without_dates_or_ratings_has_fewer_views(tmp_path: Path) -> None:
    with open_writer(tmp_path / "t.csv") as writer:
        for number in range(POSTS):
            writer.write({"id": f"p{number}", "text": f"word{number}"})
    explain(tmp_path / "out", tmp_path / "t.csv", write_predictions(tmp_path / "p.jsonl"))
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {"correlation", "components", "map", "structure"}


def test_the_summary_tells_the_strongest_of_each_view() -> None:
    changes = [("weekday", "Monday", 0.1), ("weekday", "Sunday", -0.3), *(("hour", n, n / 100) for n in (21, 9, 11, 7))]
    times = [
        {"of": of, "when": when, "emotion": "joy", "change": change, "posts": 1 + (of == "hour"), "beyond_chance": True}
        for of, when, change in changes
    ]
    ends = {"low": 0.051, "high": 0.449}
    summary = {
        "posts": 1234,
        "scale": "probability",
        "emotions": ["joy", "love", "anger", "fear"],
        "constant": ["awe", "calm"],
        "correlation": [[1, 0.9, -0.6, -0.5], [0.9, 1, -0.4, -0.7], [-0.6, -0.4, 1, 0.8], [-0.5, -0.7, 0.8, 1]],
        "tree": ["joy", "love", "fear", "anger"],
        "stress": 0.2,
        "as_thesis": False,
        "ways": {"correlated": "probability", "tree": "a tree", "words": "posts", "outliers": "distance"},
        "explained": [0.6234, 0.2, 0.15, 0.0266],
        "components": [[0.31, 0.5, -0.4, -0.3], [0.1, 0.3, 0.4, 0.9], [-0.5, -0.9, 0.35, 0], [1, 0, 0, 0]],
        "top_words": [
            {"emotion": name, "word": word} for name, word in (("joy", "sun"), ("fear", "dark"), ("joy", "day"))
        ],
        "times": [*times, {**times[0], "change": 0.9, "beyond_chance": False}],
        "ratings": [
            {"rating": "valence", "with": "component 1", "r": 0.25, **ends},
            {"rating": "valence", "with": "component 2", "r": None, "low": None, "high": None},
            {"rating": "valence", "with": "joy", "r": 0.9, **ends},
        ],
    }
    assert to_text(summary).splitlines() == [
        "1,234 posts, 4 emotions, probability",
        "left out, as they never vary: awe, calm",
        "most together:  joy and love 0.90, anger and fear 0.80, love and anger -0.40",
        "most apart:     love and fear -0.70, joy and anger -0.60, joy and fear -0.50",
        "tree:           joy, love, fear, anger",
        "components:     62.3%, 20.0%, 15.0% of the variance",
        "  1: love, joy against anger",
        "  2: fear, anger",
        "  3: anger against love, joy",
        "words of joy: sun, day",
        "words of fear: dark",
        "Sunday: joy -30% (1 post)",
        "21 h: joy +21% (2 posts)",
        "11 h: joy +11% (2 posts)",
        "Monday: joy +10% (1 post)",
        "9 h: joy +9% (2 posts)",
        "valence with component 1: r 0.25 (95% interval 0.05 to 0.45)",
        "unlike the thesis' code, which --as-thesis follows: probability; a tree; words by posts; outliers by distance",
    ]
    changed = to_text(summary | {"stress": 0.204, "as_thesis": True}).splitlines()
    assert "map:            stress 0.20, above 0.2: it distorts; go by the correlations" in changed
    assert changed[-1].startswith("as the thesis' code: probability; a tree")
    assert not any("left out" in line for line in to_text(summary | {"constant": []}).splitlines())


def test_predictions_of_another_table_are_refused(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", posts=20)
    predictions = write_predictions(tmp_path / "p.jsonl")
    with pytest.raises(TableError, match=r"the post 'p20' is not in .*t.csv, or not in this order"):
        explain(tmp_path / "out", table, predictions)


def write_rows(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "p.jsonl: the file is empty"),
        ([{"id": "p0", "emotion": "joy"}], "no probabilities in its first row"),
        ([{"id": "p0", "probabilities": {"joy": 1.0}}], "knows one emotion only, 'joy'"),
        (
            [{"id": "p0", "probabilities": {"joy": 1.0, "anger": 0}}, {"id": "p1", "probabilities": {"joy": 1.0}}],
            "row 2",
        ),
        ([{"id": "p0", "probabilities": {"joy": 2.0, "anger": 0}}], "row 1: a probability is not a number from 0 to 1"),
        ([{"id": "p0", "probabilities": {"joy": "x", "anger": 0}}], "row 1: a probability is not a number"),
        ([{"id": "", "probabilities": {"joy": 0.5, "anger": 0.5}}], "row 1: it has no id"),
        ([{"id": "p0", "probabilities": {"joy": 0.5, "anger": 0.5}}], "needs 10 posts or more, found 1"),
    ],
)
def test_wrong_predictions_are_one_line(tmp_path: Path, rows: list[dict], message: str) -> None:
    table = write_table(tmp_path / "t.csv", posts=20)
    with pytest.raises(FeelscopeError, match=message) as error:
        explain(tmp_path / "out", table, write_rows(tmp_path / "p.jsonl", *rows))
    assert "\n" not in str(error.value)
