"""Scaling: against a plain search, on probabilities whose true scaling is known, and what no scaling may change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.metrics.scaling import (
    AS_IT_IS,
    RIDGES,
    Scaling,
    choose_scaling,
    cross_scaled,
    fit_scaling,
    folds,
    loss,
)

rows = st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(any), min_size=1, max_size=6)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits)
    return powers / powers.sum(axis=-1, keepdims=True)


def drawn(posts: int, temperature: float, biases: tuple[float, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a model, and labels that follow from them by this scaling."""
    random = np.random.default_rng(seed)
    table = softmax(random.normal(0, 2, (posts, 3)))
    truth = Scaling(temperature, biases)(table)
    return table, np.array([random.choice(3, p=row) for row in truth])


@given(rows, st.floats(0.05, 20))
def test_a_temperature_alone_leaves_every_answer(found: list[list[float]], temperature: float) -> None:
    table = np.array(found) / np.sum(found, axis=1, keepdims=True)
    scaled = Scaling(temperature)(table)
    assert scaled.sum(axis=1) == pytest.approx(1)
    chosen = scaled[np.arange(len(table)), table.argmax(axis=1)]
    assert chosen == pytest.approx(scaled.max(axis=1))


def test_the_temperature_is_that_of_a_plain_search() -> None:
    table, labels = drawn(300, 1.7, ())
    candidates = np.linspace(0.5, 4, 3501)
    best = min(candidates, key=lambda temperature: loss(softmax(np.log(table) / temperature), labels))
    assert fit_scaling(table, labels, None).temperature == pytest.approx(best, abs=2e-3)


def test_no_neighbour_of_the_fitted_biases_costs_less() -> None:
    table, labels = drawn(200, 2.0, (1.0, 0.0, -1.0))
    ridge = 3.0

    def cost(temperature: float, biases: tuple[float, ...]) -> float:
        scaled = softmax(np.log(table) / temperature + np.array(biases))
        total = -sum(np.log(row[label]) for row, label in zip(scaled, labels, strict=True))
        return total + ridge / 2 * sum(bias**2 for bias in biases)

    found = fit_scaling(table, labels, ridge)
    least = cost(found.temperature, found.biases)
    for change in (-0.01, 0.01):
        assert cost(found.temperature + change, found.biases) > least
        for at in range(3):
            moved = tuple(bias + change * (at == other) for other, bias in enumerate(found.biases))
            assert cost(found.temperature, moved) > least


def test_what_is_chosen_follows_the_posts() -> None:
    only_hot = choose_scaling(*drawn(2000, 2.0, ()), ridges=())
    biased = choose_scaling(*drawn(2000, 1.5, (1.5, 0.0, -1.5)))
    assert (only_hot.biases, only_hot.temperature) == ((), pytest.approx(2.0, rel=0.15))
    assert np.subtract(biased.biases, biased.biases[1])[[0, 2]] == pytest.approx([1.5, -1.5], abs=0.3)


def test_posts_that_are_calibrated_stay_as_they_are() -> None:
    kept = [choose_scaling(*drawn(100, 1.0, (), seed), ridges=()) == AS_IT_IS for seed in range(10)]
    assert sum(kept) >= 3  # chance makes some temperature look better at times


def test_an_emotion_without_posts_gets_a_finite_bias() -> None:
    table, labels = drawn(200, 1.0, ())
    table, labels = table[labels < 2], labels[labels < 2]
    found = fit_scaling(table, labels, RIDGES[0])
    assert -20 < found.biases[2] < -0.5
    assert loss(found(table), labels) < loss(table, labels)


def test_probabilities_of_zero_and_one_can_be_fitted() -> None:
    table = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    found = fit_scaling(table, [0, 1, 1, 1], None)
    assert np.isfinite(found.temperature) and np.isfinite(found(table)).all()


def test_a_post_is_scaled_by_what_was_fitted_without_it() -> None:
    """With its label changed, a post's own row stays the same, and rows of other folds change."""
    table, labels = drawn(60, 2.0, ())
    changed = labels.copy()
    changed[0] = (labels[0] + 1) % 3
    before, after = cross_scaled(table, labels, ()), cross_scaled(table, changed, ())
    own = next(fold for fold in folds(60, 0) if 0 in fold)
    others = np.setdiff1d(np.arange(60), own)
    assert (before[own] == after[own]).all()
    assert (before[others] != after[others]).any()
