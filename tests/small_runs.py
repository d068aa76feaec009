"""Trainings from a table to a run: posts with pictures by tuned networks, and posts of words, tags and votes."""

import csv
import json
import random
import re

import pytest
import small_family
from PIL import Image, ImageDraw
from safetensors.torch import load_file
from small_family import EMOTIONS, changed, recipe, write_vectors
from small_weights import small_weights

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import FurtherSettings
from feelscope.errors import FeelscopeError
from feelscope.progress import silent
from feelscope.train.classifier_task import build_network
from feelscope.train.data import read_corpus
from feelscope.train.encoding import encode_corpus
from feelscope.train.recipe import read_recipe
from feelscope.train.train import train

TUNED = changed(
    read_recipe("fusion"),
    purpose="Read the emotion of the posts of a test.",
    steps__epochs=1,
    steps__batch_size=8,
    text__tokens=24,
    choices__validation=0.2,
    choices__refit=False,
)
WORDS = recipe(
    "joint",
    image=small_family.ImageSettings(),
    further=FurtherSettings(("tags", "numbers:votes")),
    choices__validation=0.2,
    steps__epochs=6,
)
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


def write_table(folder, name, count, first=0):
    """Posts of three emotions; of four, two have words and picture, one each alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "text", "image", "emotion", "where"))
        for number in range(first, first + count):
            emotion = EMOTIONS[number % 3]
            words = SAID[emotion].split()
            random.Random(number).shuffle(words)
            text = "" if number % 4 == 3 else f"{' '.join(words[:7])} {number}"
            image = "" if number % 4 == 2 else f"{number}.png"
            if image:
                draw_picture(folder / image, emotion, number)
            where = "" if number % 5 == 0 else ("inside", "outside")[number % 2]
            table.writerow((f"post {number}", text, image, emotion, where))
    return folder / name


def write_place(folder):
    """Write 40 posts to train on, one of them with a broken picture, and a dev table that shares two; and of words."""
    write_table(folder, "posts.csv", 40)
    (folder / "5.png").write_bytes(b"no picture")
    write_table(folder, "dev.csv", 12, first=38)
    (folder / "words").mkdir()
    small_family.write_table(folder / "words" / "posts.csv", 60)
    small_family.write_table(folder / "words" / "dev.csv", 18, first=60)
    write_vectors(folder / "words" / "vectors.txt")
    return folder


def go(place, out, made=TUNED, **given):
    return train(made, out, **({"table": place / "posts.csv", "resources": Resources(place / "features")} | given))


def go_by_words(place, out, made=WORDS, **given):
    folder = place / "words"
    resources = Resources(folder / "features", folder / "vectors.txt")
    return train(made, out, **({"table": folder / "posts.csv", "resources": resources} | given))


def go_small(place, out, made=TUNED, **given):
    """As `go`, by small networks."""
    with small_weights():
        return go(place, out, made, **given)


def trained_network(run, made, place, **given):
    """The network of a run, from its kept weights, with its corpus."""

    given = {"table": place / "posts.csv", "data": None, "columns": None} | given
    resources = given.pop("resources", Resources(place / "features"))
    corpus = read_corpus(made, quarantine=None, progress=silent, **given)
    encoded = encode_corpus(corpus, made, resources, quarantine=None, progress=silent)
    network = build_network(made, encoded)
    network.load_state_dict(load_file(run / "model.safetensors"))
    return network.eval(), encoded, json.loads((run / "metrics.json").read_text())["temperature"]


def refused(place, out, kind, said, how=go, **given):
    with pytest.raises(FeelscopeError) as caught:
        how(place, out, **given)
    assert type(caught.value) is kind
    message = str(caught.value)
    assert re.search(said, message), message
    assert "\n" not in message
    return message


def bad_table(folder, content):
    path = folder / "bad.csv"
    path.write_text(content)
    return path
