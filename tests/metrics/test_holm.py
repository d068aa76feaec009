import numpy as np
import pytest

from feelscope.metrics.holm import holm


def test_by_hand():
    # 0.01 * 4, 0.02 * 3, then 0.03 * 2 and 0.04 * 1, which may not be smaller than the one before
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_never_above_one_and_nan_is_no_test():
    found = holm([0.9, float("nan"), 0.5])
    assert found[[0, 2]] == pytest.approx([1.0, 1.0]) and np.isnan(found[1])
    assert holm([float("nan"), 0.02]) == pytest.approx([float("nan"), 0.02], nan_ok=True)
    assert len(holm([])) == 0


def test_no_more_than_one_in_twenty_families_has_a_finding_by_chance():
    draws = np.random.default_rng(0).random((2000, 10))
    found = np.mean([holm(row).min() < 0.05 for row in draws])
    assert 0.03 < found < 0.065  # uncorrected, 0.40
