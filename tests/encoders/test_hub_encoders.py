"""A family model on encoders of the hub: trained on what the saved model computes, and answering as in torch."""

from dataclasses import replace

import pytest
import torch
from small_family import EMOTIONS, recipe
from small_hub import SAVED, picture

from feelscope.errors import ModelError
from feelscope.family.answers import answer, probabilities
from feelscope.family.fit import fit
from feelscope.family.inputs import encode
from feelscope.family.save import save
from feelscope.family.train import prepare
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import Quarantine
from feelscope.train.corpus import SourcePosts
from feelscope.train.recipe import Source

SAID = ("a good dog", "bad cat e", "fire c d")


def silent(*now):
    pass


def posts(count, first=0):
    return [
        Post(
            f"post {number}",
            text="" if number % 5 == 4 else f"{SAID[number % 3]} {'abcde'[number % 5]}",
            title="a good a" if number % 4 == 1 else "",
            image=None if number % 5 == 3 else picture(number % 3 + 10 * (number % 2)),
            emotion=EMOTIONS[number % 3],
        )
        for number in range(first, first + count)
    ]


def made(tmp_path, text, image):
    """Folders of tiny models, and the recipe that names them."""
    names = {}
    for name, kind in (("text", text), ("image", image)):
        folder = tmp_path / name
        folder.mkdir()
        SAVED[kind](folder)
        names[name] = f"hub:{folder}"
    return replace(recipe("joint"), **names, tuning=0.2, epochs=3, tokens=12)


def prepared(tmp_path, chosen):
    source = SourcePosts(Source("posts.csv", "posts.csv", "ours"), posts(45), 0)
    return prepare(
        source, chosen, words=None, weights=None, cache=tmp_path / "kept", quarantine=Quarantine(), progress=silent
    )


@pytest.mark.slow
@pytest.mark.parametrize(("text", "image"), [("bert", "vit"), ("clip", "clip"), ("siglip", "vit")])
def test_a_saved_model_answers_as_torch_does(tmp_path, text, image):
    chosen = made(tmp_path, text, image)
    material = prepared(tmp_path, chosen)
    fitted = fit(chosen, material.inputs, len(EMOTIONS), material.training, material.tuning, silent)
    (tmp_path / "run").mkdir()
    save(tmp_path / "run", fitted, material.inputs, material.emotions, material.training_posts)
    fresh = posts(10, 100)
    signals = encode(fresh, [0] * 10, material.inputs, progress=silent, refuse=silent)
    expected = probabilities(answer(fitted.network, signals), fitted.temperature)
    found = EmotionClassifier.load(tmp_path / "run").predict(fresh)
    for post, row, one in zip(fresh, expected, found, strict=True):
        assert list(one.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-4), post
        halves = {"text": post.has_text, "image": post.image is not None}
        assert one.modalities == tuple(name for name, there in halves.items() if there)
    assert len({tuple(one.probabilities.values()) for one in found}) > 5


def test_vectors_do_not_depend_on_the_posts_beside(tmp_path):
    chosen, some = made(tmp_path, "bert", "vit"), posts(10, 100)
    together = encode(some, [0] * 10, prepared(tmp_path, chosen).inputs, progress=silent, refuse=silent)
    for kept in (tmp_path / "kept").iterdir():
        kept.unlink()
    anew = prepared(tmp_path, chosen)
    alone = encode([some[6]], [0], anew.inputs, progress=silent, refuse=silent)
    for name in ("text", "image"):
        torch.testing.assert_close(alone.inputs[name][0], together.inputs[name][6], atol=1e-5, rtol=1e-4)
    assert together.present["text"].tolist() == [float(post.has_text) for post in some]
    assert together.present["image"].tolist() == [float(post.image is not None) for post in some]


def test_an_encoder_without_the_tower_is_refused_in_one_line(tmp_path):
    chosen = made(tmp_path, "vit", "vit")
    with pytest.raises(ModelError, match="has no text tower") as caught:
        prepared(tmp_path, chosen)
    assert "\n" not in str(caught.value)
