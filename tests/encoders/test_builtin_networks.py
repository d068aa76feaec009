"""The built-in model's networks as frozen encoders: a model made of them reads posts as the built-in one does."""

import csv

import numpy as np
import pytest
from PIL import Image

from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import open_image, open_text
from feelscope.encoders.rebuilt import rebuild_image, rebuild_text
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.errors import ConfigError
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train.recipe import read_recipe
from feelscope.train.train import train


@pytest.fixture(scope="module")
def post(tmp_path_factory) -> Post:
    picture = tmp_path_factory.mktemp("picture") / "1.png"
    Image.radial_gradient("L").save(picture)
    return Post("1", "@kim so happy :-) #GoodDay", "Our new puppy", picture)


def refuse(position, error):
    raise AssertionError(error)


def test_vectors_are_those_of_the_built_in_model(tmp_path, post):
    resources = Resources(tmp_path)
    text = open_text(TextSettings("builtin", reading="normalised"), [], resources, sparse=False)
    image = open_image(ImageSettings("builtin", unframe=True), resources, seed=0)
    known = EmotionClassifier.load(skip_pictures=1).embed([post])
    for name, encoder in (("text", text), ("image", image)):
        vectors, present = encoder.encode([post, Post("2")], silent, refuse)
        assert present.tolist() == [1, 0] and not vectors[1].any()
        np.testing.assert_allclose(vectors[0].numpy(), known[name][0], atol=1e-6)


@pytest.mark.parametrize("name", ["text_only", "image_only", "early"])
def test_a_few_posts_are_enough(tmp_path, name):
    """Eight posts a feeling, whose words and whose pictures' light tell it."""
    said = {"happiness": "what a joy, we laughed all day", "anger": "this is a disgrace, I am furious"}
    shades = {"happiness": 60, "anger": 200}
    rows = []
    for number in range(8):
        for emotion, words in said.items():
            picture = Image.radial_gradient("L").point(lambda value, shade=shades[emotion]: (value * shade) // 255)
            picture.save(tmp_path / f"{emotion}{number}.png")
            id = f"{emotion}{number}"
            rows.append({"id": id, "text": f"{words}, number {number}", "emotion": emotion, "image": f"{id}.png"})
    table = tmp_path / "posts.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    run = train(read_recipe(f"few/{name}"), tmp_path / "run", table=table, resources=Resources(tmp_path / "features"))
    model = EmotionClassifier.load(run)
    answers = model.predict(table)
    right = [one.emotion == row["emotion"] for one, row in zip(answers, rows, strict=True)]
    assert np.mean(right) == 1
    wanted = ("text", "image") if name == "early" else (name.removesuffix("_only"),)
    assert {one.modalities for one in answers} == {wanted}


def test_no_gradients_go_through_integers():
    for rebuild, settings in ((rebuild_text, TextSettings("builtin")), (rebuild_image, ImageSettings("builtin"))):
        with pytest.raises(ConfigError, match="in integers, through which no gradients go"):
            rebuild(settings, {}, None)
