"""What a model folder answers is what was trained: ONNX Runtime against torch."""

import io
import logging

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, scale_pixels
from feelscope.encoders.minilm import MiniLM
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.weights import find
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.export import _Image, export
from feelscope.saved_model.runtime import NETWORKS
from feelscope.train.fit import build_towers
from feelscope.train.recipe import Recipe

pytestmark = pytest.mark.slow
EMOTIONS = ("happiness", "sadness", "anger", "neutral")
TOKENS = 48
TEMPERATURE = 0.6
TEXTS = (
    "What a lovely morning!",
    "I miss him so much that I cannot sleep 😢",
    "no",
    "They sold us a broken bike, would not take it back and then laughed at us for asking. Never again.",
    "The bus leaves at nine from the stop in front of the library, and the next one an hour later. " * 3,
)


def picture(seed):
    draw = np.random.default_rng(seed)
    image = Image.fromarray(draw.integers(0, 255, size=(5, 7, 3), dtype=np.uint8))
    file = io.BytesIO()
    image.resize((210, 150), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


PICTURES = [picture(seed) for seed in range(4)]


@pytest.fixture(scope="module")
def parts():
    """Towers with a head that has opinions, and the trunk below them."""
    image = EfficientNetLite0.pretrained().eval()
    towers = build_towers(len(EMOTIONS), Recipe("A test.", seed=3), image, MiniLM.pretrained())
    towers.fusion.head[-1].weight.data *= 8
    return towers.eval(), image


@pytest.fixture(scope="module")
def folder(parts, tmp_path_factory):
    towers, image = parts
    made = tmp_path_factory.mktemp("exported")
    labels = model_folder.Labels("exported", EMOTIONS, TOKENS, lite0.SIZE, ("text", "image"))
    seen = [read_rgb(picture(seed), lite0.SIZE) for seed in range(100, 110)]  # none of PICTURES
    model_folder.write(
        made, labels, find("minilm-tokenizer"), lambda folder: export(towers, image.trunk, TEMPERATURE, seen, folder)
    )
    return made


@pytest.fixture(scope="module")
def networks(folder):
    import onnxruntime

    return {name: onnxruntime.InferenceSession(str(folder / name)) for name in NETWORKS}


def ids(text):
    return Tokenizer(find("minilm-tokenizer"), TOKENS)(Post("1", text)).ids


def text_vector(towers, text):
    row = torch.tensor([ids(text)])
    with torch.inference_mode():
        return towers.text(row, torch.ones_like(row))


def image_vector(image, content):
    with torch.inference_mode():
        return image(torch.from_numpy(scale_pixels(read_rgb(content, lite0.SIZE)[np.newaxis])))


@pytest.mark.parametrize("text", TEXTS)
def test_words_in_integers_are_close(networks, parts, text):
    (found,) = networks["text.onnx"].run(None, {"ids": np.array([ids(text)])})
    expected = text_vector(parts[0], text)
    assert found.shape == expected.shape
    assert F.cosine_similarity(torch.from_numpy(found), expected).item() > 0.96


def test_words_in_integers_keep_their_neighbours(networks, parts):
    found = torch.cat(
        [torch.from_numpy(networks["text.onnx"].run(None, {"ids": np.array([ids(t)])})[0]) for t in TEXTS]
    )
    expected = torch.cat([text_vector(parts[0], text) for text in TEXTS])
    ours, theirs = (F.normalize(rows) @ F.normalize(rows).T for rows in (found, expected))
    torch.testing.assert_close(ours, theirs, atol=0.05, rtol=0)


@pytest.mark.parametrize("number", range(len(PICTURES)))
def test_a_picture_in_integers_is_close(networks, parts, number):
    rgb = read_rgb(PICTURES[number], lite0.SIZE)[np.newaxis]
    (found,) = networks["image.onnx"].run(None, {"rgb": rgb})
    expected = image_vector(parts[1], PICTURES[number])
    assert found.shape == expected.shape
    assert F.cosine_similarity(torch.from_numpy(found), expected).item() > 0.9


def test_folding_the_norms_changes_nothing(parts):
    rgb = read_rgb(PICTURES[0], lite0.SIZE)[np.newaxis]
    with torch.inference_mode():
        found = _Image(parts[1].trunk, parts[0].image_top).eval()(torch.from_numpy(rgb))
    torch.testing.assert_close(found, image_vector(parts[1], PICTURES[0]), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("has", [(1, 1), (1, 0), (0, 1)])
def test_the_fusion_is_the_same_and_the_temperature_is_in_it(networks, parts, has):
    draw = torch.Generator().manual_seed(0)
    text, image = torch.randn(1, 384, generator=draw), torch.randn(1, 1280, generator=draw)
    presence = [torch.tensor([float(half)]) for half in has]
    with torch.inference_mode():
        has_each = dict(zip(("text", "image"), presence, strict=True))
        expected = (parts[0].fusion({"text": text, "image": image}, has_each) / TEMPERATURE).softmax(dim=1)
    names = ("text", "image", "has_text", "has_image")
    given = dict(zip(names, (one.numpy() for one in (text, image, *presence)), strict=True))
    (found,) = networks["fusion.onnx"].run(None, given)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def posts():
    words = [Post(f"text {at}", text) for at, text in enumerate(TEXTS)]
    pictures = [Post(f"image {at}", image=content) for at, content in enumerate(PICTURES)]
    both = [Post(f"both {at}", TEXTS[at], image=content) for at, content in enumerate(PICTURES)]
    return [*words, *pictures, *both]


def test_posts_are_answered_as_the_fusion_would_of_the_vectors(folder, networks, parts):
    for post, found in zip(posts(), EmotionClassifier.load(folder).predict(posts()), strict=True):
        text, image = np.zeros((1, 384), np.float32), np.zeros((1, 1280), np.float32)
        if post.text:
            text = networks["text.onnx"].run(None, {"ids": np.array([ids(post.text)])})[0]
        if post.image:
            image = networks["image.onnx"].run(None, {"rgb": read_rgb(post.image, lite0.SIZE)[np.newaxis]})[0]
        vectors = {"text": torch.from_numpy(text), "image": torch.from_numpy(image)}
        present = {"text": torch.tensor([float(bool(post.text))]), "image": torch.tensor([float(bool(post.image))])}
        with torch.inference_mode():
            logits = parts[0].fusion(vectors, present)
            expected = (logits / TEMPERATURE).softmax(dim=1)[0]
        assert tuple(found.probabilities) == EMOTIONS
        assert list(found.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-4)
        assert found.emotion == EMOTIONS[int(expected.argmax())]


def test_a_half_that_was_not_trained_on_is_not_used(folder, tmp_path):
    EmotionClassifier.load(folder).save(tmp_path / "words")
    labels = model_folder.Labels("words", EMOTIONS, TOKENS, lite0.SIZE, ("text",))
    model_folder.write(tmp_path / "words", labels, find("minilm-tokenizer"), lambda _: None)
    both, words, image = (Post("1", TEXTS[0], image=PICTURES[0]), Post("1", TEXTS[0]), Post("1", image=PICTURES[0]))
    answers = EmotionClassifier.load(tmp_path / "words").predict([both, words, image])
    assert answers[0].probabilities == answers[1].probabilities
    assert [one.modalities for one in answers] == [("text",), ("text",), ()]
    assert "trained without" in answers[0].warnings[0] and answers[2].emotion is None


def test_a_post_is_answered_alike_to_the_last_bit_alone_and_among_others(folder):
    classifier = EmotionClassifier.load(folder, workers=2)
    alone = [classifier.predict([post])[0] for post in posts()]
    assert classifier.predict(posts()) == alone
    assert classifier.predict(posts()[::-1] * 3) == alone[::-1] * 3
    assert len({tuple(one.probabilities.values()) for one in alone}) == len(alone)


def test_exporting_leaves_the_towers_as_they_were(parts, tmp_path):
    towers, image = parts
    before = {name: value.clone() for name, value in towers.state_dict().items()}
    levels = [logging.getLogger(name).level for name in (None, "torch.onnx")]
    export(towers, image.trunk, 1.0, [], tmp_path)
    assert towers.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in towers.state_dict().items())
    assert [logging.getLogger(name).level for name in (None, "torch.onnx")] == levels
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(NETWORKS)


def test_the_networks_are_small(folder):
    assert sum((folder / name).stat().st_size for name in NETWORKS) < 45e6
