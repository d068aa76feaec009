"""Subjects by the letters that they begin with."""

import numpy as np

from feelscope.explore.index.vocabulary import Vocabulary


def test_subjects_that_begin_as_typed_the_most_frequent_first() -> None:
    names = ["pwhite house", "phouse", "phouse of cards", "h#house", "m@housing", "pwhi", "phot"]
    vocabulary = Vocabulary(names, np.array([9, 50, 7, 60, 8, 1, 5]))
    shown = [
        [vocabulary.text(number) for number in vocabulary.beginning(typed)] for typed in ("Hous", "white  h", "#h")
    ]
    assert shown == [["#house", "house", "white house", "@housing", "house of cards"], ["white house"], ["#house"]]
    assert [vocabulary.text(number) for number in vocabulary.beginning("house", 2)] == ["house", "#house"]
    assert [vocabulary.text(number) for number in vocabulary.beginning("whi", 2)] == ["whi", "white house"]
    assert vocabulary.beginning(" ") == vocabulary.beginning("x") == []
