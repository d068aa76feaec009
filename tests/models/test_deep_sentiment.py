"""Deep Sentiment against its figure, written out."""

import numpy as np
import pytest
import torch

from feelscope.encoders.inception import WIDTH
from feelscope.models.deep_sentiment import DeepSentiment
from feelscope.models.network import build_fusion
from feelscope.train.recipe import read_recipe


def test_logits_are_those_of_the_figure() -> None:
    torch.manual_seed(0)
    model = DeepSentiment(6, 9, emotions=3, text_features=8, image_features=4, hidden=5).double()
    w = {name: value.detach().numpy() for name, value in model.named_parameters()}
    text, image = np.random.default_rng(0).normal(size=(2, 6)), np.random.default_rng(1).normal(size=(2, 9))
    words = np.maximum(text @ w["text.0.weight"].T + w["text.0.bias"], 0)  # (2, 8)
    picture = image @ w["image.weight"].T + w["image.bias"]  # (2, 4)
    for has_text, has_image in ((1, 1), (1, 0), (0, 1)):
        both = np.concatenate([words * has_text, picture * has_image], axis=1)
        dense = np.maximum(both @ w["head.0.weight"].T + w["head.0.bias"], 0)
        expected = dense @ w["head.2.weight"].T + w["head.2.bias"]
        present = {"text": torch.full((2,), float(has_text)), "image": torch.full((2,), float(has_image))}
        logits = model({"text": torch.tensor(text), "image": torch.tensor(image)}, present)
        assert logits.detach().numpy() == pytest.approx(expected, abs=1e-9)


def test_the_128_features_of_inception_are_taken_as_they_are() -> None:
    """Inception's last layer makes 128 of 1,024; a second one here would be one too many."""
    model = build_fusion(read_recipe("deep-sentiment").fusion, {"text": 512, "image": WIDTH}, 6)
    assert isinstance(model, DeepSentiment)
    assert not list(model.image.parameters())
    assert model.head[0].in_features == 2176
    present = {"text": torch.zeros(1), "image": torch.ones(1)}
    picture = torch.randn(1, WIDTH)
    dense = torch.cat([torch.zeros(1, 2048), picture], dim=1) @ model.head[0].weight.T + model.head[0].bias
    torch.testing.assert_close(
        model.features({"text": torch.randn(1, 512), "image": picture}, present), torch.relu(dense)
    )


def test_the_recipe_has_the_widths_of_the_thesis() -> None:
    model = build_fusion(read_recipe("deep-sentiment").fusion, {"text": 512, "image": 1280}, 6)
    assert isinstance(model, DeepSentiment)
    assert [tuple(layer.weight.shape) for layer in (model.text[0], model.image, model.head[0], model.head[2])] == [
        (2048, 512),
        (128, 1280),
        (1024, 2176),
        (6, 1024),
    ]
