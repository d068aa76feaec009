"""What a run says about itself: its scores by value, and what its card says of the data, the model and the command."""

import json
from dataclasses import replace

import pytest
import torch
from small_family import changed, recipe
from torch import nn

from feelscope.config import read_toml
from feelscope.encoders.settings import FurtherSettings, ImageSettings
from feelscope.post import Post
from feelscope.saved_model.folder import BUILTIN, read_labels
from feelscope.train import report
from feelscope.train.data import Corpus, SourcePosts
from feelscope.train.fit import Fitted
from feelscope.train.recipe import Recipe, Source
from feelscope.words.origin import Origin

EMOTIONS = read_labels(BUILTIN).emotions
SOURCE = Source("a.csv", "Own posts", "ours")
OTHER = Source("b.csv", "Others' posts", "CC BY 4.0")
HAPPY = [Post(f"h{number}", f"I am so happy, {number} times", emotion="happiness") for number in range(3)]
SAD = [Post(f"s{number}", f"I am so sad, {number} times", emotion="sadness") for number in range(2)]
CORPUS = Corpus(EMOTIONS, [SourcePosts(SOURCE, HAPPY, 4), SourcePosts(OTHER, SAD, 0)], [False] * 5)
EPOCH = {"epoch": 1, "train_loss": 1.5, "validation_loss": 1.4, "validation_macro_f1": 0.4}
FITTED = Fitted(nn.Linear(2, 3), 1.2345, [EPOCH], {"": 1})
TOLD = report.Told("Words: an abacus.", "feelscope train own.csv")
RECIPE = recipe("joint", image=ImageSettings(), further=FurtherSettings(("tags",)), seed=7)


def write(out, corpus=CORPUS, fitted=FITTED, dev=None, made=RECIPE):
    """Report on a model's folder, which has the networks of the built-in one."""
    out.mkdir()
    for file in BUILTIN.glob("*.onnx"):
        (out / file.name).hardlink_to(file)
    for name in ("labels.json", "manifest.json", "tokenizer.json", "calibration.json"):
        (out / name).write_bytes((BUILTIN / name).read_bytes())
    told = []
    report.write(out, made, corpus, fitted, dev or {}, {}, TOLD, progress=lambda *now: told.append(now))
    return json.loads((out / "metrics.json").read_text()), (out / "README.md").read_text(), told


def test_a_run_is_scored_on_dev_and_says_what_it_was_made_of(tmp_path):
    from safetensors.torch import load_file

    new = [replace(post, text="Sad!") for post in SAD]
    dev = {"dev": [Post("same", "I am so HAPPY: 1 times", emotion="happiness"), *new], "old": HAPPY[:1]}
    metrics, card, told = write(tmp_path / "run", dev=dev)
    assert {name: scores["posts"] for name, scores in metrics["scores"].items()} == {
        "dev, without the 1 posts that also appear in the training data": 2,
        "dev, all posts": 3,
        "old, all posts": 1,  # and no scores of nothing
    }
    assert (metrics["emotions"], metrics["subclasses"]) == (list(EMOTIONS), [])
    assert (metrics["seed"], metrics["temperature"], metrics["epochs"]) == (7, 1.2345, [EPOCH])
    assert metrics["posts"] == [
        {"table": "Own posts", "labelled": 3, "without_emotion": 4},
        {"table": "Others' posts", "labelled": 2, "without_emotion": 0},
    ]
    assert [now for now in told if now[3] == "dev, all posts"][-1] == ("scoring", 3, 3, "dev, all posts")
    assert "| Own posts | 3 | training | ours |\n| Others' posts | 2 | training | CC BY 4.0 |" in card
    assert "One temperature, 1.23, set by the recipe." in card and "Seeds: 7." in card
    assert (tmp_path / "run" / "figures" / "learning_curve.csv").is_file()
    assert read_toml(tmp_path / "run" / "recipe.toml", Recipe) == RECIPE
    kept = load_file(tmp_path / "run" / "model.safetensors")
    assert all(torch.equal(kept[name], value) for name, value in FITTED.network.state_dict().items())


def test_the_card_says_what_no_post_had_where_emoji_are_read():
    assert report._of_combinations({"text": 3, "image": 0, "text+image": 2}) == []
    assert report._of_combinations({"text": 1200, "emoji": 0, "text+emoji": 2, "text+image+emoji": 0}) == [
        "Posts that it was trained on, by what they had: text 1,200, emoji 0, text and emoji 2, text and image and "
        "emoji 0. How well it reads posts with emoji, or with text and image and emoji is not known: it has seen none."
    ]


def test_without_dev_the_split_is_scored_and_several_networks_have_no_common_curve(tmp_path):
    corpus = replace(CORPUS, held=[True, False, False, True, False])
    metrics, card, _ = write(tmp_path / "run", corpus, replace(FITTED, history=[{"network": "text", **EPOCH}]))
    (name,) = metrics["scores"]
    assert name == "validation split, on which the epoch was chosen: a little too high"
    assert metrics["scores"][name]["posts"] == 2
    assert "| Own posts | 3 | training, 10% of it kept apart for choosing | ours |" in card
    assert "One temperature, 1.23, fitted on the validation split." in card
    assert not list((tmp_path / "run" / "figures").glob("learning_curve*"))


def test_own_posts_are_the_training_posts_where_none_are_kept_apart():
    assert report._own_posts(CORPUS) == {"the training posts themselves: far too high": [*HAPPY, *SAD]}


def test_dev_is_scored_once_where_none_of_it_is_in_the_training_data():
    dev = {"dev": [Post("1", "new words")]}
    assert report._dev_posts(dev, CORPUS.sources) == {"dev, all posts": dev["dev"]}


def card(out, made=RECIPE, corpus=CORPUS, fitted=FITTED):
    return report._card(out, made, corpus, fitted, {}, {}, TOLD)


@pytest.mark.parametrize("on_all", [False, True])
def test_the_card_says_what_posts_were_used_for(tmp_path, on_all):
    found = card(tmp_path / "mine", fitted=replace(FITTED, on_all=on_all))
    assert {one.used_for for one in found.data} == {
        "choosing on 10% of it, then training on all" if on_all else "training"
    }


def test_files_of_vectors_are_among_the_data_with_their_licences(tmp_path, monkeypatch):
    vectors = Origin("glove.txt", "0123456789abcdef", "of tweets", "PDDL 1.0")
    monkeypatch.setattr(f"{__name__}.TOLD", replace(TOLD, vectors={"vectors of words": vectors}))
    _, said, _ = write(tmp_path / "run")
    assert "| glove.txt (SHA-256 0123456789abcdef...), of tweets | – | vectors of words | PDDL 1.0 |" in said


def test_the_card_counts_the_posts_that_were_taught(tmp_path):
    taught = replace(CORPUS, taught={"h1": (1.0, 0.0), "s0": (0.0, 1.0), "elsewhere": (0.0, 1.0)})
    found = card(tmp_path / "mine", changed(RECIPE, distillation__share=0.4), taught)
    assert "Of 2 posts, the whole post learnt 40% from a teacher's answer, the rest from the label." in found.how
    assert "teacher" not in card(tmp_path / "mine").how


@pytest.mark.parametrize(("trainings", "said"), [(1, False), (2, True)])
def test_the_card_says_how_many_trainings_the_weights_are_the_mean_of(tmp_path, trainings, said):
    made = replace(RECIPE, choices=replace(RECIPE.choices, trainings=trainings))
    sentence = "The weights are the mean of 2 trainings that differ in their draws (Wortsman et al. 2022)."
    assert (sentence in card(tmp_path / "mine", made).how) is said


def test_the_card_says_what_was_built_and_the_line_that_makes_it_again(tmp_path):
    found = card(tmp_path / "mine")
    assert (found.how, found.command) == ("Words: an abacus.", "feelscope train own.csv")
