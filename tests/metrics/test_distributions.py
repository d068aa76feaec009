import numpy as np
import pytest
from scipy.linalg import sqrtm

from feelscope.errors import ConfigError
from feelscope.metrics import distributions
from feelscope.metrics.distributions import LEAST, frechet_distance, kernel_distance


@pytest.fixture(scope="module")
def sets() -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(0)
    mixing = draws.normal(size=(5, 5))
    return draws.normal(size=(3000, 5)), draws.normal(0.3, 1.5, size=(2500, 5)) @ mixing


def test_frechet_distance_as_the_equation(sets) -> None:
    first, second = sets
    one, other = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    gap = first.mean(axis=0) - second.mean(axis=0)
    wanted = gap @ gap + np.trace(one + other - 2 * sqrtm(one @ other).real)
    assert frechet_distance(first, second) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(second, first) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)


def test_frechet_distance_of_known_normal_distributions() -> None:
    draws = np.random.default_rng(1)
    first, second = draws.normal(size=(200_000, 2)), draws.normal(size=(200_000, 2)) * [3, 1] + [0, 2]
    assert frechet_distance(first, second) == pytest.approx((3 - 1) ** 2 + 2**2, rel=0.02)


def test_vectors_in_a_plane_of_their_space(sets) -> None:
    flat = np.concatenate([sets[0], sets[0][:, :1]], axis=1)  # of rank 5 in 6 dimensions
    assert frechet_distance(flat, flat + 1) == pytest.approx(6, rel=1e-6)


def test_few_vectors_are_refused(sets) -> None:
    with pytest.raises(ConfigError, match=r"of 2,047 vectors says more of their count .* give 2,048 or more"):
        frechet_distance(sets[0], sets[1][: LEAST - 1])


def test_kernel_distance_as_a_plain_loop(monkeypatch) -> None:
    monkeypatch.setattr(distributions, "_AT_ONCE", 3)
    draws = np.random.default_rng(0)
    first, second = draws.normal(size=(8, 4)), draws.normal(0.5, 1, size=(7, 4))

    def kernel(x, y):
        return (sum(a * b for a, b in zip(x, y, strict=True)) / 4 + 1) ** 3

    def within(rows):
        pairs = [kernel(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j]
        return sum(pairs) / len(pairs)

    across = [kernel(x, y) for x in first for y in second]
    wanted = within(first) + within(second) - 2 * sum(across) / len(across)
    assert kernel_distance(first, second) == pytest.approx(wanted)


def test_kernel_distance_of_equal_distributions_is_about_0_on_both_sides() -> None:
    draws = np.random.default_rng(0)
    found = [kernel_distance(draws.normal(size=(60, 3)), draws.normal(size=(60, 3))) for _ in range(100)]
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 3 * np.std(found) / 10
    assert kernel_distance(draws.normal(size=(60, 3)), draws.normal(1, 1, size=(60, 3))) > max(found)
