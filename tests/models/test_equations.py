"""Each model of the family against its equation, written as a plain loop."""

import math

import pytest
import torch

from feelscope.errors import ConfigError
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.early import EarlyFusion
from feelscope.models.joint import JointFusion
from feelscope.models.late import LateFusion, sum_of_logarithms
from feelscope.models.single import SingleModality

WIDTHS = {"text": 3, "image": 4, "tags": 2}
EMOTIONS = 3


def linear(layer, vector):
    """Equation 5, by hand."""
    rows = zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
    return [sum(weight * value for weight, value in zip(row, vector, strict=True)) + bias for row, bias in rows]


def softmax(scores):
    """Equation 6, by hand."""
    top = [math.exp(score - max(scores)) for score in scores]
    return [one / sum(top) for one in top]


@pytest.fixture
def post():
    """One post's vectors."""
    torch.manual_seed(1)
    return {name: torch.randn(1, width) for name, width in WIDTHS.items()}


def there(*names):
    return {name: torch.tensor([float(name in names)]) for name in WIDTHS}


def test_late_is_the_normalised_product_of_what_is_there(post):
    parts = {name: SingleModality(name, width, EMOTIONS) for name, width in WIDTHS.items()}
    model = LateFusion(parts)
    for names in (("text", "image"), ("text", "image", "tags"), ("image",)):
        product = [1.0] * EMOTIONS
        for name in names:
            alone = softmax(linear(parts[name].head, post[name][0].tolist()))
            product = [one * other for one, other in zip(product, alone, strict=True)]
        expected = [one / sum(product) for one in product]
        assert model(post, there(*names)).softmax(dim=1)[0].tolist() == pytest.approx(expected, rel=1e-5)


def test_late_is_certain_where_a_plain_product_would_be_zero():
    logits = {"text": torch.tensor([[500.0, 0, 0]]), "image": torch.tensor([[0.0, 400, 0]])}
    product = sum_of_logarithms(logits, {"text": torch.ones(1), "image": torch.ones(1)}).softmax(dim=1)
    torch.testing.assert_close(product, torch.tensor([[1.0, 0, 0]]))


def test_late_of_nothing_says_all_alike(post):
    model = LateFusion({name: SingleModality(name, width, EMOTIONS) for name, width in WIDTHS.items()})
    assert model(post, there()).softmax(dim=1)[0].tolist() == pytest.approx([1 / 3] * 3)


def test_early_is_two_linear_layers_on_all_vectors_with_zeros_for_what_is_missing(post):
    model = EarlyFusion(WIDTHS, EMOTIONS, 6)
    long = [*post["text"][0].tolist(), *[0.0] * WIDTHS["image"], *post["tags"][0].tolist()]
    expected = linear(model.head[2], linear(model.head[0], long))
    assert model(post, there("text", "tags"))[0].tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("pooling", ["max", "mean"])
@pytest.mark.parametrize("names", [("text", "image", "tags"), ("image", "tags"), ("text",), ("tags",)])
def test_joint_pools_what_is_there_in_the_first_ones_space(post, names, pooling):
    model = JointFusion(WIDTHS, EMOTIONS, 6, pooling)
    vectors = {"text": post["text"][0].tolist()}
    for name in ("image", "tags"):
        vectors[name] = linear(model.project[name], post[name][0].tolist())
    pooled = []
    for component in range(WIDTHS["text"]):
        values = [vectors[name][component] for name in names]
        pooled.append(max(values) if pooling == "max" else sum(values) / len(values))
    expected = linear(model.head[2], linear(model.head[0], pooled))
    assert model(post, there(*names))[0].tolist() == pytest.approx(expected, abs=1e-5)


def test_common_space_answers_as_joint_does(post):
    torch.manual_seed(0)
    space = CommonSpaceFusion(WIDTHS, EMOTIONS, 6)
    torch.manual_seed(0)
    joint = JointFusion(WIDTHS, EMOTIONS, 6)
    assert torch.equal(space(post, there("text", "image")), joint(post, there("text", "image")))
    assert space.anchor == "text"
    common = space.in_common_space(post)
    assert {name: vector.shape for name, vector in common.items()} == dict.fromkeys(WIDTHS, (1, 3))
    assert torch.equal(common["text"], post["text"])


def test_single_says_the_bias_where_its_modality_is_missing(post):
    model = SingleModality("image", WIDTHS["image"], EMOTIONS)
    assert torch.equal(model(post, there("text"))[0], model.head.bias)


@pytest.mark.parametrize("make", [JointFusion, CommonSpaceFusion])
def test_a_pooling_or_activation_that_is_none(make):
    with pytest.raises(ConfigError, match=r"^no pooling is named 'maks'; known are max, mean$"):
        make(WIDTHS, EMOTIONS, 6, "maks")
    with pytest.raises(ConfigError, match=r"^no activation is named 'gleu'; did you mean 'gelu'\?$"):
        make(WIDTHS, EMOTIONS, 6, "max", "gleu")
