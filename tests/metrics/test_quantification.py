"""Quantification against plain loops and known shares."""

import numpy as np
import pytest

from feelscope.metrics.quantification import adjusted, answers, likeliest, mean_of_each

RATES = np.array([[0.8, 0.2, 0.1], [0.15, 0.7, 0.2], [0.05, 0.1, 0.7]])  # what posts of an emotion are taken for


def posts(number: int, shares: list[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Emotions, and probabilities that are right where all emotions are equally frequent."""
    random = np.random.default_rng(seed)
    emotion = random.choice(3, number, p=shares)
    seen = emotion[:, None] * 2.0 + random.normal(size=(number, 1))
    odds = np.exp(-((seen - np.array([0, 2.0, 4.0])) ** 2) / 2)
    return emotion, odds / odds.sum(axis=1, keepdims=True)


def test_known_errors_are_undone() -> None:
    shares = np.array([0.1, 0.2, 0.7])
    assert adjusted(RATES @ shares, RATES) == pytest.approx(shares, abs=1e-5)


def test_the_shares_are_the_nearest_of_a_fine_grid() -> None:
    means = np.array([0.02, 0.03, 0.95])  # beyond what any shares give
    grid = [np.array([a, b, 1 - a - b]) for a in np.linspace(0, 1, 101) for b in np.linspace(0, 1, 101) if a + b <= 1]
    best = min(grid, key=lambda point: float(((RATES @ point - means) ** 2).sum()))
    assert adjusted(means, RATES) == pytest.approx(best, abs=0.011)


def test_errors_are_those_of_a_plain_loop() -> None:
    emotion, probabilities = posts(50, [0.5, 0.5, 0.0])
    found = mean_of_each(probabilities, emotion)
    assert found.shape == (3, 2)
    for k in range(2):
        rows = [row for row, own in zip(probabilities.tolist(), emotion.tolist(), strict=True) if own == k]
        assert found[:, k] == pytest.approx([sum(column) / len(rows) for column in zip(*rows, strict=True)])
    assert answers([[0.2, 0.8], [0.6, 0.4]]).tolist() == [[0, 1], [1, 0]]


def test_all_methods_find_shifted_shares_that_the_count_misses() -> None:
    labels, known = posts(6000, [1 / 3, 1 / 3, 1 / 3], 1)
    wanted = [0.7, 0.2, 0.1]
    _, probabilities = posts(20_000, wanted, 2)
    acc = adjusted(answers(probabilities).mean(axis=0), mean_of_each(answers(known), labels))
    pacc = adjusted(probabilities.mean(axis=0), mean_of_each(known, labels))
    emq = likeliest(probabilities, [1 / 3, 1 / 3, 1 / 3])
    for shares in (acc, pacc, emq):
        assert shares == pytest.approx(wanted, abs=0.02)
        assert shares.sum() == pytest.approx(1)
    assert abs(answers(probabilities).mean(axis=0) - wanted).max() > 0.05


def test_emq_is_a_plain_loop() -> None:
    _, probabilities = posts(40, [0.6, 0.3, 0.1])
    before = shares = [0.5, 0.3, 0.2]
    for _ in range(1000):
        rows = [[p * s / b for p, s, b in zip(row, shares, before, strict=True)] for row in probabilities.tolist()]
        shares = [sum(row[k] / sum(row) for row in rows) / 40 for k in range(3)]
    assert likeliest(probabilities, before) == pytest.approx(shares, abs=1e-3)
