"""Design-based regressions against plain algebra, and against how often their intervals hold."""

import numpy as np
import pytest

from feelscope.errors import FeelscopeError
from feelscope.metrics.design_based import FOLDS, Blocks, Coefficients, fit_reading, outcome, regress


def blocks(covariates: np.ndarray, outcomes: np.ndarray, at_once: int = 100) -> Blocks:
    starts = range(0, len(covariates), at_once)
    return lambda: ((covariates[start : start + at_once], outcomes[start : start + at_once]) for start in starts)


def posts(number: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariates, emotion, and a model that sees it more often where the covariate is high, whatever is there."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 2, number)
    emotion = random.random(number) < 0.3
    probability = np.clip(0.2 + 0.5 * emotion + 0.25 * kind + random.normal(0, 0.1, number), 0, 1)
    return np.column_stack([np.ones(number), kind]), emotion.astype(float), probability


def corrected(seed: int, labels: int, logistic: bool) -> tuple[Coefficients, Coefficients]:
    covariates, emotion, probability = posts(2000, seed)
    chosen = np.random.default_rng(seed + 1).permutation(2000)[:labels]
    chances, folds = np.full(labels, labels / 2000), np.arange(labels) % FOLDS
    reading = fit_reading(emotion[chosen], probability[chosen], chances, folds)
    outcomes = reading(probability, np.arange(2000) % FOLDS)
    outcomes[chosen] = outcome(reading(probability[chosen], folds), emotion[chosen], chances)
    found = regress(blocks(covariates, outcomes), 2, labels, logistic=logistic)
    plain = regress(blocks(covariates, (probability > 0.5).astype(float)), 2, 2000, logistic=logistic)
    return found, plain


def test_with_all_labels_it_is_least_squares_with_a_sandwich() -> None:
    covariates, emotion, _ = posts(300, 0)
    found = regress(blocks(covariates, emotion), 2, 300)
    expected = np.linalg.lstsq(covariates, emotion, rcond=None)[0]
    assert found.estimate == pytest.approx(expected)
    bread, meat = np.linalg.inv(covariates.T @ covariates), np.zeros((2, 2))
    for row, y in zip(covariates, emotion, strict=True):
        meat += np.outer(row, row) * float(y - row @ expected) ** 2
    assert found.error == pytest.approx(np.sqrt(np.diagonal(bread @ meat @ bread) * 300 / 298))


def test_with_all_labels_it_is_a_logistic_regression() -> None:
    covariates, emotion, _ = posts(300, 0)
    found = regress(blocks(covariates, emotion), 2, 300, logistic=True)
    shares = [emotion[covariates[:, 1] == kind].mean() for kind in (0, 1)]  # which two coefficients fit exactly
    odds = [np.log(share / (1 - share)) for share in shares]
    assert found.estimate == pytest.approx([odds[0], odds[1] - odds[0]])


@pytest.mark.parametrize("logistic", [False, True])
def test_an_interval_holds_what_predictions_taken_for_facts_miss(logistic: bool) -> None:
    held = np.zeros(2)
    for seed in range(300):
        found, plain = corrected(10 * seed, 200, logistic)
        held += [found.low[1] <= 0 <= found.high[1], plain.low[1] <= 0 <= plain.high[1]]
    assert 0.915 < held[0] / 300 < 0.985  # of 300: 95% less or more two deviations and a half
    assert held[1] / 300 < 0.1


def test_what_cannot_be_fitted_is_said() -> None:
    covariates, emotion, _ = posts(300, 0)
    twice = np.column_stack([covariates, covariates[:, 1]])
    with pytest.raises(FeelscopeError, match="cannot be told apart"):
        regress(blocks(twice, emotion), 3, 300)
    with pytest.raises(FeelscopeError, match="2 coefficients need more than 3 labelled posts, and there are 3"):
        regress(blocks(covariates, emotion), 2, 3)
    with pytest.raises(FeelscopeError, match="certainty"):
        regress(blocks(covariates, covariates[:, 1]), 2, 300, logistic=True)
