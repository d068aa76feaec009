"""A training from a table to a model that every command opens: everything tuned, or word vectors and tags."""

import hashlib
import json
import re
import shutil
from dataclasses import replace

import pytest
import torch
from PIL import Image
from small_family import EMOTIONS, changed
from small_runs import SAID, TUNED, WORDS, go, go_by_words, go_small, refused, trained_network, write_place
from small_weights import small_weights

from feelscope.config import read_toml
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode
from feelscope.errors import FeelscopeError, ModelError
from feelscope.evaluate.evaluate import evaluate
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable
from feelscope.train import checkpoint
from feelscope.train.recipe import Recipe
from feelscope.train.selection import answer


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return write_place(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="module")
def run(place):
    stages = []

    def progress(stage, done, total, detail):
        stages.append(stage)
        assert done <= total

    assert go(place, place / "run", dev=place / "dev.csv", progress=progress) == place / "run"
    assert {"reading posts", "reading pictures", "training", "saving the model", "scoring"} <= set(stages)
    return place / "run"


@pytest.fixture(scope="module")
def worded(place):
    return go_by_words(place, place / "worded", dev=place / "words" / "dev.csv")


@pytest.mark.slow
def test_all_files_of_a_run_are_there(run, worded):
    common = {
        *("labels.json", "manifest.json", "metrics.json", "README.md", "recipe.toml", "model.safetensors"),
        *("text.onnx", "fusion.onnx", "tokenizer.json", "figures", "tensorboard"),
    }
    assert {file.name for file in run.iterdir()} == common | {"image.onnx", "quarantine.jsonl"}, "and no checkpoint"
    assert {file.name for file in worded.iterdir()} == common, "and none of pictures"
    for name in ("confusion", "reliability", "f1_by_emotion", "learning_curve", "by_modality"):
        for ending in ("png", "svg", "csv"):
            assert (run / "figures" / f"{name}.{ending}").stat().st_size > 50
    Image.open(run / "figures" / "confusion.png").verify()
    assert list((run / "tensorboard").iterdir())


@pytest.mark.slow
def test_the_run_is_a_model_that_answers(run, place):
    classifier = EmotionClassifier.load(run)
    assert classifier.name == "run"
    assert set(classifier.emotions) == set(EMOTIONS)
    posts = [Post("1", SAID["fear"], image=place / "0.png"), Post("2", SAID["fear"]), Post("3", image=place / "0.png")]
    both, text, image = classifier.predict(posts)
    assert [one.modalities for one in (both, text, image)] == [("text", "image"), ("text",), ("image",)]
    assert sum(both.probabilities.values()) == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "subclasses", "deep"])
def test_the_saved_fusion_is_the_trained_one(name, place, request):
    import onnxruntime

    made = {"run": TUNED, "subclasses": changed(TUNED, data__subclass="where"), "deep": deep()}[name]
    if name == "run":
        out = request.getfixturevalue("run")
        network, _, temperature = trained_network(out, made, place)
    else:
        out = go_small(place, place / name, made)
        with small_weights():
            network, _, temperature = trained_network(out, made, place)
    draw = torch.Generator().manual_seed(0)
    vectors = {"text": torch.randn(1, 384, generator=draw), "image": torch.randn(1, 1280, generator=draw)}
    present = {"text": torch.ones(1), "image": torch.ones(1)}
    with torch.inference_mode():
        expected = (network.emotions(network.fusion(vectors, present)) / temperature).softmax(dim=1)
    inputs = {name: value.numpy() for name, value in vectors.items()}
    inputs |= {f"has_{name}": value.numpy() for name, value in present.items()}
    (saved,) = onnxruntime.InferenceSession(str(out / "fusion.onnx")).run(None, inputs)
    assert saved[0].tolist() == pytest.approx(expected[0].tolist(), abs=1e-5)
    assert len(saved[0]) == 3, "subclasses are learnt and not asked for"
    posts = [Post("1", SAID["fear"], image=place / "0.png"), Post("2", SAID["fear"]), Post("3", image=place / "0.png")]
    answers = EmotionClassifier.load(out).predict(posts)
    assert [one.modalities for one in answers] == [("text", "image"), ("text",), ("image",)]


def deep():
    return changed(TUNED, fusion__model="deep_sentiment", fusion__hidden_size=64)


@pytest.mark.slow
def test_a_model_of_words_answers_as_the_torch_network_does(worded, place):
    folder = place / "words"
    resources = Resources(folder / "features", folder / "vectors.txt")
    network, encoded, temperature = trained_network(worded, WORDS, folder, resources=resources)
    posts = [
        *PostsTable(folder / "dev.csv"),
        Post("text", "laugh"),
        Post("tags", "zzz", tags=("fea",)),
        Post("numbers", "zzz", other={"votes": 11}),
        Post("rare", "rareb, rareb! house"),
    ]
    some = encode(posts, [0] * len(posts), encoded.encoders, progress=silent, refuse=silent)
    expected = (answer(network, some) / temperature).softmax(dim=1)
    predictions = EmotionClassifier.load(worded).predict(posts)
    for row, (post, probabilities, prediction) in enumerate(zip(posts, expected, predictions, strict=True)):
        there = tuple(name for name in some.present if some.present[name][row])
        assert prediction.modalities == there
        if there:
            assert list(prediction.probabilities.values()) == pytest.approx(probabilities.tolist(), abs=1e-5), post.id


@pytest.mark.slow
def test_planted_emotions_of_posts_it_has_not_seen(worded, place):
    scores = evaluate(EmotionClassifier.load(worded), PostsTable(place / "words" / "dev.csv"))
    assert scores.both.macro_f1 > 0.95
    kept = json.loads((worded / "metrics.json").read_text())["scores"]["dev, all posts"]["both"]["macro_f1"]
    assert kept == pytest.approx(scores.both.macro_f1)


@pytest.mark.slow
def test_what_cannot_be_read_of_a_post_is_said(worded):
    classifier = EmotionClassifier.load(worded)
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
def test_scores_are_of_all_of_dev_and_of_dev_without_what_is_in_the_training_data(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert list(metrics["scores"]) == [
        "dev, without the 2 posts that also appear in the training data",
        "dev, all posts",
    ]
    apart, everything = (entry["both"]["posts"] for entry in metrics["scores"].values())
    assert (apart, everything) == (10, 12)
    assert metrics["posts"] == [{"table": "posts.csv", "labelled": 40, "without_emotion": 0}]
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == [1]
    assert metrics["emotions"] == json.loads((run / "labels.json").read_text())["emotions"]


@pytest.mark.slow
def test_the_card_and_the_recipe_say_how_it_was_made(run, worded, place):
    card = (run / "README.md").read_text()
    assert card.startswith("# run\n")
    assert TUNED.purpose in card
    assert "Together: gated fusion" in card
    assert f"feelscope train {place / 'posts.csv'} --recipe {run / 'recipe.toml'} --dev {place / 'dev.csv'}" in card
    assert "(figures/confusion.png)" in card
    assert read_toml(run / "recipe.toml", Recipe) == TUNED
    labels = json.loads((worded / "labels.json").read_text())
    assert labels["modalities"] == ["text", "tags", "numbers"]
    assert [one["kind"] for one in labels["further"]] == ["tags", "numbers"]
    card = (worded / "README.md").read_text()
    assert "Together: joint fusion" in card
    assert f" --words {place / 'words' / 'vectors.txt'}" in card
    assert re.search(
        r"^\| vectors\.txt \(SHA-256 \w{16}\.\.\.\) \| – \| vectors of words \| licence not stated \|$", card, re.M
    )


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_told_and_its_words_are_used(run):
    (row,) = [json.loads(line) for line in (run / "quarantine.jsonl").read_text().splitlines()]
    assert row["id"] == "post 5"
    assert row["reason"].startswith("picture not used in training: ")
    assert "5.png" in row["reason"]
    assert row["table"].endswith("posts.csv")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_files(worded, place):
    again = go_by_words(place, place / "again" / "worded", dev=place / "words" / "dev.csv")
    for name in ("model.safetensors", "text.onnx", "fusion.onnx", "tokenizer.json", "labels.json", "recipe.toml"):
        assert (again / name).read_bytes() == (worded / name).read_bytes(), name
    other = go_by_words(place, place / "other", replace(WORDS, seed=1))
    assert (other / "model.safetensors").read_bytes() != (worded / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_model_whose_tags_do_not_fit_is_refused(worded, tmp_path):

    shutil.copytree(worded, tmp_path / "torn")
    file, manifest = tmp_path / "torn" / "labels.json", tmp_path / "torn" / "manifest.json"
    labels, digests = json.loads(file.read_text()), json.loads(manifest.read_text())
    for further, said in (
        (
            [{**labels["further"][0], "tags": ["one"]}, labels["further"][1]],
            "fusion.onnx does not fit the tags of labels.json; train or copy it again",
        ),
        (labels["further"][:1], "its kinds are not those of the modalities"),
        ([{"kind": "smell"}, {"kind": "tags"}], r"its kinds are not those of the modalities, found \['smell'"),
    ):
        file.write_text(json.dumps({**labels, "further": further}))
        digests["labels.json"] = hashlib.sha256(file.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(digests))
        with pytest.raises(FeelscopeError, match=said) as caught:
            EmotionClassifier.load(tmp_path / "torn")
        assert "\n" not in str(caught.value)


# Stopping and resuming


@pytest.mark.slow
def test_a_finished_run_is_not_trained_over(run, place):
    before = (run / "manifest.json").read_bytes()
    refused(place, run, ModelError, "something is there already; give a new folder, or --resume")
    other = replace(TUNED, seed=1)
    refused(place, run, ModelError, "the training is finished, and of another recipe", made=other, resume=True)
    left = run / "choosing" / checkpoint.FILE  # by a kill while checkpoints were removed
    left.parent.mkdir()
    left.write_bytes(b"of a training that is done")
    assert go(place, run, resume=True) == run
    assert not left.parent.exists()
    assert (run / "manifest.json").read_bytes() == before
    assert model_folder.read_labels(run).name == "run"


@pytest.mark.slow
def test_gradients_explain_words_and_pixels_of_a_tuned_run(run, place, monkeypatch):
    from feelscope.explain import gradients
    from feelscope.explain.integral import integrate
    from feelscope.train.rebuilding import RebuiltRun

    monkeypatch.setattr(gradients, "integrate", lambda *given: integrate(*given, steps=(32,)))
    post = Post("1", SAID["fear"], image=place / "0.png")
    found = gradients.explain(RebuiltRun(run), post)
    served = EmotionClassifier.load(run).predict([post])[0]
    assert found.prediction == served
    assert found.probability == pytest.approx(served.probabilities[found.emotion], abs=0.1), "in 8-bit integers"
    assert len(found.regions) == 64 and any(region.weight for region in found.regions)
    assert " ".join(post.text[word.start : word.end] for word in found.words) == SAID["fear"].replace(",", " ,")
    change = found.probability - found.baseline
    gap = abs(sum(found.modalities.values()) - change)
    assert gap <= 0.05 * max(abs(change), 0.02) or any("the weights sum to" in one for one in found.warnings)
