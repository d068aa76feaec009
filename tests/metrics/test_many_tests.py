"""Holm's correction against its definition, and how often a p-value of the bootstrap is small by chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.metrics.intervals import draw
from feelscope.metrics.many_tests import bootstrap_p, holm


def step_down(p_values: list[float], level: float) -> list[bool]:
    """Holm's procedure as he states it: from the smallest on, each against level / (tests that are left)."""
    rejected = [False] * len(p_values)
    for rank, test in enumerate(sorted(range(len(p_values)), key=lambda test: p_values[test])):
        if p_values[test] > level / (len(p_values) - rank):
            break
        rejected[test] = True
    return rejected


def test_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])
    assert holm([]).shape == (0,)


@given(st.lists(st.floats(0, 1), max_size=8), st.sampled_from([0.01, 0.05, 0.2]))
def test_rejects_what_the_procedure_rejects(p_values: list[float], level: float) -> None:
    corrected = holm(p_values)
    near = np.abs(corrected - level) < 1e-12  # rounding decides these
    assert (((corrected <= level) == step_down(p_values, level)) | near).all()


def test_no_test_stays_none() -> None:
    assert holm([0.9, float("nan"), 0.5]) == pytest.approx([1.0, float("nan"), 1.0], nan_ok=True)
    assert holm([float("nan"), 0.02]) == pytest.approx([float("nan"), 0.02], nan_ok=True)


def test_p_value_by_hand() -> None:
    assert bootstrap_p([1, 2, 3, -1]) == pytest.approx(2 * 2 / 5)
    assert bootstrap_p([0, 0, 0]) == 1.0
    assert bootstrap_p(np.ones(999)) == pytest.approx(0.002)


def test_p_value_is_small_by_chance_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    small = 0
    for trial in range(400):
        values = random.normal(size=60)
        means = draw(60, resamples=400, seed=trial)[1:] @ values / 60
        small += bootstrap_p(means) < 0.1
    assert 0.06 < small / 400 < 0.15
