"""Intervals against printed figures and against how often they hold."""

import numpy as np
import pytest

from feelscope.metrics.intervals import difference, wilson


def test_wilson_as_printed() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    for hits, posts, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(hits, posts) == pytest.approx((low, high), abs=5e-5)


def test_difference_as_printed() -> None:
    # Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, method 10.
    for a, m, b, n, low, high in (
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 10, 0.6075, 1),
    ):
        found = difference(a, m, b, n)
        assert found == pytest.approx((a / m - b / n, low, high), abs=5e-5)


def test_arrays_are_as_single_numbers() -> None:
    hits, posts = np.array([0, 3, 10]), np.array([10, 10, 10])
    low, high = wilson(hits, posts, 0.9)
    assert [*zip(low, high, strict=True)] == [pytest.approx(wilson(int(h), 10, 0.9)) for h in hits]


def test_a_wilson_interval_holds_the_share() -> None:
    random = np.random.default_rng(1)
    low, high = wilson(random.binomial(80, 0.1, 4000), 80)
    assert ((low <= 0.1) & (high >= 0.1)).mean() == pytest.approx(0.95, abs=0.02)
