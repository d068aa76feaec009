"""Intervals against printed figures, against scipy, against plain loops, and against how often they hold."""

import math

import numpy as np
import pytest

from feelscope.metrics.intervals import (
    correlation,
    difference,
    draw,
    interval,
    mean_interval,
    resample,
    wilson,
    with_interval,
)


def test_wilson_as_printed() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    for hits, posts, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(hits, posts) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_is_scipys(level: float) -> None:
    scipy = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    posts = random.integers(1, 1000, 50)
    hits = random.binomial(posts, random.random(50))
    expected = [scipy.binomtest(h, n).proportion_ci(level, "wilson") for h, n in zip(hits, posts, strict=True)]
    assert np.transpose(wilson(hits, posts, level)) == pytest.approx(np.array(expected), abs=1e-12)


def test_difference_as_printed() -> None:
    # Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, method 10.
    for a, m, b, n, low, high in (
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 10, 0.6075, 1),
    ):
        assert difference(a, m, b, n) == pytest.approx((a / m - b / n, low, high), abs=5e-5)


def test_arrays_are_as_single_numbers() -> None:
    hits, posts = np.array([0, 3, 10]), np.array([10, 10, 10])
    low, high = wilson(hits, posts, 0.9)
    assert [*zip(low, high, strict=True)] == [pytest.approx(wilson(int(h), 10, 0.9)) for h in hits]


def test_a_wilson_interval_holds_the_share() -> None:
    random = np.random.default_rng(1)
    low, high = wilson(random.binomial(80, 0.1, 4000), 80)
    assert ((low <= 0.1) & (high >= 0.1)).mean() == pytest.approx(0.95, abs=0.02)


def test_a_correlation_has_fishers_interval() -> None:
    pytest.importorskip("scipy.stats")
    # Columns of r = 0.5 over 28 posts: z = 0.549306, 1.959964 / sqrt(28 - 3) = 0.391993
    basis, _ = np.linalg.qr(np.column_stack([np.ones(28), np.random.default_rng(0).normal(size=(28, 2))]))
    x, y = basis[:, 1], 0.5 * basis[:, 1] + math.sqrt(0.75) * basis[:, 2]
    assert correlation(x, y) == pytest.approx((0.5, math.tanh(0.157313), math.tanh(0.941299)), abs=1e-6)


def test_resamples_are_a_thousand_of_as_many_posts() -> None:
    counts = np.array([[30, 0], [60, 10]])
    draws = resample(counts)
    assert draws.shape == (1000, 2, 2)
    assert (draws.sum(axis=(1, 2)) == 100).all() and not draws[:, 0, 1].any()
    assert draws.mean(axis=0) == pytest.approx(counts, abs=0.5)
    shares = counts / 100
    assert draws.std(axis=0) == pytest.approx(np.sqrt(100 * shares * (1 - shares)), abs=0.25)


def test_paired_draws_are_the_posts_and_a_thousand_resamples_of_them() -> None:
    draws = draw(50)
    assert draws.shape == (1001, 50)
    assert (draws[0] == 1).all() and (draws.sum(axis=1) == 50).all()
    assert draws[1:].mean() == 1 and draws[1:].var() == pytest.approx(1 - 1 / 50, rel=0.02)


def test_the_interval_is_the_middle_95_percent() -> None:
    assert interval(np.arange(1001.0)) == pytest.approx((25, 975))
    assert interval(np.array([math.nan, *range(1001)])) == pytest.approx((25, 975))
    assert np.isnan(interval(np.array([math.nan]))).all()


def test_the_interval_of_a_mean_is_1_96_standard_errors() -> None:
    # Of 1,000 posts 300 have it: 1.96 sqrt(0.3 * 0.7 / 1000) = 0.0284
    assert mean_interval(np.repeat([1.0, 0.0], (300, 700))) == pytest.approx((0.2716, 0.3284), abs=0.002)
    better = np.repeat([1.0, 0.0, -1.0], (300, 500, 200))  # variance 0.49: 1.96 sqrt(0.49 / 1000) = 0.0434
    assert mean_interval(better) == pytest.approx((0.0566, 0.1434), abs=0.003)


def test_an_interval_as_people_read_it() -> None:
    assert with_interval(0.8123, (0.79, 0.8344)) == "0.812 (0.790–0.834)"
    assert with_interval(-0.1, (-0.2, 0.05), " to ") == "-0.100 (-0.200 to 0.050)"
    assert with_interval(0.5, None) == "0.500"
    assert with_interval(None, None) == with_interval(math.nan, None) == "–"
