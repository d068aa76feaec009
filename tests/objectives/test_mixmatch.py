"""MixMatch's parts against slow plain loops."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.objectives.mixmatch import Divergence, Mixing, SoftLabels, SquaredError, rising, sharpened
from feelscope.objectives.objective import Batch

LOGITS = torch.tensor([[1.0, 0.5, -2.0], [0.0, 0.0, 3.0], [-1.0, 2.0, 0.25]])
TARGETS = torch.tensor([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]])


class Answers:
    """Outputs that are there already."""

    def logits(self):
        return LOGITS

    def emotions(self, logits):
        return logits


def batch() -> Batch:
    return Batch(encoded_posts({}, {}, torch.zeros(3, dtype=torch.long), taught=TARGETS), np.random.default_rng(0))


def softmax(row):
    powers = [math.exp(value) for value in row]
    return [power / sum(powers) for power in powers]


def test_cross_entropy_with_probabilities():
    expected = [
        -sum(wanted * math.log(said) for wanted, said in zip(target, softmax(row), strict=True))
        for row, target in zip(LOGITS.tolist(), TARGETS.tolist(), strict=True)
    ]
    assert SoftLabels().per_post(Answers(), batch()).tolist() == pytest.approx(expected, abs=1e-6)
    smooth = [
        -sum((0.9 * wanted + 0.1 / 3) * math.log(said) for wanted, said in zip(target, softmax(row), strict=True))
        for row, target in zip(LOGITS.tolist(), TARGETS.tolist(), strict=True)
    ]
    assert SoftLabels(0.1).per_post(Answers(), batch()).tolist() == pytest.approx(smooth, abs=1e-6)


def test_the_squared_error_is_the_mean_over_emotions():
    expected = [
        sum((said - wanted) ** 2 for said, wanted in zip(softmax(row), target, strict=True)) / 3
        for row, target in zip(LOGITS.tolist(), TARGETS.tolist(), strict=True)
    ]
    assert SquaredError().per_post(Answers(), batch()).tolist() == pytest.approx(expected, abs=1e-6)


def test_the_divergence_is_of_the_answer_from_the_guess_and_never_negative():
    expected = [
        sum(wanted * math.log(wanted / said) for said, wanted in zip(softmax(row), target, strict=True) if wanted)
        for row, target in zip(LOGITS.tolist(), TARGETS.tolist(), strict=True)
    ]
    found = Divergence().per_post(Answers(), batch()).tolist()
    assert found == pytest.approx(expected, abs=1e-6)
    assert min(found) > 0


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6).filter(lambda row: sum(row) > 0.1), st.floats(0.1, 1.0))
def test_sharpening_makes_probabilities_surer_in_the_same_order(values, temperature):
    row = [value / sum(values) for value in values]
    powers = [value ** (1 / temperature) for value in row]
    found = sharpened(torch.tensor([row], dtype=torch.float64), temperature)[0].tolist()
    assert found == pytest.approx([power / sum(powers) for power in powers], abs=1e-9)
    assert sum(found) == pytest.approx(1)
    assert max(found) >= max(row) - 1e-9


def test_sharpening_at_one_changes_nothing():
    torch.testing.assert_close(sharpened(TARGETS, 1.0), TARGETS)


@pytest.mark.parametrize(("progress", "share", "expected"), [(0, 0.1, 0), (0.05, 0.1, 0.5), (0.1, 0.1, 1), (0, 0, 1)])
def test_a_weight_rises_over_a_share_of_the_steps(progress, share, expected):
    assert rising(progress, share) == pytest.approx(expected)


def mixing(own: float = 0.8) -> Mixing:
    """Four posts: both modalities, words alone, a picture alone, both."""
    present = {"text": torch.tensor([1.0, 1.0, 0.0, 1.0]), "image": torch.tensor([1.0, 0.0, 1.0, 1.0])}
    return Mixing(torch.tensor([3, 2, 0, 1]), own, present)


def test_a_modality_is_mixed_where_both_posts_have_it():
    values, made = torch.randn(4, 5), mixing()
    for name in ("text", "image"):
        found = made.inputs(name, values)
        for post, partner in enumerate(made.partner.tolist()):
            both = bool(made.present[name][post] * made.present[name][partner])
            for place in range(5):
                own, theirs = values[post, place].item(), values[partner, place].item()
                expected = 0.8 * own + 0.2 * theirs if both else own
                assert found[post, place].item() == pytest.approx(expected, abs=1e-6)


def test_pictures_are_mixed_pixel_by_pixel():
    pictures, made = torch.rand(4, 3, 2, 2), mixing(0.6)
    found = made.inputs("image", pictures)
    torch.testing.assert_close(found[0], 0.6 * pictures[0] + 0.4 * pictures[3])
    torch.testing.assert_close(found[1], pictures[1])


def test_labels_are_mixed_where_some_modality_is():
    labels, made = torch.eye(4), mixing()
    found = made.targets(labels)
    assert found[0].tolist() == pytest.approx([0.8, 0, 0, 0.2])
    assert found[1].tolist() == [0, 1, 0, 0], "words alone and a picture alone have nothing in common"
    assert found[2].tolist() == pytest.approx([0.2, 0, 0.8, 0])
    torch.testing.assert_close(found.sum(dim=1), torch.ones(4))


def test_what_is_drawn_is_a_permutation_and_a_share_of_half_or_more():
    present = {"text": torch.ones(6)}
    drawn = [Mixing.draw(present, 0.75, np.random.default_rng(seed)) for seed in range(300)]
    assert all(sorted(one.partner.tolist()) == [*range(6)] for one in drawn)
    owns = [one.own for one in drawn]
    assert 0.5 <= min(owns) < 0.6
    assert 0.95 < max(owns) <= 1
    draws = np.random.default_rng(5)
    share = draws.beta(0.75, 0.75)
    again = Mixing.draw(present, 0.75, np.random.default_rng(5))
    assert again.own == max(share, 1 - share)
    assert again.partner.tolist() == draws.permutation(6).tolist()
