"""Dropout takes its share, leaves the mean, and depends on the seed alone."""

import pytest
import torch

from feelscope.encoders.quick_dropout import QuickDropout


@pytest.mark.parametrize("share", [0.1, 0.25, 0.9])
def test_the_share_is_taken_and_the_mean_stays(share):
    torch.manual_seed(0)
    left = QuickDropout(share).train()(torch.ones(1001, 300))  # an odd number of numbers
    assert (left == 0).float().mean() == pytest.approx(share, abs=0.005)
    assert torch.unique(left).tolist() == pytest.approx([0, 1 / (1 - share)])
    by_place = (left == 0).float().mean(dim=0)  # (300,), none is favoured, whichever part of a draw it comes from
    assert by_place.std() < 1.2 * (share * (1 - share) / 1001) ** 0.5
    together = torch.corrcoef(left[:, :4].T)  # the four of one draw say nothing about each other
    assert (together - torch.eye(4)).abs().max() < 0.12


def test_a_seed_gives_one_result_and_two_steps_differ():
    drop, numbers = QuickDropout(0.5).train(), torch.randn(7, 5)
    torch.manual_seed(1)
    first, second = drop(numbers), drop(numbers)
    torch.manual_seed(1)
    assert torch.equal(drop(numbers), first)
    assert not torch.equal(first, second)


def test_nothing_is_taken_in_use_or_of_a_share_of_zero():
    numbers = torch.randn(3, 4)
    assert QuickDropout(0.5).eval()(numbers) is numbers
    assert QuickDropout(0.0).train()(numbers) is numbers


def test_the_gradient_is_that_of_what_is_left():
    numbers = torch.randn(50, 4, requires_grad=True)
    left = QuickDropout(0.25).train()(numbers)
    left.sum().backward()
    assert torch.allclose(numbers.grad, (left != 0) / 0.75)
