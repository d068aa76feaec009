"""`feelscope explain picture` as people type it: a picture, all of them, a strip, and what is refused."""

import json

import numpy as np
import pytest
from command_runs import Run, usage_error
from PIL import Image
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.errors import FeelscopeError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier

FEW = ["--updates", "9"]


def test_one_emotion_is_a_picture_that_the_model_can_read(run: Run, pictures_run, tmp_path) -> None:
    asked = ["explain", "picture", "anger", "--model", pictures_run, "--out", "anger.png", "--strip", "strip.png", *FEW]
    ran = run(*asked, "--json")
    assert ran.returncode == 0, ran.stderr
    values = json.loads(ran.stdout)
    (found,) = values["pictures"]
    assert (found["emotion"], values["settings"]["updates"], values["seed"]) == ("anger", 9, 0)
    with Image.open(tmp_path / "anger.png") as image:
        assert image.size == (32, 32)
    read = EmotionClassifier.load(pictures_run).predict([Post("1", image=tmp_path / "anger.png")])[0]
    assert read.probabilities == pytest.approx(found["read"]["probabilities"])
    with Image.open(tmp_path / "strip.png") as image:
        assert image.size[0] == 300 * 7  # of 9 updates, two of the eight frames are the same
    again = run(*asked[:-2], "--updates", "9", "--out", "again.png")
    assert "anger: its score went from" in again.stdout and "the saved model reads" in again.stdout
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "anger.png").read_bytes()


def test_without_an_emotion_all_are_on_one_sheet(run: Run, pictures_run, tmp_path) -> None:
    emotions = EmotionClassifier.load(pictures_run).emotions
    ran = run("explain", "picture", "--model", pictures_run, "--published", *FEW)
    assert ran.returncode == 0, ran.stderr
    assert [line.split(":")[0].split()[-1] for line in ran.stdout.splitlines()] == list(emotions)
    with Image.open(tmp_path / "emotion.png") as image:
        sheet = np.asarray(image.convert("RGB"))
    assert sheet.shape[1] == 600 and len(np.unique(sheet.reshape(-1, 3), axis=0)) > 100
    assert run("explain", "picture", "--all", "--model", pictures_run, "--out", "all.png", "--published", *FEW).stdout
    assert (tmp_path / "all.png").read_bytes() == (tmp_path / "emotion.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["angry bird", "--model", "{run}"], "this model knows no emotion 'angry bird'; known are "),
        (["angerr", "--model", "{run}"], "this model knows no emotion 'angerr'; did you mean 'anger'?"),
        (["fear", "--model", "{words}"], "this run reads no pictures; give one that does"),
        (["fear"], "feelscope train posts.csv --recipe strong/image_only --out runs/pictures, then give --model"),
        (["fear", "--model", "gone"], "gone"),
        (["anger", "--model", "{run}", "--out", "none/a.png", "--updates", "1"], "none/a.png: no such folder"),
        (["anger", "--model", "{run}", "--strip", "none/a.png", "--updates", "1"], "none/a.png: no such folder"),
        (["anger", "--model", "{run}", "--device", "gpu"], "--device gpu: no such device"),
    ],
)
def test_bad_input_is_one_line(pictures_run, words_run, arguments, wanted) -> None:
    given = [one.format(run=pictures_run, words=words_run) for one in arguments]
    ended = CliRunner().invoke(app, ["explain", "picture", *given])
    assert isinstance(ended.exception, FeelscopeError), "which the command line shows in one line"
    assert wanted in str(ended.exception) and "\n" not in str(ended.exception)


def test_wrong_usage(run: Run) -> None:
    assert "found both" in usage_error(run("explain", "picture", "fear", "--all", "--model", "run"))
    same = usage_error(run("explain", "picture", "fear", "--out", "a.png", "--strip", "a.png"))
    assert "a.png is already the file of --out" in same
