"""Drawing posts with known chances."""

import numpy as np
import pytest

from feelscope.metrics.sampling import SUREST, Frame, strata, unsure


def probabilities(posts: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(4, 0.4), posts)


def frame(table: np.ndarray) -> Frame:
    made = Frame(table.shape[1])
    for start in range(0, len(table), 70):
        made.add(table[start : start + 70])
    return made


def draw(table: np.ndarray, number: int, seed: int, at_once: int = 50) -> dict[int, float]:
    drawing = frame(table).draw(number, seed)
    for start in range(0, len(table), at_once):
        rows = table[start : start + at_once]
        drawing.add([str(start + row) for row in range(len(rows))], rows)
    return {int(id): chance for id, chance in drawing.drawn().items()}


@pytest.mark.parametrize("number", [3, 40, 399])
def test_so_many_are_drawn_as_are_asked_for(number: int) -> None:
    table = probabilities(400)
    assert {len(draw(table, number, seed)) for seed in range(30)} == {number}


def test_a_draw_is_the_same_for_a_seed_however_the_posts_come() -> None:
    table = probabilities(400)
    assert draw(table, 40, 7) == draw(table, 40, 7) == pytest.approx(draw(table, 40, 7, at_once=400))
    assert draw(table, 40, 7).keys() != draw(table, 40, 8).keys()


def test_each_post_is_drawn_as_often_as_its_chance_says() -> None:
    table = probabilities(100)
    times = np.zeros(100)
    for seed in range(3000):
        times[[*draw(table, 20, seed)]] += 1
    expected = 20 * unsure(table) / unsure(table).sum()
    assert times / 3000 == pytest.approx(expected, abs=0.03)
    assert expected.max() / expected.min() > 2


def test_every_stratum_gets_its_due_number_within_one() -> None:
    table = probabilities(1000)
    found = [*draw(table, 100, 3)]
    due = np.bincount(strata(table), 100 * unsure(table) / unsure(table).sum(), minlength=20)
    assert (abs(np.bincount(strata(table)[found], minlength=20) - due) < 1).all()


def test_a_post_is_taken_for_unsure_to_a_degree_at_least() -> None:
    assert unsure([[1.0, 0], [0.5, 0.5]]) == pytest.approx([SUREST, 0.5**0.5])
    assert strata([[0.2, 0.8], [0.99, 0.01], [0.5, 0.5]]).tolist() == [7, 4, 1]


def test_the_number_that_is_needed_is_that_of_a_plain_sum() -> None:
    table = probabilities(5000)
    needed, own = frame(table).needed(0.05, 1.3), unsure(table)
    for k in range(4):
        errors = 1.3 * table[:, k] * (1 - table[:, k])
        chances = needed[k] * own / own.sum()
        variance = (errors / chances * (1 - chances)).sum() / 5000**2
        assert 2 * 1.96 * variance**0.5 == pytest.approx(0.05, rel=0.01)
    alone = frame(table).needed_alone(0.05)
    share = table.mean(axis=0)
    assert 2 * 1.96 * (share * (1 - share) / alone * (1 - alone / 5000)) ** 0.5 == pytest.approx(0.05, rel=0.01)
    assert (needed < alone).all()
