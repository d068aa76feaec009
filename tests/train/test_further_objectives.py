"""Objectives that add to the network or to the posts, from a recipe's table to a saved model."""

import json

import numpy as np
import pytest
import small_family

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings
from feelscope.errors import ConfigError
from feelscope.objectives.settings import DeltaSettings, DSRegSettings, SecretSettings
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train.rebuilding import RebuiltRun
from feelscope.train.recipe import read_recipe
from feelscope.train.train import train

SAID = [Post("1", "the sunny house"), Post("2", "grave tears"), Post("3", "then went dark"), Post("4", "a scream")]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table, and word vectors that know the emotions' names as well."""
    folder = tmp_path_factory.mktemp("objectives")
    vectors = small_family.write_vectors(folder / "vectors.txt")
    with vectors.open("a", encoding="utf-8") as file:
        for number, emotion in enumerate(small_family.EMOTIONS):
            file.write(f"{emotion} {' '.join('1.0' if place == number else '0.0' for place in range(6))}\n")
    return small_family.write_table(folder / "posts.csv", 60), vectors


def trained(files, out, **tables):
    table, vectors = files
    recipe = small_family.recipe(
        "text_only", image=ImageSettings(), choices__validation=0.2, steps__epochs=20, **tables
    )
    return train(recipe, out, table=table, resources=Resources(out.parent / "features", vectors)), recipe


def test_all_together_make_a_model_that_is_saved_and_rebuilt(files, tmp_path):
    tables = {"delta": DeltaSettings(0.001), "dsreg": DSRegSettings(0.5, "chance"), "secret": SecretSettings(0.5)}
    run, recipe = trained(files, tmp_path / "run", **tables)
    assert read_recipe(run / "recipe.toml") == recipe
    epochs = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["epochs"]
    assert all(0 <= epoch["moved_words"] <= 1 for epoch in epochs)
    rebuilt, classifier = RebuiltRun(run), EmotionClassifier.load(run)
    space = rebuilt._network.label_space
    assert space is not None and space.labels.shape == (3, 6)
    for post in SAID:
        inputs, prediction = rebuilt.read(post)
        found = rebuilt.probabilities(inputs.ids, None, {})[0].tolist()
        assert found == pytest.approx([*prediction.probabilities.values()], abs=1e-4)
        assert prediction == classifier.predict([post])[0]


@pytest.mark.slow
def test_a_label_space_that_counts_is_in_the_saved_model(files, tmp_path, monkeypatch):
    from feelscope.train import selection

    answers = []
    for share in (0.0, 1.0):
        monkeypatch.setattr(selection, "SHARES", (share,))
        run, _ = trained(files, tmp_path / f"run {share}", secret=SecretSettings(0.5))
        classifier = EmotionClassifier.load(run)
        answers.append([[*one.probabilities.values()] for one in classifier.predict(SAID)])
    assert np.abs(np.subtract(*answers)).max() > 0.01
    assert (np.argmax(answers[1], axis=1) == np.argmax(answers[0], axis=1)).all()


def test_labels_need_vectors(files, tmp_path):
    from feelscope.train.encoding import check_resources

    recipe = small_family.recipe("early", text=small_family.TextSettings("minilm"), secret=SecretSettings())
    with pytest.raises(ConfigError, match="secret: the emotions' words need vectors; give some with --words FILE"):
        check_resources([recipe], Resources(tmp_path))
    check_resources([recipe], Resources(tmp_path, files[1]))
