"""Shares of posts that go together by author: intervals that hold the truth, where counting posts alone does not."""

import numpy as np
import pytest

from feelscope.metrics.clustered_shares import GROUPS, difference, group_of, shares
from feelscope.metrics.intervals import difference as newcombe
from feelscope.metrics.intervals import wilson

RUNS = 600
TRUE = np.array([0.06, 0.3, 0.64])


def counted(random: np.random.Generator, authors: int, posts: int, alike: float, true: np.ndarray = TRUE) -> np.ndarray:
    """Posts of authors with their own leanings, who write one post up to a few dozens, by group: (G, K)."""
    leaning = random.dirichlet(true * (1 / alike - 1), size=authors)
    written = random.geometric(authors / posts, size=authors)
    counts = np.zeros((GROUPS, len(true)), np.int32)
    groups = np.array([group_of(f"{number}") for number in range(authors)])
    np.add.at(counts, groups, random.multinomial(written, leaning))
    return counts


def held(low: np.ndarray, high: np.ndarray, true: np.ndarray) -> np.ndarray:
    return (low <= true) & (true <= high)


@pytest.mark.parametrize(("authors", "posts", "least"), [(40, 600, 0.9), (400, 3000, 0.925), (2000, 12000, 0.925)])
def test_the_interval_of_a_share_holds_it_where_plain_counting_does_not(authors: int, posts: int, least: float) -> None:
    random = np.random.default_rng(authors)
    clustered, plain = [], []
    for _ in range(RUNS):
        counts = counted(random, authors, posts, alike=0.2)
        clustered.append(held(*shares(counts)[1:], TRUE))
        plain.append(held(*wilson(counts.sum(axis=0), counts.sum()), TRUE))
    assert (np.mean(clustered, axis=0)[1:] > least).all() and least < np.mean(clustered) < 0.985
    assert np.mean(plain) < 0.88  # so the check could fail


def test_a_difference_holds_that_of_the_same_authors_and_of_others() -> None:
    random = np.random.default_rng(1)
    other = np.array([0.1, 0.4, 0.5])
    apart, same, wide = [], [], []
    for _ in range(RUNS):
        first = counted(random, 300, 2400, alike=0.15)
        second = counted(random, 300, 2400, alike=0.15, true=other)
        found = difference(second, first)
        apart.append(held(found[1], found[2], other - TRUE))
        leaning = random.dirichlet(TRUE * 5, size=300)
        sides = [np.zeros((GROUPS, 3), np.int32) for _ in range(2)]
        groups = [group_of(f"{number}") for number in range(300)]
        for side in sides:
            np.add.at(side, groups, random.multinomial(8, leaning))
        found = difference(*sides)
        same.append(held(found[1], found[2], np.zeros(3)))
        wide.append(found[2] - found[1])
    for one in (apart, same):
        assert (np.mean(one, axis=0) > 0.92).all() and np.mean(one) < 0.985
    alone = newcombe(*(value for side in sides for value in (side.sum(axis=0), side.sum())))
    assert np.mean(wide, axis=0)[1] < 1.1 * (alone[2] - alone[1])[1]  # what authors have in common does not count


def test_one_row_is_of_independent_posts() -> None:
    counts = np.array([[3, 0, 17]])
    found = shares(counts)
    assert np.allclose(found[1], wilson(counts[0], 20)[0]) and np.allclose(found[2], wilson(counts[0], 20)[1])
    others = np.array([[9, 1, 10]])
    assert np.allclose(difference(counts, others), newcombe(counts[0], 20, others[0], 20))


def test_one_author_tells_nothing_of_others_and_no_post_nothing_at_all() -> None:
    alone = np.zeros((GROUPS, 2), np.int32)
    assert np.isnan(shares(alone)).all()
    alone[group_of("a")] = (3, 1)
    share, low, high = shares(alone)
    assert share.tolist() == [0.75, 0.25] and np.isnan(low).all() and np.isnan(high).all()


def test_groups_are_the_same_in_every_run_and_even() -> None:
    counts = np.bincount([group_of(f"author {number}") for number in range(25_600)], minlength=GROUPS)
    assert group_of("someone") == 105 and counts.min() > 50 and counts.max() < 150
