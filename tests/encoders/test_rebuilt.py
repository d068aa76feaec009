"""Encoders in one piece: the same vectors as in training, and gradients that reach what was read."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from onnxruntime import InferenceSession
from small_family import write_vectors
from small_hub import SAVED

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders import inception_encoder, minilm
from feelscope.encoders.encoder import Resources
from feelscope.encoders.hub import HubImage, HubText
from feelscope.encoders.inception import InceptionV1
from feelscope.encoders.inception_encoder import InceptionEmbedder
from feelscope.encoders.onnx import export_network
from feelscope.encoders.opening import open_text
from feelscope.encoders.rebuilt import rebuild_image, rebuild_text
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tokenizer import pad
from feelscope.encoders.tuned_lite0 import Lite0Embedder
from feelscope.encoders.tuned_minilm import MiniLMEmbedder
from feelscope.encoders.wide_resnet import WideResNet
from feelscope.encoders.wide_resnet_encoder import WideResNetEmbedder
from feelscope.errors import ModelError
from feelscope.images import read_rgb
from feelscope.post import Post

PHOTOS = Path(__file__).parents[2] / "examples" / "images"
RGB = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8)


def gradient_of_words(rebuilt, ids):
    """The gradient of the vector's length by the token vectors."""
    vectors = rebuilt.lookup(ids).detach().requires_grad_()
    hook = rebuilt.lookup.register_forward_hook(lambda *_: vectors)
    (gradient,) = torch.autograd.grad(rebuilt(ids).norm(), vectors)
    hook.remove()
    return gradient


def gradient_of_pixels(rebuilt, rgb):
    pixels = torch.from_numpy(rgb).float().requires_grad_()
    (gradient,) = torch.autograd.grad(rebuilt(pixels).norm(), pixels)
    return gradient


@pytest.mark.parametrize("pooling", ["max", "mean", "lstm"])
def test_words(tmp_path, pooling):
    settings = TextSettings("words", "new", pooling=pooling, hidden_size=5, vocabulary=8)
    posts = [Post("1", "sunny house then went"), Post("2", "grave tears")]
    resources = Resources(tmp_path, write_vectors(tmp_path / "vectors.txt"))
    encoder = open_text(settings, posts, resources, sparse=False)
    embedder = encoder.embedder().eval()
    with torch.no_grad():
        for weights in embedder.parameters():
            weights += torch.randn_like(weights)  # as if learnt
    rebuilt = rebuild_text(settings, embedder.state_dict(), None).eval().requires_grad_(False)
    ids, from_ = rebuilt.prepared([3, 0, 1, 2])
    assert (ids, from_) == ([3, 1, 2], [0, 2, 3]), "unknown words are left out, and the others remembered"
    torch.testing.assert_close(rebuilt(torch.tensor([ids])), embedder(torch.tensor([[3, 0, 1, 2]])))
    assert rebuilt.width == encoder.width
    assert (gradient_of_words(rebuilt, torch.tensor([ids])).abs().sum(dim=2) > 0).any()


@pytest.fixture
def small_minilm(monkeypatch):
    changes = {"vocab_size": 40, "num_hidden_layers": 1, "intermediate_size": 32}
    monkeypatch.setattr(minilm, "CONFIG", minilm.CONFIG | changes)
    torch.manual_seed(0)
    network = minilm.MiniLM().eval()
    monkeypatch.setattr(minilm.MiniLM, "pretrained", classmethod(lambda cls, folder=None: copy.deepcopy(network)))
    return network


def test_a_tuned_minilm(small_minilm):
    settings = TextSettings("minilm", "tuned", normalise=True)
    embedder = MiniLMEmbedder(copy.deepcopy(small_minilm), settings).eval()
    with torch.no_grad():
        for weights in embedder.parameters():
            weights += 0.05 * torch.randn_like(weights)
    rebuilt = rebuild_text(settings, embedder.state_dict(), None).eval().requires_grad_(False)
    ids = torch.tensor([[1, 7, 9, 2]])
    torch.testing.assert_close(rebuilt(ids), embedder(ids))
    assert (gradient_of_words(rebuilt, ids).abs().sum(dim=2) > 0).all()


def test_a_frozen_minilm_takes_the_published_weights(small_minilm):
    rebuilt = rebuild_text(TextSettings("minilm", "frozen"), {}, None).eval().requires_grad_(False)
    ids = torch.tensor([[1, 7, 9, 2]])
    torch.testing.assert_close(rebuilt(ids), small_minilm(ids, torch.ones_like(ids)))
    assert (gradient_of_words(rebuilt, ids).abs().sum(dim=2) > 0).all()


@pytest.fixture
def small_lite0(monkeypatch):
    torch.manual_seed(0)
    network = lite0.EfficientNetLite0().eval()
    monkeypatch.setattr(
        lite0.EfficientNetLite0, "pretrained", classmethod(lambda cls, folder=None: copy.deepcopy(network))
    )
    return network


@pytest.mark.parametrize("training", ["tuned", "frozen"])
def test_lite0(small_lite0, training):
    top, pixels = copy.deepcopy(small_lite0.top), torch.from_numpy(lite0.scale_pixels(RGB))
    if training == "tuned":
        with torch.no_grad():
            for weights in top.parameters():
                weights *= 1.1
    state = Lite0Embedder(top, lite0.WIDTH, list, torch.nn.Identity()).state_dict() if training == "tuned" else {}
    rebuilt = rebuild_image(ImageSettings("lite0", training), state, None).eval().requires_grad_(False)
    with torch.inference_mode():
        expected = top(small_lite0.trunk(pixels)).mean(dim=(2, 3))
        torch.testing.assert_close(rebuilt(torch.from_numpy(RGB).float()), expected)
    assert gradient_of_pixels(rebuilt, RGB).abs().sum() > 0, "through the frozen trunk"


@pytest.mark.parametrize(("kernel", "start"), [(5, 3), (3, 3), (3, 2)], ids=["paper", "torchvision", "slim"])
def test_inception(kernel, start):
    torch.manual_seed(0)
    network = InceptionV1(kernel=kernel, start=start).eval()
    if start == 3:
        torch.nn.init.uniform_(network.stem.first[1].weight, 0.9, 1.1)
    embedder = InceptionEmbedder(network, "stem", lambda: RGB, torch.nn.Identity()).eval()
    rebuilt = rebuild_image(ImageSettings("inception", "new"), embedder.state_dict(), None).eval().requires_grad_(False)
    with torch.inference_mode():
        expected = embedder(torch.ones(1, 1, dtype=torch.int32))
        torch.testing.assert_close(rebuilt(torch.from_numpy(RGB).float()), expected, atol=1e-4, rtol=1e-4)
    assert rebuilt.size == inception_encoder.SIZE and rebuilt.width == expected.shape[1]
    assert gradient_of_pixels(rebuilt, RGB).abs().sum() > 0


def test_a_wide_residual_network():
    settings = ImageSettings("wide-resnet", "new", channels=(4, 5, 6, 7), blocks=2)
    rgb = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    network = WideResNet(settings.channels, settings.blocks)
    embedder = WideResNetEmbedder(network, 7, lambda: rgb, torch.nn.Identity())
    embedder(torch.ones(8, 1, dtype=torch.int32))  # so that its running means are not those of a new one
    rebuilt = rebuild_image(settings, embedder.state_dict(), None).eval().requires_grad_(False)
    with torch.inference_mode():
        expected = embedder.eval()(torch.tensor([[1], [2]], dtype=torch.int32))
        torch.testing.assert_close(rebuilt(torch.from_numpy(rgb).float()), expected, atol=1e-5, rtol=1e-4)
    assert (rebuilt.size, rebuilt.width) == (32, 7)
    assert gradient_of_pixels(rebuilt, rgb).abs().sum() > 0


@pytest.mark.parametrize("kind", ["bert", "mpnet", "t5", "clip", "siglip"])
def test_texts_of_the_hub(tmp_path, kind):
    SAVED[kind](tmp_path)
    settings = TextSettings(f"hub:{tmp_path}", tokens=12, dropout=0.0)
    rebuilt = rebuild_text(settings, {}, None).eval().requires_grad_(False)
    hub, text = HubText(f"hub:{tmp_path}", 12), [2, 9, 10, 3]
    ids, from_ = rebuilt.prepared(text)
    assert len(ids) == len(from_) and [text[place] for place in from_ if place >= 0] == text
    found = rebuilt(torch.tensor([ids, ids])).numpy()
    np.testing.assert_allclose(found, hub.compute([text, text]), atol=1e-5)
    assert rebuilt.width == hub.width
    assert (gradient_of_words(rebuilt, torch.tensor([ids])).abs().sum() > 0).all()


@pytest.mark.parametrize("kind", ["vit", "clip"])
def test_pictures_of_the_hub(tmp_path, kind):
    SAVED[kind](tmp_path)
    rebuilt = rebuild_image(ImageSettings(f"hub:{tmp_path}"), {}, None).eval().requires_grad_(False)
    rgb = np.random.default_rng(0).integers(0, 256, (2, rebuilt.size, rebuilt.size, 3), dtype=np.uint8)
    with torch.inference_mode():
        expected = HubImage(f"hub:{tmp_path}").rgb_pictures().eval()(torch.from_numpy(rgb))
        torch.testing.assert_close(rebuilt(torch.from_numpy(rgb).float()), expected)
    assert gradient_of_pixels(rebuilt, rgb).abs().sum() > 0


def test_weights_that_do_not_fit_are_one_line():
    for settings, state in (
        (TextSettings("words", "new"), {}),
        (TextSettings("words", "new"), {"lookup.vectors": torch.zeros(2, 3), "lookup.rest": torch.zeros(1, 4)}),
    ):
        with pytest.raises(ModelError, match=r"^[^\n]+$"):
            rebuild_text(settings, state, None)
    with pytest.raises(ModelError, match=r"^[^\n]+$"):
        rebuild_image(ImageSettings("inception", "new"), {"network.x": torch.zeros(1)}, None)


def test_padding_of_a_network_without_a_mask_is_no_token_of_the_text(tmp_path):
    SAVED["siglip"](tmp_path)
    rebuilt = rebuild_text(TextSettings(f"hub:{tmp_path}", tokens=12), {}, None)
    ids, from_ = rebuilt.prepared(pad([[5, 6]])[0].tolist())
    assert len(ids) == len(from_) > 2 and from_[:2] == [0, 1] and {*from_[2:]} == {-1}


def test_lite0_on_photos_is_its_network_as_onnx_in_floats(tmp_path, monkeypatch):
    """The saved model's own file is in 8-bit integers and answers a little differently."""
    torch.manual_seed(0)
    network = lite0.EfficientNetLite0().eval()
    monkeypatch.setattr(lite0.EfficientNetLite0, "pretrained", classmethod(lambda cls, folder=None: network))
    rebuilt = rebuild_image(ImageSettings("lite0", normalise=True), {}, None).eval()
    rgb = torch.stack([torch.from_numpy(read_rgb(photo, 224).astype(np.float32)) for photo in sorted(PHOTOS.iterdir())])
    export_network(rebuilt, rgb[:1], "rgb", tmp_path / "image.onnx")
    session = InferenceSession(str(tmp_path / "image.onnx"))
    for one in rgb[:, None]:
        (served,) = session.run(None, {"rgb": one.numpy()})
        with torch.no_grad():
            assert np.abs(served - rebuilt(one).numpy()).max() < 1e-3
