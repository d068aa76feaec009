"""Inception v1 learns with a model of the family: from scratch, or its upper rows from a file of weights."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from small_family import EMOTIONS, SAID, recipe, write_vectors
from small_inception import as_torch, published

from feelscope.encoders.inception import ROWS
from feelscope.errors import ConfigError, ModelError
from feelscope.family.answers import answer, probabilities
from feelscope.family.fit import fit
from feelscope.family.inputs import encode
from feelscope.family.save import save
from feelscope.family.train import prepare, train
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import Quarantine, open_writer
from feelscope.train.corpus import SourcePosts
from feelscope.train.fusion_recipe import INCEPTION_ROWS
from feelscope.train.recipe import Source


def silent(*now):
    pass


def draw(path, kind, number):
    """Stripes across, stripes down, or a chequered board, in any colours and at any place."""
    random = np.random.default_rng(number)
    y, x = np.mgrid[0:64, 0:64] // 8
    shift, colours = random.integers(0, 8, 2), random.permutation(np.array([[30, 30, 30], [220, 220, 220]]))
    pattern = ((x + shift[0]) * (kind != 1) + (y + shift[1]) * (kind != 0)) % 2
    Image.fromarray(colours[pattern].astype(np.uint8)).save(path)


def posts(folder, count, first=0):
    """Of five posts, one has no picture and one no words."""
    made = []
    for number in range(first, first + count):
        image = None if number % 5 == 3 else folder / f"{number}.png"
        if image:
            draw(image, number % 3, number)
        emotion = EMOTIONS[number % 3]
        text = "" if number % 5 == 4 else f"we saw the {SAID[emotion][number % 2]} x{number}"
        made.append(Post(str(number), text, image=image, emotion=emotion))
    return made


def prepared(folder, chosen, some, **given):
    source = SourcePosts(Source("posts.csv", "posts.csv", "ours"), some, 0)
    given = {"words": None, "weights": None} | given
    return prepare(source, chosen, cache=folder / "kept", quarantine=Quarantine(), progress=silent, **given)


@pytest.mark.slow
def test_the_upper_rows_of_published_weights_learn_beside_the_words(tmp_path):
    weights = tmp_path / "googlenet.pth"
    torch.save({name: torch.from_numpy(value.copy()) for name, value in as_torch(published(3)).items()}, weights)
    chosen = replace(recipe("joint", image="inception", hidden=16, epochs=2), tuning=0.2)
    words = write_vectors(tmp_path / "vectors.txt")
    material = prepared(tmp_path, chosen, posts(tmp_path, 20), words=words, weights=tmp_path)  # found in the folder
    (kept,) = (tmp_path / "kept").glob("inception-*.f16")
    before = material.inputs["image"].reader().network.state_dict()
    fitted = fit(chosen, material.inputs, len(EMOTIONS), material.training, material.tuning, silent)
    after = fitted.network.readers["image"].network.state_dict()
    changed = {name.rpartition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed and all(name.startswith(("blocks.5b.", "last")) for name in changed)
    assert "below-5b" in kept.name and "last" in changed
    (tmp_path / "run").mkdir()
    save(tmp_path / "run", fitted, material.inputs, material.emotions, material.training_posts)
    fresh = posts(tmp_path, 10, 100)
    signals = encode(fresh, [0] * 10, material.inputs, progress=silent, refuse=silent)
    expected = probabilities(answer(fitted.network, signals), fitted.temperature)
    found = EmotionClassifier.load(tmp_path / "run").predict(fresh)
    for post, row, one in zip(fresh, expected, found, strict=True):
        # What is kept on disk has half precision.
        assert list(one.probabilities.values()) == pytest.approx(row.tolist(), abs=2e-3), post
        halves = {"text": post.has_text, "image": post.image is not None}
        assert one.modalities == tuple(name for name, there in halves.items() if there)


@pytest.mark.slow
def test_from_scratch_all_rows_learn(tmp_path):
    with open_writer(tmp_path / "posts.csv") as writer:
        for number in range(18):
            draw(tmp_path / f"{number}.png", number % 3, number)
            writer.write({"id": str(number), "image": f"{number}.png", "emotion": EMOTIONS[number % 3]})
    (tmp_path / "3.png").write_bytes(b"no picture")
    chosen = recipe("image_only", image="inception", optimizer="adamw", rate=1e-3, epochs=3, batch=9, tuning=0.0)
    stages = []
    run = train(
        chosen, tmp_path / "run", table=tmp_path / "posts.csv", progress=lambda stage, *now: stages.append((stage, now))
    )
    losses = [float(now[2].split("loss ")[1].split(",")[0]) for stage, now in stages if stage == "training"]
    assert losses[-1] < losses[0] - 0.1
    (answer_to,) = EmotionClassifier.load(run).predict([Post("1", image=tmp_path / "1.png")])
    assert answer_to.modalities == ("image",)
    assert [path.name for path in (tmp_path / "features").glob("*.u8")] == ["inception-v1-pixels.u8"]
    assert "Inception v1" in (run / "README.md").read_text()


def test_wrong_weights_are_one_line(tmp_path):
    chosen = recipe("image_only", image="inception")
    (tmp_path / "googlenet.txt").write_text("no weights")
    for weights, said in (
        (tmp_path / "none.pth", "none.pth: no such file"),
        (tmp_path, "holds no weights of Inception v1"),
        (tmp_path / "googlenet.txt", "expected a file that ends in"),
    ):
        with pytest.raises(ModelError, match=said) as caught:
            prepared(tmp_path, chosen, posts(tmp_path, 3), weights=weights)
        assert "\n" not in str(caught.value)


def test_a_row_that_is_none_is_refused():
    assert INCEPTION_ROWS == ROWS
    with pytest.raises(ConfigError, match="unfreeze: '5c' is not known; known are stem, 3a"):
        recipe("image_only", image="inception", unfreeze="5c")
