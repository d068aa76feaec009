"""Integrated gradients against a plain sum, and what must hold of any."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from feelscope.errors import MissingExtra
from feelscope.explain.integral import integrate


def toy(seed=0):
    """A smooth network of two inputs, (B, 3) and (B, 2, 2), to (B,)."""
    torch.manual_seed(seed)
    layers = nn.Sequential(nn.Linear(7, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    inputs = [torch.randn(1, 3), torch.randn(1, 2, 2)]
    baselines = [torch.randn(1, 3) * 0.1, torch.zeros(1, 2, 2)]
    return (lambda a, b: layers(torch.cat([a, b.flatten(1)], dim=1))[:, 0]), inputs, baselines


def plain(function, inputs, baselines, steps):
    """Equation 3 of the paper, at the middles of the steps, one step at a time."""
    sums = [torch.zeros_like(one) for one in inputs]
    for step in range(steps):
        at = (step + 0.5) / steps
        points = [(start + at * (end - start)).requires_grad_() for start, end in zip(baselines, inputs, strict=True)]
        for total, gradient in zip(sums, torch.autograd.grad(function(*points).sum(), points), strict=True):
            total += gradient / steps
    return [(end - start) * total for start, end, total in zip(baselines, inputs, sums, strict=True)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_weights_are_those_of_a_plain_sum(seed):
    function, inputs, baselines = toy(seed)
    found = integrate(function, inputs, baselines)
    for weights, expected in zip(found.weights, plain(function, inputs, baselines, 1000), strict=True):
        np.testing.assert_allclose(weights.numpy(), expected[0].detach().numpy(), atol=1e-5)


def test_weights_sum_to_the_change():
    function, inputs, baselines = toy(1)
    found = integrate(function, inputs, baselines)
    change = (function(*inputs) - function(*baselines)).item()
    assert abs(change) > 0.01
    assert found.value - found.baseline == pytest.approx(change, abs=1e-6)
    assert sum(float(one.sum()) for one in found.weights) == pytest.approx(change, abs=1e-4)
    assert found.error < 1e-4 and found.is_exact and found.passes == 2 + 32


def test_an_input_that_does_nothing_has_no_weight():
    found = integrate(
        lambda a, b: a.sum(dim=1) + 0 * b.sum(dim=1),
        [torch.ones(1, 3), torch.ones(1, 2)],
        [torch.zeros(1, 3), torch.zeros(1, 2)],
    )
    assert found.weights[0].tolist() == pytest.approx([1, 1, 1])
    assert found.weights[1].tolist() == [0, 0]


def test_more_steps_are_taken_where_a_few_miss_a_jump():
    def jump(x):  # from 0 to 1 around 0.501
        return torch.sigmoid((x[:, 0] - 0.501) * 200)

    few, many = (integrate(jump, [torch.ones(1, 1)], [torch.zeros(1, 1)], steps) for steps in ((4,), (4, 256)))
    assert not few.is_exact and few.error > 0.1 and few.passes == 6
    assert many.is_exact and many.passes == 2 + 4 + 256


def test_without_captum_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(MissingExtra, match=r'^integrated gradients needs? captum: pip install "feelscope\[train\]"$'):
        integrate(*toy())
