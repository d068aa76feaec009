"""What every fusion model has to keep. A new one goes into FUSIONS."""

import math

import pytest
import torch
from small_training import IMAGE_WIDTH, TRUNK_SHAPE, towers

from feelscope.models.gated import GatedFusion
from feelscope.models.towers import TensorBatch

FUSIONS = {"gated": GatedFusion}
TEXT, IMAGE, EMOTIONS, WIDTH = 12, 20, 5, 8


@pytest.fixture(params=FUSIONS)
def make(request):
    def build(dropout=0.1, seed=0):
        torch.manual_seed(seed)
        return FUSIONS[request.param](TEXT, IMAGE, EMOTIONS, WIDTH, dropout)

    return build


def inputs(posts=4, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(posts, TEXT, generator=draw), torch.randn(posts, IMAGE, generator=draw)


def presence(*rows):
    """Two (B,) tensors of rows such as "ti", "t", "i", ""."""
    return torch.tensor([float("t" in row) for row in rows]), torch.tensor([float("i" in row) for row in rows])


@pytest.mark.parametrize("posts", [1, 4])
def test_shape(make, posts):
    for way in ("ti", "t", "i", ""):
        logits = make()(*inputs(posts), *presence(*[way] * posts))
        assert logits.shape == (posts, EMOTIONS)
        assert torch.isfinite(logits).all()


def test_gradients_reach_both_halves_and_every_weight(make):
    text, image = (half.requires_grad_() for half in inputs())
    model = make().train()
    model(text, image, *presence("ti", "t", "i", "ti")).square().sum().backward()
    assert text.grad.abs().sum(dim=1).gt(0).tolist() == [True, True, False, True]
    assert image.grad.abs().sum(dim=1).gt(0).tolist() == [True, False, True, True]
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_what_a_missing_half_holds_does_not_matter(make):
    model = make().eval()
    text, image = inputs()
    for way, halves in (("t", (text, torch.full_like(image, 1e6))), ("i", (torch.full_like(text, -7.0), image))):
        present = presence(*[way] * 4)
        assert torch.equal(model(*halves, *present), model(text, image, *present))


def test_a_half_that_is_there_does_matter(make):
    model = make().eval()
    (text, image), (other_text, other_image) = inputs(), inputs(seed=1)
    both = presence(*["ti"] * 4)
    for changed in ((other_text, image), (text, other_image)):
        assert not torch.allclose(model(*changed, *both), model(text, image, *both), atol=1e-4)


def test_missing_is_not_zero_and_each_half_misses_in_its_own_way(make):
    model = make().eval()
    text, image = inputs(1)
    ways = [model(text, image, *presence(way)) for way in ("ti", "t", "i", "")]
    zero = model(text, torch.zeros_like(image), *presence("ti"))
    assert all(not torch.allclose(one, other) for at, one in enumerate([*ways, zero]) for other in ways[:at])


def test_posts_do_not_depend_on_each_other(make):
    model = make().eval()
    text, image = inputs()
    has_text, has_image = presence("ti", "t", "i", "ti")
    together = model(text, image, has_text, has_image)
    for row in range(4):
        one = slice(row, row + 1)
        torch.testing.assert_close(together[one], model(text[one], image[one], has_text[one], has_image[one]))
    turned = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(model(*(part[turned] for part in (text, image, has_text, has_image))), together[turned])


def test_saved_is_loaded(make, tmp_path):
    from safetensors.torch import load_file, save_file

    model, other = make().eval(), make(seed=1).eval()
    given = (*inputs(), *presence("ti", "t", "i", ""))
    assert not torch.equal(model(*given), other(*given))
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    other.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(model(*given), other(*given))


def test_the_gate_mixes_as_the_equation_says():
    torch.manual_seed(0)
    model = GatedFusion(TEXT, IMAGE, EMOTIONS, WIDTH, 0.0).eval()
    (text, image), both = inputs(1), presence("ti")
    t, i = model.text(text)[0].tolist(), model.image(image)[0].tolist()
    mixed = []
    for at in range(WIDTH):
        weights, bias = model.gate.weight[at].tolist(), model.gate.bias[at].item()
        inner = bias + sum(weight * value for weight, value in zip(weights, t + i, strict=True))
        gate = 1 / (1 + math.exp(-inner))
        mixed.append(gate * t[at] + (1 - gate) * i[at])
    torch.testing.assert_close(model(text, image, *both), model.head(torch.tensor([mixed])))


def batch():
    draw = torch.Generator().manual_seed(0)
    return TensorBatch(
        ids=torch.tensor([[1, 10, 2], [1, 2, 0], [0, 0, 0]]),
        mask=torch.tensor([[1, 1, 1], [1, 1, 0], [1, 0, 0]]),
        trunk=torch.randn(2, *TRUNK_SHAPE, generator=draw),
        pictured=torch.tensor([0, 2]),
        has_text=torch.tensor([1.0, 1.0, 0.0]),
        has_image=torch.tensor([1.0, 0.0, 1.0]),
        borrowed=torch.zeros(3),
        labels=torch.tensor([0, 1, 2]),
        parts=torch.tensor([-1, -1, -1]),
        taught=torch.zeros(3, 0),
    )


def test_towers_train_every_weight_of_both_encoders():
    model = towers().train()
    model(batch()).square().sum().backward()
    still = [name for name, one in model.named_parameters() if one.grad is None or not one.grad.abs().sum()]
    # The key's bias shifts all attention scores of a token alike, so that its gradient is rounding at most.
    assert [name for name in still if not name.endswith("key.bias")] == []


def test_towers_put_each_picture_at_its_post():
    model = towers().eval()
    given = batch()
    _, image = model.vectors(given, half_precision=False)
    assert image.shape == (3, IMAGE_WIDTH)
    assert image[1].abs().sum() == 0
    expected = model.image_top(given.trunk).mean(dim=(2, 3))
    assert torch.equal(image[[0, 2]], expected)


def test_towers_of_words_alone_need_no_picture():
    given = batch()
    given.trunk, given.pictured, given.has_image = given.trunk[:0], given.pictured[:0], torch.zeros(3)
    assert torch.isfinite(towers().eval()(given)).all()


def test_pretrained_running_means_stay_while_training():
    model = towers().train()
    assert model.text.training
    assert not model.image_top[1].training
    model(batch())
    assert model.image_top[1].running_mean.abs().sum() == 0


def test_half_precision_changes_little_and_returns_full_floats():
    model = towers().eval()
    full, half = model(batch()), model(batch(), half_precision=True)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, full, atol=0.05, rtol=0.05)
    assert not torch.equal(half, full)
