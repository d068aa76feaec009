"""The wide residual network: its size, its blocks against plain arithmetic, its first weights."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from feelscope.encoders.wide_resnet import Activation, Block, Norm, Upper, WideResNet, scale_pixels

PIXELS = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_it_is_the_network_of_28_layers_and_twice_the_width() -> None:
    network = WideResNet()
    convolutions = [module for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
    assert len([one for one in convolutions if one.kernel_size == (3, 3)]) == 25  # and 3 across: 28
    weights, norms, inputs = 3 * 16 * 9, 0, 16
    for outputs in (32, 64, 128):
        for number in range(4):
            weights += 9 * inputs * outputs + 9 * outputs * outputs + (inputs * outputs if number == 0 else 0)
            norms += 2 * inputs + 2 * outputs
            inputs = outputs
    assert sum(one.numel() for one in network.parameters()) == weights + norms + 2 * 128 == 1_466_320


def test_shapes_are_those_of_the_diagram() -> None:
    network = WideResNet().eval()
    with torch.inference_mode():
        lower = network.lower(PIXELS)
        vectors = network(PIXELS)
        wider = network.lower(torch.zeros(1, 3, 48, 48))
        torch.testing.assert_close(vectors, network.upper(lower))
    assert lower.shape == (4, 64, 16, 16)
    assert vectors.shape == (4, 128)
    assert wider.shape == (1, 64, 24, 24)
    assert Upper(6, 10, 2)(torch.rand(3, 6, 8, 8)).shape == (3, 10)


def test_gradients_reach_every_weight() -> None:
    network = WideResNet((4, 5, 6, 7), blocks=2)
    network(PIXELS).square().sum().backward()
    assert all(weights.grad is not None and weights.grad.any() for weights in network.parameters())


@pytest.mark.parametrize(
    ("inputs", "outputs", "stride", "shared"), [(5, 5, 1, False), (5, 7, 2, False), (5, 7, 1, True)]
)
def test_a_block_is_the_sum_of_its_input_and_two_convolutions(inputs, outputs, stride, shared) -> None:
    block = Block(inputs, outputs, stride, shared=shared).eval()
    for module in block.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    x = torch.randn(2, inputs, 6, 6)

    def active(values: torch.Tensor, norm: Activation) -> torch.Tensor:
        mean, variance = (one[:, None, None] for one in (norm[0].running_mean, norm[0].running_var))
        scaled = (values - mean) / (variance + 1e-5).sqrt()
        return torch.where(scaled > 0, scaled, 0.1 * scaled)

    with torch.inference_mode():
        first = F.conv2d(active(x, block.before), block.first.weight, stride=stride, padding=1)
        expected = F.conv2d(active(first, block.between), block.second.weight, padding=1)
        if inputs == outputs:
            expected = expected + x
        else:
            given = active(x, block.before) if shared else x
            expected = expected + F.conv2d(given, block.across.weight, stride=stride)
        torch.testing.assert_close(block(x), expected, atol=1e-5, rtol=1e-5)


def test_running_means_forget_their_start_at_once_and_move_slowly_in_the_end() -> None:
    norm, mean, variance = Norm(1), 0.0, 1.0
    for step in range(50):
        x = torch.randn(8, 1, 2, 2, generator=torch.Generator().manual_seed(step)) * 3 + 5
        norm(x)
        pace = max(0.001, 1 - (1 + step) / (10 + step))
        mean += pace * (float(x.mean()) - mean)
        variance += pace * (float(x.var()) - variance)
    assert float(norm.running_mean) == pytest.approx(mean, rel=1e-4)
    assert float(norm.running_var) == pytest.approx(variance, rel=1e-4)
    assert mean == pytest.approx(5, abs=0.5)
    norm.num_batches_tracked.fill_(9000)
    norm(torch.full((2, 1, 2, 2), 5 + mean))
    assert float(norm.running_mean) == pytest.approx(mean + 0.001 * 5, rel=1e-4)
    kept = norm.running_mean.clone()
    norm.eval()(torch.zeros(2, 1, 2, 2))
    assert torch.equal(norm.running_mean, kept)


def test_the_first_weights_are_the_published() -> None:
    network = WideResNet()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d) and module.weight.numel() > 4000:
            expected = np.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels))
            assert float(module.weight.detach().std()) == pytest.approx(expected, rel=0.06)


def test_pixels_are_scaled_and_channels_come_first() -> None:
    rgb = torch.arange(2 * 2 * 3, dtype=torch.uint8).reshape(1, 2, 2, 3) * 23
    scaled = scale_pixels(rgb)
    assert scaled.shape == (1, 3, 2, 2)
    assert scaled[0, 2, 0, 1] == pytest.approx(int(rgb[0, 0, 1, 2]) / 127.5 - 1)
    assert scale_pixels(torch.tensor([[[[0, 255, 0]]]])).flatten().tolist() == [-1, 1, -1]
