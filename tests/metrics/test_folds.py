"""The mean over folds and its interval, by hand and by scipy."""

import math

import pytest
from scipy.stats import t as student

from feelscope.metrics.folds import over_folds


def test_the_interval_is_students_of_a_variance_that_knows_of_shared_posts() -> None:
    values = [0.70, 0.74, 0.69, 0.75, 0.72]
    found = over_folds(values)
    mean = sum(values) / 5
    variance = sum((value - mean) ** 2 for value in values) / 4
    reach = student.ppf(0.975, 4) * math.sqrt(variance * (1 / 5 + 1 / 4))
    assert found.by_fold == tuple(values)
    assert found.mean == pytest.approx(mean) and found.deviation == pytest.approx(math.sqrt(variance))
    assert found.interval == pytest.approx((mean - reach, mean + reach), abs=1e-6)


def test_a_score_is_no_more_than_one_and_a_difference_may_be_negative() -> None:
    assert over_folds([0.1, 0.9]).interval == (0.0, 1.0)
    assert over_folds([-0.1, 0.9], least=-1.0).interval == (-1.0, 1.0)
    assert over_folds([0.4, 0.4]).interval == (0.4, 0.4)
