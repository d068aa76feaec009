"""Change points where some were planted, where none were, and against a search of all splittings."""

import itertools
import math

import numpy as np
import pytest

from feelscope.explore.trend.change_points import LEAST_BINS, change_points, effective_counts, intraclass_correlation
from feelscope.explore.trend.change_points import _best_splitting as best_splitting

SHARES = np.array([0.3, 0.15, 0.15, 0.1, 0.1, 0.05, 0.15])
OTHER = np.array([0.2, 0.25, 0.15, 0.1, 0.1, 0.05, 0.15])  # a tenth of all posts moves from the first to the second


def draw(shares: np.ndarray, posts: int, alike: float, seed: int) -> np.ndarray:
    """Counts (T, K) of about `posts` posts a bin at shares (T, K)."""
    random = np.random.default_rng(seed)
    if alike:
        shares = np.stack([random.dirichlet(row * (1 - alike) / alike) for row in shares])
    return np.stack([random.multinomial(random.poisson(posts), row) for row in shares])


def flat(bins: int, shares: np.ndarray = SHARES) -> np.ndarray:
    return np.tile(shares, (bins, 1))


@pytest.mark.parametrize("alike", [0, 0.01, 0.05])
@pytest.mark.parametrize("posts", [20, 200, 5000])
def test_seldom_a_change_where_there_is_none(posts: int, alike: float) -> None:
    runs = [bool(change_points(draw(flat(88), posts, alike, seed))) for seed in range(25)]
    assert sum(runs) <= 2


def test_seldom_a_change_with_two_emotions_or_growing_bins() -> None:
    two = [bool(change_points(draw(flat(88, np.array([0.3, 0.7])), 200, 0.01, seed))) for seed in range(40)]
    assert sum(two) <= 4
    growing = [
        bool(change_points(np.concatenate([draw(flat(22), posts, 0.01, seed + 99 * posts) for posts in (20, 99, 500)])))
        for seed in range(25)
    ]
    assert sum(growing) <= 2


@pytest.mark.parametrize("alike", [0, 0.005])
def test_planted_changes_are_found_to_a_bin(alike: float) -> None:
    for seed in range(10):
        once = np.concatenate([flat(50), flat(38, OTHER)])
        (found,) = change_points(draw(once, 1000, alike, seed))
        assert abs(found - 50) <= 1
        there_and_back = np.concatenate([flat(50), flat(12, OTHER), flat(26)])
        first, second = change_points(draw(there_and_back, 1000, alike, seed))
        assert abs(first - 50) <= 1
        assert abs(second - 62) <= 1


def test_an_event_of_one_bin_is_no_change() -> None:
    for seed in range(10):
        assert change_points(draw(np.concatenate([flat(50), flat(1, OTHER), flat(37)]), 1000, 0.002, seed)) == []


@pytest.mark.parametrize("empty", [0, 94])
def test_a_change_costs_by_the_bins_that_have_posts(empty: int) -> None:
    # Apart, the two halves are likelier by 8.79 than together; the price is 3 ln 6 = 5.38, and of 100 bins 13.8.
    counts = np.array([[50, 50]] * 3 + [[62, 38]] * 3 + [[0, 0]] * empty)
    assert change_points(counts) == [3]
    assert change_points(np.array([[50, 50]] * 3 + [[59, 41]] * 3)) == []  # by 4.91


def test_what_lasts_three_bins_is_a_change() -> None:
    for bins, expected in ((3, [20, 23]), (4, [20, 24])):
        shares = np.concatenate([flat(20), flat(bins, OTHER), flat(20)])
        assert change_points((1000 * shares).round().astype(int)) == expected


def test_bins_without_posts_change_nothing() -> None:
    counts = np.concatenate([draw(flat(30), 1000, 0, 1), draw(flat(30, OTHER), 1000, 0, 2)])
    assert change_points(counts) == [30]
    with_gaps = np.zeros((120, 7), int)
    with_gaps[::2] = counts
    assert change_points(with_gaps) in ([59], [60])


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((0, 7), int),
        np.zeros((40, 7), int),
        np.zeros((40, 0), int),
        np.full((1, 2), 100),
        np.column_stack([np.full(40, 100), np.zeros(40, int)]),
    ],
    ids=["no bins", "no posts", "no emotions", "one bin", "one emotion"],
)
def test_nothing_to_find(counts: np.ndarray) -> None:
    assert change_points(counts) == []
    assert intraclass_correlation(counts) == 0


@pytest.mark.parametrize("alike", [0, 0.01, 0.05])
def test_how_alike_posts_of_a_bin_are(alike: float) -> None:
    found = [intraclass_correlation(draw(flat(200), 500, alike, seed)) for seed in range(5)]
    assert np.median(found) == pytest.approx(alike, rel=0.25, abs=0.001)


def test_effective_counts() -> None:
    counts = np.array([[30, 70], [0, 0], [1, 0]])
    assert (effective_counts(counts, 0) == counts).all()
    assert effective_counts(counts, 1).sum(axis=1) == pytest.approx([1, 0, 1])
    assert effective_counts(counts, 0.1)[0] == pytest.approx(counts[0] / 10.9)


@pytest.mark.parametrize("seed", range(6))
def test_the_splitting_is_the_best_of_all(seed: int) -> None:
    random = np.random.default_rng(seed)
    bins = 13
    counts = random.integers(0, 60, (bins, 3)) + np.where(np.arange(bins) < random.integers(bins), 0, 50)[:, None] * [
        1,
        0,
        2,
    ]

    def surprise(some: np.ndarray) -> float:
        whole = some.sum(axis=0)
        return -2 * sum(n * math.log(n / whole.sum()) for n in whole if n)

    def cost(cuts: tuple[int, ...]) -> float:
        edges = [0, *cuts, bins]
        price = (3 - 1 + 2) * math.log((counts.sum(axis=1) > 0).sum())
        return sum(surprise(counts[a:b]) for a, b in itertools.pairwise(edges)) + price * len(cuts)

    allowed = [
        cuts
        for number in range(bins // LEAST_BINS)
        for cuts in itertools.combinations(range(1, bins), number)
        if all(b - a >= LEAST_BINS for a, b in itertools.pairwise([0, *cuts, bins]))
    ]
    assert tuple(best_splitting(counts.astype(float))) == min(allowed, key=cost)


@pytest.mark.parametrize("bins", [5, 6])
def test_the_likeness_is_that_at_which_chance_explains_the_usual_difference(bins: int) -> None:
    # Months of 100 posts by turns 50, 30, 20 and 30, 50, 20: every two differ by chi-square 10. Its median by chance,
    # of two degrees, is 2 (1 - 2 / 18)^3 = 1.404664, so posts count 1 / (1 + 99 r) = 0.1404664 each.
    counts = np.array([[50, 30, 20], [30, 50, 20]] * 3)[:bins]
    expected = (10 / 1.404664 - 1) / 99 if bins == 6 else 0  # four pairs are too few to tell
    assert intraclass_correlation(counts) == pytest.approx(expected, abs=1e-6)
    with_unfelt = np.column_stack([counts, np.zeros(bins, int)])
    assert intraclass_correlation(with_unfelt) == pytest.approx(expected, abs=1e-6)
    if bins == 6:
        changed = np.concatenate([[[0, 0, 100]], counts])  # one pair far apart does not move a median
        assert intraclass_correlation(changed) == pytest.approx(expected, abs=1e-6)


def test_the_likeness_is_told_from_months_of_ten_posts_on() -> None:
    ten, nine = np.array([[10, 0], [0, 10]] * 3), np.array([[9, 0], [0, 9]] * 3)
    # Chi-square 20 between any two; its median by chance, of one degree, is (1 - 2 / 9)^3 = 0.470508.
    assert intraclass_correlation(ten) == 1, "all of a month are the same"
    assert intraclass_correlation(nine) == 0
    assert intraclass_correlation(np.array([[10, 0], [0, 9]] * 3)) == 0


@pytest.mark.parametrize("seed", range(30))
def test_empty_time_is_passed_over_and_the_changes_are_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.ones(3), size=4)
    counts = np.array([random.multinomial(random.integers(1, 200), shares[t // 25]) for t in range(100)])
    counts[random.random(100) < random.choice([0.1, 0.5, 0.9])] = 0
    for start, length in random.integers(0, [100, 40], size=(3, 2)):
        counts[start : start + length] = 0
    correlation = intraclass_correlation(counts)
    assert change_points(counts) == best_splitting(effective_counts(counts, correlation))


def test_a_post_long_before_all_others_costs_little() -> None:
    """Of a million bins a square would be 10^12 steps."""
    counts = np.zeros((1_000_000, 2), int)
    counts[0] = 1, 0
    counts[-60:-30] = 90, 10
    counts[-30:] = 10, 90
    assert change_points(counts) == [1_000_000 - 30]
