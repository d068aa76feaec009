import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.bottleneck import quiz


def plain_information(labels, word, given=None):
    """I(label; word | given) by its definition, in nats."""
    total = 0.0
    rows = list(zip(labels, word, given if given is not None else [0] * len(labels), strict=True))
    n = len(rows)
    for y, x, z in product(set(labels), (0, 1), (0, 1)):
        p = sum(row == (y, x, z) for row in rows) / n
        if p:
            pz = sum(row[2] == z for row in rows) / n
            pyz = sum((row[0], row[2]) == (y, z) for row in rows) / n
            pxz = sum((row[1], row[2]) == (x, z) for row in rows) / n
            total += p * math.log(p * pz / (pyz * pxz))
    return total


def plain_choice(present, labels, most):
    """The criterion by plain loops; labels (N, L)."""
    chosen = []
    while len(chosen) < most:
        values = []
        for word in range(present.shape[1]):
            told = [
                sum(plain_information(list(side), list(present[:, word]), list(present[:, asked])) for side in labels.T)
                for asked in chosen
            ]
            told.append(sum(plain_information(list(side), list(present[:, word])) for side in labels.T))
            values.append(-1.0 if word in chosen else min(told))
        if max(values) < 1e-12:
            break
        chosen.append(int(np.argmax(np.round(values, 12))))
    return chosen


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_is_that_of_plain_loops(seed):
    draws = np.random.default_rng(seed)
    labels = draws.integers(0, 3, 60)
    present = (draws.random((60, 7)) < 0.2 + 0.25 * (labels[:, None] == np.arange(7) % 3)).astype(np.float32)
    assert quiz.choose_words(present, labels, 5) == plain_choice(present, labels[:, None], 5)


def test_several_labels_are_summed():
    draws = np.random.default_rng(5)
    labels = draws.integers(0, 2, (50, 3))
    present = (draws.random((50, 6)) < 0.3 + 0.4 * labels[:, [0, 1, 2, 0, 1, 2]]).astype(np.float32)
    assert quiz.choose_words(present, labels, 4) == plain_choice(present, labels, 4)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=2, max_size=40))
def test_information_is_that_of_its_definition(rows):
    labels, word = zip(*rows, strict=True)
    sides = np.eye(3)[list(labels)]
    present = np.array(word, dtype=float)[:, None]
    found = quiz.information(sides.T @ present, sides.sum(axis=0))[0] / len(rows)
    assert found == pytest.approx(plain_information(list(labels), list(word)), abs=1e-9)


def test_a_word_that_repeats_an_asked_one_is_not_asked():
    labels = np.array([0, 0, 1, 1, 2, 2] * 5)
    first = (labels == 0).astype(np.float32)
    other = (labels == 1).astype(np.float32)
    present = np.stack([first, first, other], axis=1)
    assert sorted(quiz.choose_words(present, labels, 3)) == [0, 2]


def test_frequent_words_leave_out_what_nobody_can_look_for():
    said = [{"the", "dog", "a", "2"}, {"the", "dog", "runs", "2"}, {"the", "cat"}]
    assert quiz.frequent_words(said, 2) == ("dog",)
    assert quiz.presence(said, ("dog", "cat")).tolist() == [[1, 0], [1, 0], [0, 1]]
