"""Student's t against scipy."""

import pytest

from feelscope.metrics.student import student_quantile


@pytest.mark.parametrize("level", [0.5, 0.6, 0.9, 0.975, 0.995])
@pytest.mark.parametrize("freedom", [1, 1.5, 2, 3.3, 10, 97, 500, 19_999, 20_000, 1e9])
def test_the_quantile_is_scipys(level: float, freedom: float) -> None:
    scipy = pytest.importorskip("scipy.stats")
    assert student_quantile(level, freedom) == pytest.approx(scipy.t.ppf(level, freedom), rel=2e-4, abs=1e-9)
