import csv
import json
import random
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from feelscope.config import read_toml
from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0
from feelscope.encoders.minilm import MiniLM
from feelscope.errors import ConfigError, FeelscopeError, ModelError, TableError
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train import checkpoint
from feelscope.train.fit import build_towers
from feelscope.train.recipe import Recipe, Source
from feelscope.train.train import train

RECIPE = Recipe("Read the emotion of the posts of a test.", epochs=1, batch=8, tokens=24, tuning=0.2, refit=False)
EMOTIONS = ("happiness", "sadness", "fear")
SAID = {
    "happiness": "we laughed and danced all evening, what a lovely party in the garden",
    "sadness": "she cried at the grave of her old dog and could not stop missing it",
    "fear": "footsteps behind me in the dark tunnel, I was shaking and ran for my life",
}
COLOURS = {"happiness": "gold", "sadness": "slategray", "fear": "black"}


def draw_picture(path, emotion, seed):
    place = random.Random(seed)
    image = Image.new("RGB", (90, 60), COLOURS[emotion])
    x, y = place.randrange(10, 60), place.randrange(5, 30)
    ImageDraw.Draw(image).ellipse((x, y, x + 20, y + 20), fill=("white", "red", "teal")[seed % 3])
    image.save(path)


def write_table(folder, name, count, first=0, columns=("id", "text", "image", "emotion", "where")):
    """Posts of three emotions; of four, two have both halves, one each alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for number in range(first, first + count):
            emotion = EMOTIONS[number % 3]
            words = SAID[emotion].split()
            random.Random(number).shuffle(words)
            text = "" if number % 4 == 3 else f"{' '.join(words[:7])} {number}"
            image = "" if number % 4 == 2 else f"{number}.png"
            if image:
                draw_picture(folder / image, emotion, number)
            where = "" if number % 5 == 0 else ("inside", "outside")[number % 2]
            row = {"id": f"post {number}", "text": text, "image": image, "emotion": emotion, "where": where}
            table.writerow([row[column] for column in columns])
    return folder / name


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with 40 posts to train on, one of them with a broken picture, and a dev table that shares two."""
    folder = tmp_path_factory.mktemp("training")
    write_table(folder, "posts.csv", 40)
    (folder / "5.png").write_bytes(b"no picture")
    write_table(folder, "dev.csv", 12, first=38)
    return folder


def go(place, out, recipe=RECIPE, **given):
    return train(recipe, out, **({"table": place / "posts.csv", "cache": place / "features"} | given))


@pytest.fixture(scope="module")
def run(place):
    stages = []

    def progress(stage, done, total, detail):
        stages.append(stage)
        assert done <= total

    assert go(place, place / "run", dev=place / "dev.csv", progress=progress) == place / "run"
    assert {"reading posts", "reading pictures", "training", "saving the model", "scoring"} <= set(stages)
    return place / "run"


@pytest.mark.slow
def test_all_files_of_a_run_are_there(run):
    names = {file.name for file in run.iterdir()}
    assert names == {
        *("labels.json", "manifest.json", "metrics.json", "README.md", "recipe.toml", "tokenizer.json"),
        *("text.onnx", "image.onnx", "fusion.onnx", "model.safetensors"),
        *("figures", "tensorboard", "quarantine.jsonl"),
    }, "and no checkpoint"
    for name in ("confusion", "reliability", "f1_by_emotion", "learning_curve"):
        for ending in ("png", "svg", "csv"):
            assert (run / "figures" / f"{name}.{ending}").stat().st_size > 50
    Image.open(run / "figures" / "confusion.png").verify()
    assert list((run / "tensorboard").iterdir())


@pytest.mark.slow
def test_the_run_is_a_model_that_answers(run, place):
    classifier = EmotionClassifier.load(run)
    assert classifier.name == "run"
    assert set(classifier.emotions) == set(EMOTIONS)
    both, text, image = classifier.predict(
        [
            Post("1", SAID["fear"], image=place / "0.png"),
            Post("2", SAID["fear"]),
            Post("3", image=place / "0.png"),
        ]
    )
    assert [one.modalities for one in (both, text, image)] == [("text", "image"), ("text",), ("image",)]
    assert sum(both.probabilities.values()) == pytest.approx(1)


@pytest.mark.slow
def test_the_kept_weights_are_those_of_the_networks(run):
    assert_same_weights(run)


def assert_same_weights(run, emotion_of=(), recipe=RECIPE):
    from safetensors.torch import load_file

    image = EfficientNetLite0.pretrained()
    towers = build_towers(len(EMOTIONS), recipe, image, MiniLM(), emotion_of)
    towers.load_state_dict(load_file(run / "model.safetensors"))
    metrics = json.loads((run / "metrics.json").read_text())
    draw = torch.Generator().manual_seed(0)
    text, seen, one = torch.randn(1, 384, generator=draw), torch.randn(1, 1280, generator=draw), torch.ones(1)
    with torch.inference_mode():
        outputs = towers.eval().fusion({"text": text, "image": seen}, {"text": one, "image": one})
        emotions = towers.parts(outputs) if emotion_of else outputs
        expected = (emotions / metrics["temperature"]).softmax(dim=1)
    import onnxruntime

    names = ("text", "image", "has_text", "has_image")
    given = dict(zip(names, (half.numpy() for half in (text, seen, one, one)), strict=True))
    (found,) = onnxruntime.InferenceSession(str(run / "fusion.onnx")).run(None, given)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.slow
def test_scores_are_of_all_of_dev_and_of_dev_without_what_stands_in_train(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert list(metrics["scores"]) == ["dev, without the 2 posts that also stand in train", "dev, all posts"]
    apart, everything = (entry["both"]["posts"] for entry in metrics["scores"].values())
    assert (apart, everything) == (10, 12)
    assert metrics["posts"] == [{"table": "posts.csv", "labelled": 40, "without_emotion": 0}]
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == [1]
    assert metrics["emotions"] == json.loads((run / "labels.json").read_text())["emotions"]


@pytest.mark.slow
def test_the_card_and_the_recipe_say_how_it_was_made(run):
    card = (run / "README.md").read_text()
    assert card.startswith("# run\n")
    assert RECIPE.purpose in card
    assert "feelscope train TABLE --recipe run/recipe.toml --out RUN" in card
    assert "(figures/confusion.png)" in card
    assert read_toml(run / "recipe.toml", Recipe) == RECIPE


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_told_and_its_words_are_used(run):
    (row,) = [json.loads(line) for line in (run / "quarantine.jsonl").read_text().splitlines()]
    assert row["id"] == "post 5"
    assert row["reason"].startswith("picture not used in training: ")
    assert "5.png" in row["reason"]
    assert row["table"].endswith("posts.csv")


@pytest.mark.slow
def test_a_finished_run_is_not_trained_over(run, place):
    before = (run / "manifest.json").read_bytes()
    refused(place, run, ModelError, "something is there already; give a new folder, or --resume")
    refused(place, run, ModelError, "there is no checkpoint to resume from", resume=True)
    assert (run / "manifest.json").read_bytes() == before
    assert model_folder.read_labels(run).name == "run"


class Stopped(Exception):
    pass


def stop_at(stage, at):
    def progress(now, done, total, detail):
        if now == stage and done == at:
            raise Stopped

    return progress


@pytest.mark.slow
def test_stopped_then_resumed_without_a_dev_table(place, run):
    out = place / "stopped"
    with pytest.raises(Stopped):
        go(place, out, progress=stop_at("training", 2))
    with pytest.raises(ModelError, match="manifest"):
        EmotionClassifier.load(out)
    message = refused(place, out, ModelError, "belongs to another recipe", recipe=replace(RECIPE, seed=1), resume=True)
    assert str(out / checkpoint.FILE) in message
    go(place, out, resume=True)
    (name,) = json.loads((out / "metrics.json").read_text())["scores"]
    assert name.startswith("tuning part of train"), "without a dev table"
    whole, resumed = (json.loads((folder / "metrics.json").read_text()) for folder in (run, out))
    assert resumed["epochs"] == whole["epochs"]
    assert resumed["temperature"] == whole["temperature"]
    assert not (out / checkpoint.FILE).exists()
    assert (out / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()
    assert (out / "text.onnx").read_bytes() == (run / "text.onnx").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["training", "training on all posts"])
def test_with_a_dev_table_all_posts_are_trained_on_once_the_choices_are_made(place, run, stage):
    """Stopped in either of the two trainings, it goes on to what one without a stop gives."""
    recipe = replace(RECIPE, refit=True)
    out = place / f"refit after {stage}"
    with pytest.raises(Stopped):
        go(place, out, recipe, dev=place / "dev.csv", progress=stop_at(stage, 2))
    go(place, out, recipe, dev=place / "dev.csv", resume=True)
    once, twice = (json.loads((folder / "metrics.json").read_text()) for folder in (run, out))
    assert twice["epochs"] == once["epochs"]
    assert twice["temperature"] == once["temperature"]
    assert (out / "model.safetensors").read_bytes() != (run / "model.safetensors").read_bytes()
    assert {file.name for file in out.iterdir()} == {file.name for file in run.iterdir()}
    assert "choosing on 20% of it, then training on all" in (out / "README.md").read_text()
    other = place / "refit, no stop"
    if not other.exists():
        go(place, other, recipe, dev=place / "dev.csv")
    assert (out / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_finer_column_is_learnt_and_not_asked_for(place):
    """Two known parts of each emotion, and the posts of which only the emotion is known."""
    out = go(place, place / "finer", replace(RECIPE, finer="where"))
    assert_same_weights(out, emotion_of=[number // 3 for number in range(9)])
    said = EmotionClassifier.load(out).predict([Post("1", SAID["fear"], image=place / "0.png")])[0]
    assert set(said.probabilities) == set(EMOTIONS)
    assert sum(said.probabilities.values()) == pytest.approx(1)


@pytest.mark.slow
def test_deep_sentiment_over_the_same_encoders(place):
    recipe = replace(RECIPE, fusion="deep_sentiment")
    out = go(place, place / "deep", recipe)
    assert_same_weights(out, recipe=recipe)
    assert "2048 features of the words" in (out / "README.md").read_text()
    posts = [Post("1", SAID["fear"], image=place / "0.png"), Post("2", SAID["fear"]), Post("3", image=place / "0.png")]
    found = EmotionClassifier.load(out).predict(posts)
    assert [one.modalities for one in found] == [("text", "image"), ("text",), ("image",)]


@pytest.mark.slow
def test_a_teacher_is_learnt_from(place, run):
    """One that takes every post for fear is believed a little, and not at all at a share of zero."""
    answers = [{"id": f"post {number}", "probabilities": {"fear": 1.0}} for number in range(40)]
    (place / "teacher.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    taught = go(place, place / "taught", replace(RECIPE, teacher_share=1.0), teachers=[place / "teacher.jsonl"])
    deaf = go(place, place / "deaf", replace(RECIPE, teacher_share=0.0), teachers=[place / "teacher.jsonl"])
    post = Post("1", SAID["happiness"])
    fear = [EmotionClassifier.load(folder).predict([post])[0].probabilities["fear"] for folder in (taught, deaf, run)]
    assert fear[0] > fear[1] + 0.05
    assert fear[1] == pytest.approx(fear[2], abs=1e-3)
    card = (place / "taught/README.md").read_text()
    assert "Of 40 posts, one half alone learnt 100% from a teacher's answer" in card
    assert "feelscope train TABLE --teacher FILE --recipe taught/recipe.toml" in card
    assert "teacher" not in (run / "README.md").read_text()


def test_a_teacher_of_other_posts_is_said(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    (tmp_path / "teacher.jsonl").write_text('{"id": "other", "probabilities": {"joy": 1}}\n')
    said = "its ids are none of the posts to train on"
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, teachers=[tmp_path / "teacher.jsonl"])
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_stopped_before_the_first_step_it_can_be_trained_again(place):
    out = place / "early"
    for _ in range(2):  # the second time over what the first has left
        with pytest.raises(Stopped):
            go(place, out, progress=stop_at("encoding words", 0))
    assert {file.name for file in out.iterdir()} == {"quarantine.jsonl"}


# Bad input


def refused(place, out, kind, said, **given):
    with pytest.raises(FeelscopeError) as caught:
        go(place, out, **given)
    assert type(caught.value) is kind
    message = str(caught.value)
    assert re.search(said, message), message
    assert "\n" not in message
    return message


def bad_table(folder, content):
    path = folder / "bad.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("id,text\n1,hello\n", TableError, r"bad\.csv.*emotion"),
        ("", TableError, r"bad\.csv"),
        ("id,text,emotion\n", TableError, r"bad\.csv"),
        ("id,text,emotion\n1,,joy\n2,hello,\n", TableError, r"bad\.csv: none of its rows is a labelled post"),
    ],
    ids=["no emotion", "empty", "no rows", "only bad rows"],
)
def test_a_table_to_train_on_that_is_none(tmp_path, content, kind, said):
    refused(tmp_path, tmp_path / "out", kind, said, table=bad_table(tmp_path, content))
    left = {file.name for file in (tmp_path / "out").glob("*")}
    assert left <= {"quarantine.jsonl"}


def test_after_a_bad_table_the_same_folder_is_taken(tmp_path):
    bad = bad_table(tmp_path, "id,text,emotion\n1,,joy\n")
    for _ in range(2):
        refused(tmp_path, tmp_path / "out", TableError, "none of its rows", table=bad)
    assert (tmp_path / "out" / "quarantine.jsonl").exists()


def test_nothing_is_left_where_nothing_was_made(tmp_path):
    refused(tmp_path, tmp_path / "out", TableError, "no such file", table=tmp_path / "none.csv")
    refused(tmp_path, tmp_path / "out", ModelError, "there is no checkpoint to resume from", resume=True)
    refused(tmp_path, tmp_path / "out", TableError, "no such file", dev=tmp_path / "none.csv")
    refused(tmp_path, tmp_path / "out", TableError, "emotion", dev=bad_table(tmp_path, "id,text\n1,hello\n"))
    refused(tmp_path, tmp_path / "out", ConfigError, "this recipe needs a posts table", table=None)
    own = replace(RECIPE, data=(Source("a.csv", "A", "free"),))
    refused(tmp_path, tmp_path / "out", ConfigError, "give --data and no table", recipe=own, data=tmp_path)
    refused(tmp_path, tmp_path / "out", ConfigError, "with --data DIR", recipe=own, table=None)
    finer = replace(own, finer="where")
    refused(tmp_path, tmp_path / "out", ConfigError, "leave it out here", recipe=finer, table=None, data=tmp_path)
    refused(tmp_path, tmp_path / "out", ConfigError, r"a\.csv: this table", recipe=own, table=None, data=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"bad.csv"}


def test_a_folder_with_other_things_or_a_file_is_not_written_to(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    refused(tmp_path, tmp_path / "out", ModelError, "something is there already")
    refused(tmp_path, tmp_path / "out" / "thesis.txt", ModelError, "something is there already")
    refused(tmp_path, tmp_path / "out" / "thesis.txt" / "run", ModelError, "cannot be made")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_labels_that_the_recipe_does_not_know(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,wistful\n2,hi,smug\n")
    known = replace(RECIPE, emotions=("joy", "fear"))
    refused(tmp_path, tmp_path / "out", TableError, "none of its labels is among joy, fear", recipe=known, table=table)
    (tmp_path / "bad.csv").rename(tmp_path / "own.csv")
    own = replace(RECIPE, data=(Source("own.csv", "A", "free", map="goemotion"),))
    said = "no map of labels is named 'goemotion'; did you mean 'goemotions'"
    refused(tmp_path, tmp_path / "out", ConfigError, said, recipe=own, table=None, data=tmp_path)
    assert not (tmp_path / "out").exists()


def test_one_emotion_alone_cannot_be_trained(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,joy\n")
    refused(tmp_path, tmp_path / "out", TableError, "every post has the emotion 'joy'", table=table)
    assert not (tmp_path / "out").exists()


def test_a_dev_label_that_is_not_trained_on_is_said_before_the_training(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    (tmp_path / "dev.csv").write_text("id,text,emotion\n1,hello,happy\n2,hi,smug\n")
    said = r"dev\.csv: the label 'smug' is not trained on, known are fear, joy"
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, dev=tmp_path / "dev.csv")
    assert not (tmp_path / "out").exists()


def test_a_data_folder_is_for_recipes_with_tables_of_their_own(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    refused(tmp_path, tmp_path / "out", ConfigError, "leave --data out", table=table, data=tmp_path)
    assert not (tmp_path / "out").exists()


def test_an_unknown_recipe_on_the_command_line(tmp_path):
    from feelscope.cli import app

    table = str(write_table(tmp_path / "data", "posts.csv", 3))
    result = CliRunner().invoke(app, ["train", table, "--recipe", "fusoin", "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == "no recipe is named 'fusoin'; did you mean 'fusion'?"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_recipe_with_tables_of_its_own_is_scored_on_its_dev_table(place):
    source = Source(table="posts.csv", name="Drawn posts", licence="ours", dev="dev.csv")
    recipe = replace(RECIPE, data=(source,), emotions=(*EMOTIONS, "anger"), tuning=0.0)
    out = train(recipe, place / "named", data=place)
    scores = json.loads((out / "metrics.json").read_text())["scores"]
    assert [name.partition(",")[0] for name in scores] == ["dev.csv", "dev.csv"]
    assert scores["dev.csv, all posts"]["posts"] == 12
    assert scores["dev.csv, all posts"]["emotions"] == [*EMOTIONS, "anger"]
