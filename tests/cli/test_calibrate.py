"""`feelscope calibrate` and `predict --abstain`: from labelled posts to a model that refuses what it is unsure of."""

import csv
import json
from pathlib import Path

import pytest
from command_runs import Run, error, rows, usage_error, write
from small_model import write_small_model

LINES = [
    f"{number},{('so happy', 'sad day', 'the a')[number % 3]},{('happy', 'sad')[number % 2]}" for number in range(66)
]


@pytest.fixture
def mine(run: Run, tmp_path: Path) -> Path:
    write_small_model(tmp_path / "model")
    write(tmp_path / "posts.csv", "id,text,emotion", *LINES)
    ran = run("calibrate", "posts.csv", "--model", "model", "--out", "mine", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["scores"]["text"]["posts"] == 66
    assert "the calibrated model is in mine" in ran.stderr
    return tmp_path / "mine"


def test_the_least_sure_are_refused_and_keep_their_probabilities(run: Run, mine: Path, tmp_path: Path) -> None:
    plain = rows(run("predict", "posts.csv", "--model", "mine").stdout)
    assert "abstained" not in plain[0]
    found = rows(run("predict", "posts.csv", "--model", "mine", "--abstain", "0.5").stdout)
    refused = [row for row in found if row["abstained"]]
    assert 0 < len(refused) < len(found) == 66
    assert [row["probabilities"] for row in found] == [row["probabilities"] for row in plain]
    assert all(row["emotion"] is None and "not sure enough" in row["warnings"][-1] for row in refused)
    assert all(row["emotion"] for row in found if not row["abstained"])
    surest = max(max(row["probabilities"].values()) for row in refused)
    assert surest <= min(max(row["probabilities"].values()) for row in found if not row["abstained"])
    assert run("predict", "posts.csv", "--model", "mine", "--abstain", "0.5", "--out", "out.csv").returncode == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        kept = list(csv.DictReader(file))
    (one,) = rows(run("predict", "--text", "so happy", "--model", "mine", "--abstain", "0.999").stdout)
    assert one["abstained"] is True and one["emotion"] is None and one["probabilities"]
    assert [row["abstained"] for row in kept] == [str(row["abstained"]) for row in found]


def test_rows_of_another_share_are_not_continued(run: Run, mine: Path, tmp_path: Path) -> None:
    """A run that ended after some rows, made by hand: those of a whole run, cut."""
    code = """
import sys
from feelscope import EmotionClassifier, PostsTable
from feelscope.predict import predict_table
from feelscope.saved_model.calibration import Abstention
from pathlib import Path
classifier = EmotionClassifier.load("mine")
def stop(done, left_out):
    if done == 40:
        raise KeyboardInterrupt
try:
    predict_table(classifier, PostsTable(Path("posts.csv")), Path("out.jsonl"),
        abstention=Abstention(classifier.calibration, 0.5, classifier.folder), progress=stop)
except KeyboardInterrupt:
    pass
"""
    run(code=code)
    assert (tmp_path / "out.jsonl.partial").exists()
    arguments = ("predict", "posts.csv", "--model", "mine", "--out", "out.jsonl", "--resume")
    assert "another model" in error(run(*arguments, "--abstain", "0.4"))
    assert run(*arguments, "--abstain", "0.5").returncode == 0
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 66


def test_the_built_in_model_refuses_what_it_is_unsure_of_and_answers_the_rest_as_before(run: Run) -> None:
    sure, unsure = (
        rows(run("predict", "--text", text, "--abstain", "0.2").stdout)[0]
        for text in ("I am so happy!", "I did not expect that, honestly")
    )
    assert (sure["abstained"], sure["emotion"]) == (False, "happiness")
    assert (unsure["abstained"], unsure["emotion"]) == (True, None) and "least sure 20%" in unsure["warnings"][-1]
    (plain,) = rows(run("predict", "--text", "I did not expect that, honestly").stdout)
    assert plain["probabilities"] == unsure["probabilities"] and plain["emotion"]


def test_a_model_without_thresholds_is_one_line(run: Run, tmp_path: Path) -> None:
    write_small_model(tmp_path / "model")
    ran = run("predict", "--text", "so happy", "--model", "model", "--abstain", "0.1")
    assert "feelscope calibrate TABLE" in error(ran)


@pytest.mark.parametrize("share", ["0", "1", "-3", "nan"])
def test_a_share_that_is_none_is_wrong_usage(run: Run, share: str) -> None:
    assert "above 0 and below 1" in usage_error(run("predict", "--text", "so happy", "--abstain", share))


def test_a_folder_that_holds_something_is_refused_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text,emotion", *LINES)
    (tmp_path / "mine").mkdir()
    write(tmp_path / "mine" / "kept", "mine")
    assert "something is there already" in error(run("calibrate", "posts.csv", "--out", "mine"))
    assert (tmp_path / "mine" / "kept").read_text() == "mine\n"


def test_too_few_posts_are_one_line_and_leave_nothing(run: Run, tmp_path: Path) -> None:
    write_small_model(tmp_path / "model")
    write(tmp_path / "posts.csv", "id,text,emotion", *LINES[:20])
    ran = run("calibrate", "posts.csv", "--model", "model", "--out", "mine")
    assert "takes 50 labelled posts" in error(ran)
    assert not (tmp_path / "mine").exists()
