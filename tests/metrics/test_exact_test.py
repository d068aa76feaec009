import numpy as np
import pytest

from feelscope.metrics.exact_test import exact_p


def test_chance_is_that_of_the_exact_test() -> None:
    stats = pytest.importorskip("scipy.stats")
    draw = np.random.default_rng(6)
    for _ in range(300):
        posts, others = (int(number) for number in draw.integers(1, draw.choice([9, 400, 90_000]), 2))
        here, there = int(draw.integers(0, posts + 1)), int(draw.integers(0, others + 1))
        if draw.random() < 0.5:  # of shares that are alike
            there = min(others, round(here / posts * others))
        whole = posts + others, here + there
        tails = stats.hypergeom.sf(here - 1, *whole, posts), stats.hypergeom.cdf(here, *whole, posts)
        assert exact_p(here, posts, there, others) == pytest.approx(min(1, 2 * min(tails)), rel=1e-4, abs=1e-200)
    assert exact_p(0, 325, 12, 236) == pytest.approx(0.00005, abs=0.00001)


def test_counts_that_are_not_whole_lie_between_those_that_are() -> None:
    found = [exact_p(having, 50, 30, 500) for having in (8, 8.4, 9)]
    assert found[0] > found[1] > found[2] > 0
    assert exact_p(7.5, 7.5, 0.0, 40.2) < exact_p(6.5, 7.5, 1.0, 40.2)
