"""What gated fusion does beside what every model has to keep (`test_family.py`), and the towers around it."""

import math

import torch
from small_training import IMAGE_WIDTH, TRUNK_SHAPE, towers

from feelscope.models.gated import GatedFusion
from feelscope.models.towers import TensorBatch

TEXT, IMAGE, EMOTIONS, WIDTH = 12, 20, 5, 8


def model(dropout=0.0):
    torch.manual_seed(0)
    return GatedFusion(TEXT, IMAGE, EMOTIONS, WIDTH, dropout).eval()


def inputs(posts=4, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return {"text": torch.randn(posts, TEXT, generator=draw), "image": torch.randn(posts, IMAGE, generator=draw)}


def presence(*rows):
    """(B,) by modality, of rows such as "ti", "t", "i", ""."""
    return {name: torch.tensor([float(name[0] in row) for row in rows]) for name in ("text", "image")}


def test_missing_is_not_zero_and_each_half_misses_in_its_own_way():
    gated, given = model(), inputs(1)
    ways = [gated(given, presence(way)) for way in ("ti", "t", "i", "")]
    zero = gated({**given, "image": torch.zeros_like(given["image"])}, presence("ti"))
    assert all(not torch.allclose(one, other) for at, one in enumerate([*ways, zero]) for other in ways[:at])


def test_its_parameters_have_the_names_that_saved_models_have():
    names = {name.split(".")[0] for name, _ in model().named_parameters()}
    assert names == {"text", "image", "absent", "gate", "head"}


def test_the_gate_mixes_as_the_equation_says():
    gated, given = model(), inputs(1)
    t, i = gated.text(given["text"])[0].tolist(), gated.image(given["image"])[0].tolist()
    mixed = []
    for at in range(WIDTH):
        weights, bias = gated.gate.weight[at].tolist(), gated.gate.bias[at].item()
        inner = bias + sum(weight * value for weight, value in zip(weights, t + i, strict=True))
        gate = 1 / (1 + math.exp(-inner))
        mixed.append(gate * t[at] + (1 - gate) * i[at])
    torch.testing.assert_close(gated(given, presence("ti")), gated.head(torch.tensor([mixed])))


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
