"""A training that is stopped and resumed gives the run of one without a stop; and what is not resumed."""

import json
import re
from dataclasses import replace

import pytest
import small_family
from small_family import Stopped, changed, stop_at, write_vectors
from small_runs import TUNED, WORDS, go_by_words, refused, write_place
from small_runs import go_small as go

from feelscope.errors import ModelError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train import checkpoint
from feelscope.train.recipe import read_recipe


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return write_place(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="module")
def run(place):
    return go(place, place / "run", dev=place / "dev.csv")


@pytest.mark.slow
def test_stopped_then_resumed_without_a_dev_table(place, run):
    out = place / "stopped"
    with pytest.raises(Stopped):
        go(place, out, progress=stop_at("training", 2))
    with pytest.raises(ModelError, match="manifest"):
        EmotionClassifier.load(out)
    message = refused(place, out, ModelError, "belongs to another recipe", made=replace(TUNED, seed=1), resume=True)
    assert str(out / checkpoint.FILE) in message
    go(place, out, resume=True)
    (name,) = json.loads((out / "metrics.json").read_text())["scores"]
    assert name.startswith("validation split"), "without a dev table"
    whole, resumed = (json.loads((folder / "metrics.json").read_text()) for folder in (run, out))
    assert resumed["epochs"] == whole["epochs"]
    assert resumed["temperature"] == whole["temperature"]
    assert not (out / checkpoint.FILE).exists()
    assert (out / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()
    assert (out / "text.onnx").read_bytes() == (run / "text.onnx").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["joint", "late", "common_space"])
def test_a_training_on_word_vectors_is_resumed_too(model, place):
    """Of every recipe of the family: stopped in the second epoch, in late fusion's second training, and again."""
    objective = {"common_space": read_recipe("paper/common_space").common_space} if model == "common_space" else {}
    made = changed(WORDS, fusion__model=model, steps__epochs=2, **objective)
    stage = "training on numbers" if model == "late" else "training"
    whole = go_by_words(place, place / f"{model} whole", made)
    out = place / f"{model} stopped"
    for step, resume in ((8, False), (10, True)):
        with pytest.raises(Stopped):
            go_by_words(place, out, made, progress=stop_at(stage, step), resume=resume)
    go_by_words(place, out, made, resume=True)
    assert (out / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert {file.name for file in out.iterdir()} == {file.name for file in whole.iterdir()}


def test_other_words_under_the_same_ids_or_other_vectors_are_not_resumed(tmp_path):
    (tmp_path / "words").mkdir()
    small_family.write_table(tmp_path / "words" / "posts.csv", 60)
    write_vectors(tmp_path / "words" / "vectors.txt")
    out, table, vectors = tmp_path / "out", tmp_path / "words" / "posts.csv", tmp_path / "words" / "vectors.txt"
    with pytest.raises(Stopped):
        go_by_words(tmp_path, out, progress=stop_at("training", 8))
    for file, pattern, other in ((table, " house", " then"), (vectors, r"(?m)^house \S+", "house 0.5")):
        whole = file.read_text()
        file.write_text(re.sub(pattern, other, whole))
        assert file.read_text() != whole
        refused(tmp_path, out, ModelError, "belongs to another recipe or other posts", how=go_by_words, resume=True)
        file.write_text(whole)


def test_a_second_training_of_the_same_folder_is_refused(tmp_path):
    (tmp_path / "words").mkdir()
    small_family.write_table(tmp_path / "words" / "posts.csv", 60)
    write_vectors(tmp_path / "words" / "vectors.txt")

    def progress(stage, done, total, detail):
        if stage == "training":
            for resume in (False, True):
                busy = "another process is writing it; wait"
                refused(tmp_path, tmp_path / "out", ModelError, busy, how=go_by_words, resume=resume)
            raise Stopped

    with pytest.raises(Stopped):
        go_by_words(tmp_path, tmp_path / "out", progress=progress)
    assert (tmp_path / "out" / checkpoint.FILE).exists() and not (tmp_path / "out" / ".lock").exists()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["training", "training on all posts"])
def test_with_a_dev_table_all_posts_are_trained_on_once_the_choices_are_made(place, run, stage):
    """Stopped in either of the two trainings, it goes on to what one without a stop gives."""
    made = changed(TUNED, choices__refit=True)
    out = place / f"refit after {stage}"
    with pytest.raises(Stopped):
        go(place, out, made, dev=place / "dev.csv", progress=stop_at(stage, 2))
    go(place, out, made, dev=place / "dev.csv", resume=True)
    once, twice = (json.loads((folder / "metrics.json").read_text()) for folder in (run, out))
    assert twice["epochs"] == once["epochs"]
    assert twice["temperature"] == once["temperature"]
    assert (out / "model.safetensors").read_bytes() != (run / "model.safetensors").read_bytes()
    assert {file.name for file in out.iterdir()} == {file.name for file in run.iterdir()}
    assert "choosing on 20% of it, then training on all" in (out / "README.md").read_text()
    other = place / "refit, no stop"
    if not other.exists():
        go(place, other, made, dev=place / "dev.csv")
    assert (out / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_refit_on_word_vectors_knows_the_words_of_all_posts(place):
    made = changed(WORDS, choices__refit=True, choices__trainings=2, steps__epochs=2)
    out = go_by_words(place, place / "refit of words", made, dev=place / "words" / "dev.csv")
    assert "choosing on 20% of it, then training on all" in (out / "README.md").read_text()
    assert EmotionClassifier.load(out).predict([Post("1", "laugh")])[0].modalities == ("text",)


@pytest.mark.slow
def test_stopped_before_the_first_step_it_can_be_trained_again(place):
    out = place / "early"
    for _ in range(2):  # the second time over what the first has left
        with pytest.raises(Stopped):
            go(place, out, progress=stop_at("encoding words", 0))
    assert {file.name for file in out.glob("*")} <= {"quarantine.jsonl"}
