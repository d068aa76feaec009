"""What a model folder answers is what was trained: ONNX Runtime against torch."""

import io
import logging

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.efficientnet_lite0 import scale_pixels
from feelscope.encoders.onnx import _Image
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.tuned_lite0 import TunedLite0
from feelscope.encoders.tuned_minilm import TunedMiniLM
from feelscope.encoders.weights import find
from feelscope.images import read_rgb
from feelscope.models.network import Network, build_fusion
from feelscope.models.settings import FusionSettings
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.export import export
from feelscope.saved_model.folder import CHECKED, read_labels
from feelscope.saved_model.runtime import NETWORKS

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
TRAINED_ON = [Post(str(seed), image=picture(seed)) for seed in range(100, 110)]  # none of PICTURES


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    text = TextSettings("minilm", "tuned", tokens=TOKENS)
    image = ImageSettings("lite0", "tuned")
    return {"text": TunedMiniLM(text, None), "image": TunedLite0(image, None, tmp_path_factory.mktemp("features"))}


@pytest.fixture(scope="module")
def network(encoders):
    """A network whose head has opinions."""
    torch.manual_seed(3)
    widths = {name: encoder.width for name, encoder in encoders.items()}
    fusion = build_fusion(FusionSettings("gated", hidden_size=384), widths, len(EMOTIONS))
    fusion.head[-1].weight.data *= 8
    return Network({name: encoder.embedder() for name, encoder in encoders.items()}, fusion).eval()


@pytest.fixture(scope="module")
def folder(network, encoders, tmp_path_factory):
    made = tmp_path_factory.mktemp("exported")
    export(made, network, encoders, EMOTIONS, ("text", "image"), TEMPERATURE, TRAINED_ON)
    return made


@pytest.fixture(scope="module")
def networks(folder):
    import onnxruntime

    return {name: onnxruntime.InferenceSession(str(folder / name)) for name in NETWORKS}


def ids(text):
    return Tokenizer(find("minilm-tokenizer"), TOKENS)(Post("1", text)).ids


def text_vector(network, text):
    with torch.inference_mode():
        return network.embedders["text"](torch.tensor([ids(text)]))


def image_vector(content):
    with torch.inference_mode():
        pixels = torch.from_numpy(scale_pixels(read_rgb(content, lite0.SIZE)[np.newaxis]))
        return lite0.EfficientNetLite0.pretrained().eval()(pixels)


@pytest.mark.parametrize("text", TEXTS)
def test_words_in_integers_are_close(networks, network, text):
    (vector,) = networks["text.onnx"].run(None, {"ids": np.array([ids(text)])})
    expected = text_vector(network, text)
    assert vector.shape == expected.shape
    assert F.cosine_similarity(torch.from_numpy(vector), expected).item() > 0.96


def test_words_in_integers_keep_their_neighbours(networks, network):
    vectors = torch.cat(
        [torch.from_numpy(networks["text.onnx"].run(None, {"ids": np.array([ids(text)])})[0]) for text in TEXTS]
    )
    expected = torch.cat([text_vector(network, text) for text in TEXTS])
    ours, theirs = (F.normalize(rows) @ F.normalize(rows).T for rows in (vectors, expected))
    torch.testing.assert_close(ours, theirs, atol=0.05, rtol=0)


@pytest.mark.parametrize("number", range(len(PICTURES)))
def test_a_picture_in_integers_is_close(networks, number):
    rgb = read_rgb(PICTURES[number], lite0.SIZE)[np.newaxis]
    (vector,) = networks["image.onnx"].run(None, {"rgb": rgb})
    expected = image_vector(PICTURES[number])
    assert vector.shape == expected.shape
    assert F.cosine_similarity(torch.from_numpy(vector), expected).item() > 0.9


def test_folding_the_norms_changes_nothing():
    plain = lite0.EfficientNetLite0.pretrained().eval()
    rgb = read_rgb(PICTURES[0], lite0.SIZE)[np.newaxis]
    with torch.inference_mode():
        vector = _Image(plain.trunk, plain.top).eval()(torch.from_numpy(rgb))
    torch.testing.assert_close(vector, image_vector(PICTURES[0]), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("has", [(1, 1), (1, 0), (0, 1)])
def test_the_fusion_is_the_same_and_the_temperature_is_in_it(networks, network, has):
    draw = torch.Generator().manual_seed(0)
    vectors = {"text": torch.randn(1, 384, generator=draw), "image": torch.randn(1, 1280, generator=draw)}
    present = {name: torch.tensor([float(value)]) for name, value in zip(vectors, has, strict=True)}
    with torch.inference_mode():
        expected = (network.fusion(vectors, present) / TEMPERATURE).softmax(dim=1)
    given = vectors | {f"has_{name}": value for name, value in present.items()}
    (row,) = networks["fusion.onnx"].run(None, {name: value.numpy() for name, value in given.items()})
    np.testing.assert_allclose(row, expected, atol=1e-5)


def posts():
    words = [Post(f"text {number}", text) for number, text in enumerate(TEXTS)]
    pictures = [Post(f"image {number}", image=content) for number, content in enumerate(PICTURES)]
    both = [Post(f"both {number}", TEXTS[number], image=content) for number, content in enumerate(PICTURES)]
    return [*words, *pictures, *both]


def test_posts_are_answered_as_the_fusion_would_of_the_vectors(folder, networks, network):
    for post, prediction in zip(posts(), EmotionClassifier.load(folder).predict(posts()), strict=True):
        text, image = np.zeros((1, 384), np.float32), np.zeros((1, 1280), np.float32)
        if post.text:
            text = networks["text.onnx"].run(None, {"ids": np.array([ids(post.text)])})[0]
        if post.image:
            image = networks["image.onnx"].run(None, {"rgb": read_rgb(post.image, lite0.SIZE)[np.newaxis]})[0]
        vectors = {"text": torch.from_numpy(text), "image": torch.from_numpy(image)}
        present = {"text": torch.tensor([float(bool(post.text))]), "image": torch.tensor([float(bool(post.image))])}
        with torch.inference_mode():
            expected = (network.fusion(vectors, present) / TEMPERATURE).softmax(dim=1)[0]
        assert tuple(prediction.probabilities) == EMOTIONS
        assert list(prediction.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-4)
        assert prediction.emotion == EMOTIONS[int(expected.argmax())]


def test_a_modality_that_was_not_trained_on_is_not_used(network, encoders, tmp_path):
    export(tmp_path, network, encoders, EMOTIONS, ("text",), TEMPERATURE, TRAINED_ON)
    both, words, image = (Post("1", TEXTS[0], image=PICTURES[0]), Post("1", TEXTS[0]), Post("1", image=PICTURES[0]))
    answers = EmotionClassifier.load(tmp_path).predict([both, words, image])
    assert answers[0].probabilities == answers[1].probabilities
    assert [answer.modalities for answer in answers] == [("text",), ("text",), ()]
    assert "trained without" in answers[0].warnings[0] and answers[2].emotion is None


def test_a_post_is_answered_alike_to_the_last_bit_alone_and_among_others(folder):
    classifier = EmotionClassifier.load(folder, workers=2)
    alone = [classifier.predict([post])[0] for post in posts()]
    assert classifier.predict(posts()) == alone
    assert classifier.predict(posts()[::-1] * 3) == alone[::-1] * 3
    assert len({tuple(prediction.probabilities.values()) for prediction in alone}) == len(alone)


def test_exporting_leaves_the_network_as_it_was(network, encoders, tmp_path):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    levels = [logging.getLogger(name).level for name in (None, "torch.onnx")]
    export(tmp_path, network, encoders, EMOTIONS, ("text", "image"), 1.0, [])
    assert network.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [logging.getLogger(name).level for name in (None, "torch.onnx")] == levels
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted((*CHECKED, "manifest.json"))
    assert (read_labels(tmp_path).tokens, read_labels(tmp_path).size) == (TOKENS, lite0.SIZE)


def test_the_networks_are_small(folder):
    assert sum((folder / name).stat().st_size for name in NETWORKS) < 45e6
