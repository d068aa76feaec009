"""From collected posts to a model: labels read from emoji, then words, pictures and the emoji that are left."""

import csv
import json
import random

import pytest
from PIL import Image
from small_family import WORDS, write_vectors

from feelscope.encoders.encoder import Resources
from feelscope.encoders.further import emoji as emoji_modality
from feelscope.encoders.further.emoji import emoji_of
from feelscope.encoders.settings import FurtherSettings, ImageSettings
from feelscope.models.settings import FusionSettings
from feelscope.objectives.hard_negatives import hard_negatives
from feelscope.objectives.settings import DSRegSettings
from feelscope.post import COMBINATIONS, WITH_EMOJI, Post
from feelscope.prepare.dataset import prepare
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.pictures import Pictures
from feelscope.prepare.settings import Settings
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable
from feelscope.train.recipe import ChoiceSettings, Recipe, StepSettings
from feelscope.train.train import train

SAID = {
    "😊": ("we laughed all day in the sunny garden", "🎉"),
    "😢": ("she cried at the old grave in the rain", "💔"),
    "😨": ("there was a scream in the dark house", "👻"),
}
LOOK_ALIKE = "😮‍💨"  # of which 😮 would be a label, were it read by its first character
COLOURS = ("gold", "slategray", "black")


def write_dump(folder, count=72):
    """Posts whose author says the emotion by an emoji, mostly with another emoji beside it, and half with a picture."""
    draws = random.Random(0)
    with (folder / "dump.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "title", "text", "image", "author", "tags"))
        for number in range(count):
            label, (said, other) = [*SAID.items()][number % 3]
            words = said.split()
            draws.shuffle(words)
            text = f"{' '.join(words)} number {number} {label}\ufe0f" + (f" {other}{LOOK_ALIKE}" if number % 4 else "")
            image = f"{number}.png" if number % 2 else ""
            if image:
                Image.new("RGB", (40, 40 + number), COLOURS[number % 3]).save(folder / image)
            title = f"look {label}" if number % 5 == 0 else ""
            table.writerow((f"p{number}", title, text, image, f"author {number}", f"#so{label}, #walk"))
    return folder / "dump.csv"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dump")
    out = folder / "dataset"
    settings = Settings("emoji", hard_negatives="overlap")
    report = prepare(PostsTable(write_dump(folder)), out, settings, pictures=Pictures(out))
    assert report.kept == 72 and not report.leak.leaks
    return out


def test_labels_are_whole_emoji_and_do_not_reach_the_emoji_modality(dataset):
    posts = [*PostsTable(dataset / "posts.parquet")]
    words = LabelWords(("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral"))
    assert {post.emotion for post in posts} == {"happiness", "sadness", "fear"}, "and no surprise, of 😮‍💨"
    for post in posts:
        assert not set(emoji_of(post)) & set(words.emoji)
        assert set(emoji_of(post)) <= {"🎉", "💔", "👻", LOOK_ALIKE}
        assert post.tags == ("walk",)
        assert not {"\ufe0f"} & set(post.title + post.text)
    assert sum(LOOK_ALIKE in post.text for post in posts) == 54, "whole, as it was"


def test_hard_negatives_that_prepare_marked_are_those_of_a_training(dataset):
    posts, emotions = [*PostsTable(dataset / "posts.parquet")], ("happiness", "sadness", "fear")
    labels = [emotions.index(post.emotion) for post in posts]
    found = hard_negatives(posts, labels, emotions, DSRegSettings(by="prepared", ratio=1000.0), seed=0)
    assert found.any()
    for post, marks in zip(posts, found, strict=True):
        assert {emotions[place] for place in marks.nonzero()[0]} == {*post.other["hard_negative_of"]}


@pytest.mark.slow
def test_a_model_of_words_pictures_and_emoji_is_trained_on_it(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(emoji_modality, "all_emoji", lambda: ["🎉", "💔", "👻", "🥳", "😹", "🇩🇪"])
    made = Recipe(
        "A test.",
        FusionSettings("joint"),
        text=WORDS,
        image=ImageSettings("lite0"),
        further=FurtherSettings(("emoji",)),
        steps=StepSettings(learning_rate=0.05, momentum=0.9, epochs=6),
        choices=ChoiceSettings(validation=0.2),
    )
    resources = Resources(tmp_path / "features", write_vectors(tmp_path / "vectors.txt"))
    run = train(made, tmp_path / "run", table=dataset / "posts.parquet", resources=resources)
    classifier = EmotionClassifier.load(run)
    assert classifier.modalities == ("text", "image", "emoji")
    picture = next(
        post.image for post in PostsTable(dataset / "posts.parquet") if post.image and post.emotion == "fear"
    )
    found = classifier.predict([Post("1", "a scream 👻", image=picture), Post("2", "👻"), Post("3", image=picture)])
    assert [one.modalities for one in found] == [("text", "image", "emoji"), ("emoji",), ("image",)]
    assert found[0].emotion == "fear"
    metrics = json.loads((run / "metrics.json").read_text())
    assert set(metrics["trained_on"]) == {"text", "image", *WITH_EMOJI}
    assert metrics["trained_on"]["text+image+emoji"] > 10
    (scores,) = metrics["scores"].values()
    assert {*COMBINATIONS, *WITH_EMOJI} <= set(scores), "the seven combinations of those scored"
