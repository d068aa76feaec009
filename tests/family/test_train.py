"""A training of the family from a table to a model that every command opens."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_family import EMOTIONS, SAID, recipe, write_table, write_vectors
from typer.testing import CliRunner

from feelscope.config import read_toml
from feelscope.errors import ConfigError, FeelscopeError, ModelError, TableError
from feelscope.evaluate.evaluate import evaluate
from feelscope.family.answers import answer, probabilities
from feelscope.family.fit import fit
from feelscope.family.inputs import encode
from feelscope.family.train import prepare, read_table, train
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable, Quarantine
from feelscope.train.corpus import order_emotions
from feelscope.train.fusion_recipe import FusionRecipe

RECIPE = replace(recipe("joint", text="words", image="", modalities=("tags", "numbers:votes")), tuning=0.2, epochs=6)


def silent(stage, done, total, detail):
    assert done <= total


def go(place, out, chosen=RECIPE, **given):
    ways = {"table": place / "posts.csv", "words": place / "vectors.txt", "progress": silent}
    return train(chosen, out, **(ways | given))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a table to train on, a dev table, and word vectors."""
    folder = tmp_path_factory.mktemp("family")
    write_table(folder / "posts.csv", 60)
    write_table(folder / "dev.csv", 18, first=60)
    write_vectors(folder / "vectors.txt")
    return folder


@pytest.fixture(scope="module")
def run(place):
    return go(place, place / "run", dev=place / "dev.csv")


@pytest.mark.slow
def test_the_run_is_a_model_folder_with_all_its_files_and_none_of_pictures(run):
    names = {file.name for file in run.iterdir()}
    assert names == {
        *("labels.json", "manifest.json", "metrics.json", "README.md", "recipe.toml", "model.safetensors", "figures"),
        *("tokenizer.json", "text.onnx", "fusion.onnx"),
    }
    labels = json.loads((run / "labels.json").read_text())
    assert labels["modalities"] == ["text", "tags", "numbers"]
    assert [one["kind"] for one in labels["further"]] == ["tags", "numbers"]
    assert read_toml(run / "recipe.toml", FusionRecipe) == RECIPE
    card = (run / "README.md").read_text()
    assert "Joint fusion" in card and "feelscope train TABLE --words FILE --recipe run/recipe.toml --out RUN" in card


@pytest.mark.slow
def test_it_answers_as_the_torch_model_does(run, place):
    """The same training again, in torch; then its answers beside those of the saved model."""
    quarantine = Quarantine()
    source = read_table(place / "posts.csv", RECIPE, None, quarantine)
    material = prepare(
        source,
        RECIPE,
        words=place / "vectors.txt",
        weights=None,
        cache=place,
        quarantine=quarantine,
        progress=silent,
    )
    fitted = fit(RECIPE, material.inputs, len(EMOTIONS), material.training, material.tuning, silent)
    assert fitted.temperature == json.loads((run / "metrics.json").read_text())["temperature"]
    posts = [
        *PostsTable(place / "dev.csv"),
        Post("text", "laugh"),
        Post("tags", "zzz", tags=("fea",)),
        Post("numbers", "zzz", other={"votes": 11}),
        Post("rare", "rareb, rareb! house"),
    ]
    signals = encode(posts, [0] * len(posts), material.inputs, progress=silent, refuse=silent)
    expected = probabilities(answer(fitted.network, signals), fitted.temperature)
    classifier = EmotionClassifier.load(run)
    assert classifier.emotions == material.emotions
    for post, row, counted, found in zip(posts, expected, signals.counts(), classifier.predict(posts), strict=True):
        if not counted:
            assert found.emotion is None
            continue
        assert list(found.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-5), post.id
        there = [name for name in signals.present if signals.present[name][posts.index(post)]]
        assert list(found.modalities) == there
    assert not torch.equal(expected[-1], expected[-2])


@pytest.mark.slow
def test_planted_emotions_of_posts_it_has_not_seen(run, place):
    scores = evaluate(EmotionClassifier.load(run), PostsTable(place / "dev.csv"))
    assert scores.both.macro_f1 > 0.95
    assert json.loads((run / "metrics.json").read_text())["scores"]["dev, all posts"]["both"]["macro_f1"] == (
        pytest.approx(scores.both.macro_f1)
    )


@pytest.mark.slow
def test_what_cannot_be_read_of_a_post_is_said(run):
    classifier = EmotionClassifier.load(run)
    (unknown,) = classifier.predict([Post("1", "qwertz uiop", other={"votes": "11"})])
    assert unknown.modalities == ("numbers",)
    assert unknown.warnings == ("the text was not used: this model knows none of its words",)
    (nothing,) = classifier.predict([Post("1", "qwertz", image=b"x")])
    assert nothing.emotion is None
    assert "the image was not used: this model was trained without any" in nothing.warnings
    (infinite,) = classifier.predict([Post("1", "laugh", other={"votes": "inf"})])
    assert infinite.modalities == ("text",)
    assert infinite.warnings[0].startswith("numbers: not used, post '1', column 'votes'")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_files(run, place):
    again = go(place, place / "again" / "run", dev=place / "dev.csv")
    for name in ("model.safetensors", "text.onnx", "fusion.onnx", "tokenizer.json", "labels.json", "recipe.toml"):
        assert (again / name).read_bytes() == (run / name).read_bytes(), name
    other = go(place, place / "other", replace(RECIPE, seed=1))
    assert (other / "model.safetensors").read_bytes() != (run / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_model_whose_tags_do_not_fit_is_refused(run, tmp_path):
    import hashlib
    import shutil

    shutil.copytree(run, tmp_path / "torn")
    file, manifest = tmp_path / "torn" / "labels.json", tmp_path / "torn" / "manifest.json"
    labels, digests = json.loads(file.read_text()), json.loads(manifest.read_text())
    for further, said in (
        ([{**labels["further"][0], "tags": ["one"]}, labels["further"][1]], "fusion.onnx does not fit the tags of"),
        (labels["further"][:1], "names 2 further modalities and has 1"),
        ([{"kind": "smell"}, {"kind": "tags"}], "'smell' is unknown"),
    ):
        file.write_text(json.dumps({**labels, "further": further}))
        digests["labels.json"] = hashlib.sha256(file.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(digests))
        with pytest.raises(FeelscopeError, match=said) as caught:
            EmotionClassifier.load(tmp_path / "torn")
        assert "\n" not in str(caught.value)


# Bad input


def refused(place, out, kind, said, *given, **named):
    with pytest.raises(FeelscopeError) as caught:
        go(place, out, *given, **named)
    assert type(caught.value) is kind
    assert re.search(said, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (out / "manifest.json").exists()


def test_a_modality_that_the_table_lacks(place, tmp_path):
    pictures = recipe("image_only")
    said = r"posts\.csv: no post has any image that can be read, and the recipe reads image; name its column"
    refused(place, tmp_path / "out", TableError, said, pictures, words=None)
    said = r"no training post has a column 'ups'"
    refused(place, tmp_path / "out", TableError, said, replace(RECIPE, modalities=("numbers:ups",)))
    refused(place, tmp_path / "out", ConfigError, "with --words FILE", words=None)
    assert not (tmp_path / "out").exists()


def test_a_table_that_is_none_or_labels_that_are_not_trained_on(place, tmp_path):
    refused(place, tmp_path / "out", ConfigError, "this recipe needs a posts table", table=None)
    refused(place, tmp_path / "out", TableError, "no such file", table=tmp_path / "none.csv")
    refused(place, tmp_path / "out", TableError, "no such file", dev=tmp_path / "none.csv")
    (tmp_path / "dev.csv").write_text("id,text,emotion\n1,hello,smug\n")
    said = r"dev\.csv: the label 'smug' is not trained on, known are"
    refused(place, tmp_path / "out", TableError, said, dev=tmp_path / "dev.csv")
    (tmp_path / "one.csv").write_text("id,text,emotion\n1,laugh,joy\n2,dark,joy\n")
    refused(place, tmp_path / "out", TableError, "every post has the emotion 'joy'", table=tmp_path / "one.csv")
    refused(place, place, ModelError, "something is there already")
    assert {file.name for file in tmp_path.iterdir()} == {"dev.csv", "one.csv"}


def test_options_that_a_recipe_has_no_use_for(place, tmp_path):
    from feelscope.cli import app

    out = str(tmp_path / "out")
    table, words = str(place / "posts.csv"), str(place / "vectors.txt")
    for arguments, said in (
        (["--recipe", "fusion", "--words", words], "--words: this recipe reads no word vectors"),
        (["--recipe", "paper/joint", "--words", words, "--resume"], "--resume: a recipe of the fusion family"),
        (
            ["--recipe", "paper/joint", "--words", words, "--data", str(tmp_path)],
            "--data: a recipe of the fusion family",
        ),
        (["--recipe", "strong/joint", "--words", words], "this recipe reads no word vectors"),
        (["--recipe", "paper/jiont"], "did you mean 'paper/joint'?"),
    ):
        result = CliRunner().invoke(app, ["train", table, "--out", out, *arguments])
        assert isinstance(result.exception, ConfigError)
        assert said in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_emotions_are_in_the_order_of_the_recipe_or_by_frequency(place):
    source = read_table(place / "posts.csv", RECIPE, None, Quarantine())
    assert set(order_emotions([source], ())) == set(SAID)
    assert order_emotions([source], EMOTIONS[::-1]) == EMOTIONS[::-1]
    assert source.posts[0].tags == ("hap",)
    assert np.unique([post.emotion for post in source.posts]).tolist() == sorted(SAID)
