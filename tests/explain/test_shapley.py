"""Shapley values against a loop over all orders, and the laws that make them what they are."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.explain.shapley import exact, one_at_a_time, sampled


class Game:
    """What random coalitions are worth, and how many were asked."""

    def __init__(self, count: int, seed: int):
        self.worths, self.asked = np.random.default_rng(seed).normal(size=2**count), 0

    def __call__(self, coalitions: np.ndarray) -> np.ndarray:
        self.asked += len(coalitions)
        return self.worths[coalitions @ (1 << np.arange(coalitions.shape[1]))]

    @property
    def change(self) -> float:
        return float(self.worths[-1] - self.worths[0])


def by_hand(worth: Game, count: int) -> np.ndarray:
    """The definition: what each player adds, over every order."""
    total, orders = np.zeros(count), [*permutations(range(count))]
    for order in orders:
        there = np.zeros((1, count), bool)
        for player in order:
            before = worth(there)[0]
            there[0, player] = True
            total[player] += worth(there)[0] - before
    return total / len(orders)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_exact_values_are_those_of_all_orders(count):
    game = Game(count, count)
    np.testing.assert_allclose(exact(game, count), by_hand(game, count), atol=1e-12)


def blocks_of(count, most):
    return [part.tolist() for part in np.array_split(np.arange(count), min(count, most))]


@settings(max_examples=60)
@given(st.integers(1, 14), st.integers(1, 8), st.integers(20, 90), st.integers(0, 9))
def test_sampled_values_sum_to_the_whole_within_the_passes(count, most, passes, seed):
    game = Game(count, seed)
    values = sampled(game, blocks_of(count, most), passes, seed)
    assert values.sum() == pytest.approx(game.change)
    assert game.asked <= passes
    np.testing.assert_array_equal(values, sampled(game, blocks_of(count, most), passes, seed))


@settings(max_examples=40)
@given(st.integers(2, 16), st.integers(32, 90), st.integers(0, 9), st.data())
def test_who_adds_nothing_gets_nothing_and_who_adds_a_constant_gets_that(count, passes, seed, data):
    """Both hold in every order, so they hold of a sample too, as long as players are told apart."""
    idle, steady = data.draw(st.permutations(range(count)))[:2]
    others = [player for player in range(count) if player not in (idle, steady)]
    worths = np.random.default_rng(seed).normal(size=2 ** len(others))

    def worth(coalitions):
        return worths[coalitions[:, others] @ (1 << np.arange(len(others)))] + 0.3 * coalitions[:, steady]

    values = sampled(worth, [[player] for player in range(count)], passes, seed)
    assert values[idle] == pytest.approx(0)
    assert values[steady] == pytest.approx(0.3)


@given(st.integers(2, 6), st.integers(0, 99))
def test_players_that_are_alike_get_the_same(count, seed):
    by_size = np.random.default_rng(seed).normal(size=count + 1)
    np.testing.assert_allclose(exact(lambda rows: by_size[rows.sum(axis=1)], count), (by_size[-1] - by_size[0]) / count)


def test_more_passes_come_closer():
    """On average over games: with ten times the passes, the error is far less than with one pair of orders."""
    errors = {passes: [] for passes in (20, 200)}
    for seed in range(20):
        game = Game(9, seed)
        for passes, found in errors.items():
            values = sampled(game, [[player] for player in range(9)], passes, seed)
            found.append(np.abs(values - exact(game, 9)).mean())
    assert np.mean(errors[200]) < 0.5 * np.mean(errors[20])


def test_a_heavy_block_is_opened_and_a_light_one_shared():
    """40 players in blocks of 5, of which one decides: it is found within 60 passes, and its neighbours get nothing."""

    def worth(coalitions):
        return coalitions[:, 17] + 0.05 * coalitions[:, :5].any(axis=1)

    values = sampled(worth, blocks_of(40, 8), 60, 3)
    assert values[17] == pytest.approx(1)
    assert values[:5].sum() == pytest.approx(0.05)
    assert np.abs(np.delete(values, [17, *range(5)])).max() == 0


def test_two_that_each_suffice_share_and_one_at_a_time_sees_neither():
    def either(coalitions):
        return (coalitions[:, 3] | coalitions[:, 8]).astype(float)

    blocks = [[player] for player in range(12)]
    values = sampled(either, blocks, 100, 0)
    assert values[[3, 8]].sum() == pytest.approx(1)
    assert values[[3, 8]].min() > 0.1
    assert (one_at_a_time(either, blocks, 100) == 0).all()


def test_one_at_a_time_is_a_loop_and_takes_blocks_where_passes_are_few():
    game = Game(6, 1)
    whole = np.ones((1, 6), bool)
    wanted = [game(whole)[0] - game(left)[0] for left in without()]
    np.testing.assert_allclose(one_at_a_time(game, [[0, 1, 2], [3, 4, 5]], 7), wanted)
    few = one_at_a_time(lambda rows: rows.sum(axis=1), [[0, 1, 2], [3, 4, 5]], 6)
    np.testing.assert_allclose(few, 1)


@pytest.mark.parametrize("passes", [2, 3, 7])
def test_one_at_a_time_asks_no_more_than_it_may(passes):
    asked = []

    def game(coalitions):
        asked.append(len(coalitions))
        return coalitions.sum(axis=1).astype(float)

    values = one_at_a_time(game, [[player] for player in range(16)], passes)
    assert sum(asked) <= passes
    np.testing.assert_allclose(values, 1)


def without():
    return [np.array([[player != gone for player in range(6)]]) for gone in range(6)]
