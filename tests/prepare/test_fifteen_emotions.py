"""The later version of Deep Sentiment: fifteen emotions, from a planted Tumblr collection to saved models of both."""

import io
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import small_hub
from PIL import Image
from small_family import changed

from feelscope.emotions import TUMBLR_15
from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings
from feelscope.evaluate.evaluate import evaluate
from feelscope.prepare.dataset import prepare
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.pictures import Pictures
from feelscope.prepare.settings import Settings
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.store import CollectedPost, Page, Store
from feelscope.table import PostsTable, open_writer
from feelscope.train.recipe import read_recipe
from feelscope.train.train import train

POSTS = 360
# Words tell which of five groups an emotion is in, and the picture which of its three: neither knows it alone.
SAID = (
    ("garden", "sunlight"),
    ("train", "station"),
    ("kitchen", "bread"),
    ("winter", "window"),
    ("river", "bridge"),
)
COLOURS = ((200, 40, 40), (40, 200, 40), (40, 40, 200))
FILLERS = "we were there with my brother after the long day and it was late when they came home again".split()


def post(number: int, draws: random.Random) -> CollectedPost:
    emotion = number % 15
    words = [*draws.sample(FILLERS, 8), draws.choice(SAID[emotion // 3])]
    draws.shuffle(words)
    name = TUMBLR_15[emotion]
    tags = (f"#{name.upper()}" if number % 2 else name, "life", f"so{name}")
    squares = np.random.default_rng(number).uniform(0.5, 1, (8, 8, 1)) * COLOURS[emotion % 3]  # no two look alike
    picture = io.BytesIO()
    Image.fromarray(squares.astype(np.uint8)).resize((64, 64), Image.Resampling.NEAREST).save(picture, "PNG")
    text = " ".join(words) + (f" #so{name}" if number % 3 == 0 else "")
    more = {"author": f"author {number}", "tags": tags, "image": picture.getvalue()}
    return CollectedPost("tumblr", str(number), text=text, **more)


def write_vectors(path: Path) -> None:
    """Word vectors in which the telling words stand out and those of a group are alike."""
    draws = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for word in dict.fromkeys([*FILLERS, *(word for pair in SAID for word in pair)]):
            vector = draws.normal(0, 0.1, 12)
            vector[:5] += [float(word in pair) for pair in SAID]
            file.write(f"{word} {' '.join(f'{value:.3f}' for value in vector)}\n")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tumblr")
    draws = random.Random(0)
    with Store(folder / "posts.db") as store:
        store.salt = bytes(32)  # authors decide what is kept back: the same ones in every run
        store.save("tumblr", "planted", Page([post(number, draws) for number in range(POSTS)], {}, (), True))
        settings = Settings("hashtags", "tumblr-15", strict=True, duplicates=False)
        report = prepare(store.posts(), folder / "dataset", settings, pictures=Pictures(folder / "dataset"))
    assert report.kept == POSTS
    assert report.leak is not None and not report.leak.leaks
    return folder / "dataset"


def test_a_tag_names_one_of_fifteen_emotions_and_leaves_the_post(dataset: Path) -> None:
    posts = [*PostsTable(dataset / "posts.parquet")]
    words = LabelWords(TUMBLR_15)
    assert Counter(one.emotion for one in posts) == dict.fromkeys(TUMBLR_15, POSTS // 15)
    for one in posts:
        assert one.tags == ("life",)
        assert not any(words.of_tag(word) or words.gives_away(word) for word in one.text.split())
        assert one.image is not None
    assert {one.other["split"] for one in posts} == {"train", "dev", "test"}


@pytest.mark.slow
def test_the_lstm_and_the_picture_tell_together_what_neither_tells_alone(dataset: Path, tmp_path: Path) -> None:
    """Through one dense layer, and as an ensemble of a model each, whose answers are multiplied."""
    lengths = {"train": 0, "kept back": 0}
    with open_writer(dataset.parent / "train.csv") as learnt, open_writer(dataset.parent / "back.csv") as back:
        for one in PostsTable(dataset / "posts.parquet"):
            assert isinstance(one.image, Path)
            name = "train" if one.other["split"] == "train" else "kept back"
            row = {
                "id": one.id,
                "text": one.text,
                "image": str(one.image.relative_to(dataset.parent)),
                "emotion": one.emotion,
            }
            (learnt if name == "train" else back).write(row)
            lengths[name] += 1
    assert lengths["kept back"] > 40
    write_vectors(tmp_path / "vectors.txt")
    small_hub.save_vit(tmp_path / "vit")
    made = changed(
        read_recipe("deep-sentiment"),
        data__emotions=TUMBLR_15,
        text__hidden_size=24,
        text__tokens=20,
        image=ImageSettings(f"hub:{tmp_path / 'vit'}", normalise=True),
        fusion__text_features=32,
        fusion__image_features=8,
        fusion__hidden_size=32,
        steps__learning_rate=0.01,
        steps__max_steps=800,
        choices__patience=30,
    )
    resources = Resources(tmp_path / "features", tmp_path / "vectors.txt")
    for name, model in (("joint", "deep_sentiment"), ("ensemble", "late")):
        recipe = changed(made, fusion__model=model, combinations=None)
        run = train(recipe, tmp_path / name, table=dataset.parent / "train.csv", resources=resources)
        scores = evaluate(EmotionClassifier.load(run), PostsTable(dataset.parent / "back.csv")).to_json()
        accuracy = {part: scores[part]["accuracy"] for part in ("both", "text", "image")}
        assert accuracy["both"] > max(accuracy["text"], accuracy["image"]), name
        assert accuracy["both"] > (0.6 if name == "joint" else 0.2), name  # by chance 0.07
