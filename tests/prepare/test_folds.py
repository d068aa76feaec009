"""Folds keep together what belongs together, are about equal, and depend on the posts alone."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.post import Post
from feelscope.prepare.folds import folds, units_of

LIKE = "the river market was full of people this morning"


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 2)), min_size=15, max_size=60),
    st.integers(2, 5),
    st.randoms(),
)
def test_units_stay_whole_no_fold_is_empty_and_the_order_says_nothing(
    rows: list[tuple[int, int]], count: int, order: random.Random
) -> None:
    rows += [(unit, unit % 3) for unit in range(count)]
    found = folds([f"unit {unit}" for unit, _ in rows], [label for _, label in rows], count)
    of_unit = dict(zip([unit for unit, _ in rows], found, strict=True))
    assert found == [of_unit[unit] for unit, _ in rows]
    assert {*found} == {*range(count)}
    mixed = order.sample(rows, len(rows))
    again = folds([f"unit {unit}" for unit, _ in mixed], [label for _, label in mixed], count)
    assert again == [of_unit[unit] for unit, _ in mixed]


def test_each_fold_has_as_many_posts_of_each_emotion() -> None:
    labels = [0] * 50 + [1] * 23 + [2] * 7
    found = folds([f"text {number}" for number in range(80)], labels, 5)
    counts = Counter(zip(found, labels, strict=True))
    for label, posts in enumerate((50, 23, 7)):
        assert {counts[fold, label] for fold in range(5)} <= {posts // 5, -(-posts // 5)}


def test_near_duplicates_one_author_and_one_picture_are_units() -> None:
    posts = [
        Post("a", f"{LIKE} again"),
        Post("b", LIKE),
        Post("c", "nothing like it at all, really"),
        Post("d"),
        Post("e"),
    ]
    names = units_of(posts)
    assert names[0] == names[1] and len({*names}) == 4
    assert len({*units_of(posts, ["x", "", "x", "", ""])}) == 3
    many = [
        Post(str(number), f"words {number} of {number * 7}", author=f"author {number % 12}") for number in range(36)
    ]
    names = units_of(many)
    assert [name == names[0] for name in names] == [number % 12 == 0 for number in range(36)]
