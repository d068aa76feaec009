"""What a model folder answers is what was trained: ONNX Runtime against torch."""

import io
import logging

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from small_hub import WORDS, save_clip
from torch.nn import functional as F
from transformers import CLIPModel

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, scale_pixels
from feelscope.encoders.encoder import Resources
from feelscope.encoders.further_encoder import FurtherEncoder
from feelscope.encoders.onnx import _Image
from feelscope.encoders.opening import open_image, open_text
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.weights import find
from feelscope.images import read_rgb
from feelscope.models.network import Network, build_fusion
from feelscope.models.settings import FusionSettings
from feelscope.models.subclasses import Subclasses
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.export import export
from feelscope.saved_model.runtime import NETWORKS

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


def network_of(encoders, model, subclasses=None):
    """New embedders, and a fusion that has opinions."""
    torch.manual_seed(3)
    widths = {name: encoder.width for name, encoder in encoders.items()}
    outputs = len(EMOTIONS) if subclasses is None else 5
    fusion = build_fusion(FusionSettings(model, hidden_size=32), widths, outputs)
    for parameter in fusion.parameters():
        parameter.data *= 3
    return Network({name: encoder.embedder() for name, encoder in encoders.items()}, fusion, subclasses).eval()


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    """The published encoders, as a training that tunes them opens them."""
    here = Resources(tmp_path_factory.mktemp("cache"))
    return {
        "text": open_text(TextSettings("minilm", "tuned", tokens=TOKENS, normalise=True), [], here, sparse=False),
        "image": open_image(ImageSettings("lite0", "tuned", normalise=True), here, seed=0),
    }


@pytest.fixture(scope="module")
def network(encoders):
    return network_of(encoders, "gated")


@pytest.fixture(scope="module")
def image():
    return EfficientNetLite0.pretrained().eval()


@pytest.fixture(scope="module")
def folder(network, encoders, tmp_path_factory):
    made = tmp_path_factory.mktemp("exported")
    seen = [Post(str(seed), image=picture(seed)) for seed in range(100, 110)]  # none of PICTURES
    export(made, network, encoders, EMOTIONS, ("text", "image"), TEMPERATURE, [*seen, Post("words", "and no picture")])
    return made


@pytest.fixture(scope="module")
def sessions(folder):
    return {name: onnxruntime.InferenceSession(str(folder / name)) for name in NETWORKS}


def ids(text):
    return Tokenizer(find("minilm-tokenizer"), TOKENS)(Post("1", text)).ids


def text_vector(network, text):
    row = torch.tensor([ids(text)])
    with torch.inference_mode():
        return network.embedders["text"].network(row, torch.ones_like(row))


def image_vector(image, content):
    with torch.inference_mode():
        return image(torch.from_numpy(scale_pixels(read_rgb(content, lite0.SIZE)[np.newaxis])))


def in_integers(sessions, post):
    """The vectors (1, D) that a saved model has of a post, zeros where it has none."""
    text, image = np.zeros((1, 384), np.float32), np.zeros((1, 1280), np.float32)
    if post.text:
        (text,) = sessions["text.onnx"].run(None, {"ids": np.array([ids(post.text)])})
    if post.image:
        (image,) = sessions["image.onnx"].run(None, {"rgb": read_rgb(post.image, lite0.SIZE)[np.newaxis]})
    return {"text": torch.from_numpy(text), "image": torch.from_numpy(image)}


def answer(network, vectors, present):
    """Probabilities (1, K) of vectors that the encoders' networks gave, in torch."""
    with torch.inference_mode():
        after = {name: network.embedders[name].after(vector) for name, vector in vectors.items()}
        return (network.emotions(network.fusion(after, present)) / TEMPERATURE).softmax(dim=1)


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_words_in_integers_are_close(sessions, network, text):
    vector, expected = in_integers(sessions, Post("1", text))["text"], text_vector(network, text)
    assert vector.shape == expected.shape
    assert F.cosine_similarity(vector, expected).item() > 0.96


@pytest.mark.slow
def test_words_in_integers_keep_their_neighbours(sessions, network):
    vectors = torch.cat([in_integers(sessions, Post("1", text))["text"] for text in TEXTS])
    expected = torch.cat([text_vector(network, text) for text in TEXTS])
    ours, theirs = (F.normalize(rows) @ F.normalize(rows).T for rows in (vectors, expected))
    torch.testing.assert_close(ours, theirs, atol=0.05, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(PICTURES)))
def test_a_picture_in_integers_is_close(sessions, image, number):
    vector = in_integers(sessions, Post("1", image=PICTURES[number]))["image"]
    expected = image_vector(image, PICTURES[number])
    assert vector.shape == expected.shape
    assert F.cosine_similarity(vector, expected).item() > 0.9


def test_folding_the_norms_changes_nothing(image):
    rgb = read_rgb(PICTURES[0], lite0.SIZE)[np.newaxis]
    with torch.inference_mode():
        vector = _Image(image.trunk, image.top).eval()(torch.from_numpy(rgb))
    torch.testing.assert_close(vector, image_vector(image, PICTURES[0]), atol=1e-3, rtol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("has", [(1, 1), (1, 0), (0, 1)])
def test_the_fusion_is_the_same_with_what_is_left_of_the_embedders_and_the_temperature_in_it(sessions, network, has):
    draw = torch.Generator().manual_seed(0)
    vectors = {"text": torch.randn(1, 384, generator=draw) * 3, "image": torch.randn(1, 1280, generator=draw) + 2}
    present = {name: torch.tensor([float(there)]) for name, there in zip(vectors, has, strict=True)}
    expected = answer(network, vectors, present)
    inputs = vectors | {f"has_{name}": there for name, there in present.items()}
    (found,) = sessions["fusion.onnx"].run(None, {name: value.numpy() for name, value in inputs.items()})
    np.testing.assert_allclose(found, expected, atol=1e-5)


def posts():
    words = [Post(f"text {number}", text) for number, text in enumerate(TEXTS)]
    pictures = [Post(f"image {number}", image=content) for number, content in enumerate(PICTURES)]
    both = [Post(f"both {number}", TEXTS[number], image=content) for number, content in enumerate(PICTURES)]
    return [*words, *pictures, *both]


@pytest.mark.slow
def test_posts_are_answered_as_the_fusion_would_of_the_vectors(folder, sessions, network):
    for post, prediction in zip(posts(), EmotionClassifier.load(folder).predict(posts()), strict=True):
        present = {"text": torch.tensor([float(bool(post.text))]), "image": torch.tensor([float(bool(post.image))])}
        expected = answer(network, in_integers(sessions, post), present)[0]
        assert tuple(prediction.probabilities) == EMOTIONS
        assert list(prediction.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-4)
        assert prediction.emotion == EMOTIONS[int(expected.argmax())]


@pytest.mark.slow
def test_a_modality_that_was_not_trained_on_is_not_used(network, encoders, tmp_path):
    export(tmp_path, network, encoders, EMOTIONS, ("text",), TEMPERATURE, [])
    both, words, image = (Post("1", TEXTS[0], image=PICTURES[0]), Post("1", TEXTS[0]), Post("1", image=PICTURES[0]))
    predictions = EmotionClassifier.load(tmp_path).predict([both, words, image])
    assert predictions[0].probabilities == predictions[1].probabilities
    assert [prediction.modalities for prediction in predictions] == [("text",), ("text",), ()]
    assert "trained without" in predictions[0].warnings[0] and predictions[2].emotion is None


@pytest.mark.slow
def test_a_post_is_answered_alike_to_the_last_bit_alone_and_among_others(folder):
    classifier = EmotionClassifier.load(folder, workers=2)
    alone = [classifier.predict([post])[0] for post in posts()]
    assert classifier.predict(posts()) == alone
    assert classifier.predict(posts()[::-1] * 3) == alone[::-1] * 3
    assert len({tuple(prediction.probabilities.values()) for prediction in alone}) == len(alone)


@pytest.mark.slow
def test_exporting_leaves_the_network_as_it_was(network, encoders, tmp_path):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    levels = [logging.getLogger(name).level for name in (None, "torch.onnx")]
    export(tmp_path, network, encoders, EMOTIONS, ("text", "image"), 1.0, [])
    assert network.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [logging.getLogger(name).level for name in (None, "torch.onnx")] == levels
    others = ["labels.json", "manifest.json", "tokenizer.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*NETWORKS, *others])


@pytest.mark.slow
def test_the_networks_are_small(folder):
    assert sum((folder / name).stat().st_size for name in NETWORKS) < 45e6


def tagged(number):
    return Post(f"post {number}", tags=("sad", "blue") if number % 2 else ("sad", "dog"), other={"ups": str(number)})


@pytest.mark.parametrize("emotion_of", [None, (0, 0, 1, 2, 3)], ids=["emotions", "subclasses"])
def test_further_modalities_and_subclasses_are_saved_with_their_fusion(tmp_path, emotion_of):
    some = [tagged(number) for number in range(8)]
    encoders = {"tags": FurtherEncoder("tags", some), "numbers": FurtherEncoder("numbers:ups", some)}
    network = network_of(encoders, "early", None if emotion_of is None else Subclasses(emotion_of))
    export(tmp_path, network, encoders, EMOTIONS, ("tags", "numbers"), TEMPERATURE, some)
    labels = model_folder.read_labels(tmp_path)
    assert (labels.emotions, labels.tokens, labels.size, labels.pairs) == (EMOTIONS, 0, 0, True)
    assert [modality["kind"] for modality in labels.further] == ["tags", "numbers"]
    inputs = {name: encoder.encode(some, lambda *_: None, None) for name, encoder in encoders.items()}
    vectors, present = ({name: pair[number] for name, pair in inputs.items()} for number in (0, 1))
    with torch.inference_mode():
        expected = (network(vectors, present) / TEMPERATURE).softmax(dim=1)
    predictions = EmotionClassifier.load(tmp_path).predict(some)
    for row, prediction in zip(expected, predictions, strict=True):
        assert list(prediction.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-5)
        assert prediction.modalities == ("tags", "numbers")


def test_title_and_text_are_one_sequence_where_the_encoder_says_so(tmp_path):
    (tmp_path / "clip").mkdir()
    save_clip(tmp_path / "clip")
    settings = TextSettings(f"hub:{tmp_path / 'clip'}", tokens=9, dropout=0.5)
    encoders = {"text": open_text(settings, [], Resources(tmp_path / "cache"), sparse=False)}
    network = network_of(encoders, "text_only").train()
    (tmp_path / "run").mkdir()
    export(tmp_path / "run", network, encoders, EMOTIONS, ("text",), TEMPERATURE, [])
    labels = model_folder.Labels("run", EMOTIONS, tokens=9, size=0, modalities=("text",), pairs=False)
    assert model_folder.read_labels(tmp_path / "run") == labels
    clip = CLIPModel.from_pretrained(tmp_path / "clip").eval()
    ids = torch.tensor([[WORDS.index(word) for word in ("good", "dog", "[SEP]")]])
    with torch.inference_mode():
        made = clip.get_text_features(input_ids=ids, attention_mask=torch.ones_like(ids))
        vectors = {"text": getattr(made, "pooler_output", made)}
        expected = (network.eval().fusion(vectors, {"text": torch.ones(1)}) / TEMPERATURE).softmax(dim=1)[0]
    (prediction,) = EmotionClassifier.load(tmp_path / "run").predict([Post("1", "dog", title="good")])
    assert list(prediction.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-5)
