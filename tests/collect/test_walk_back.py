"""A walk back in time finds everything that a server gives in pages, whatever order they come in."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from feelscope.collect.walk_back import next_place

A_PAGE, NOW, MAX_GAP = 5, 10_000, 500


def answer(times, until):
    return sorted((when for when in times if when < until), reverse=True)[:A_PAGE]


@given(st.lists(st.integers(0, NOW - 1), min_size=1, max_size=60), st.integers(0, 2**32), st.booleans())
def test_nothing_is_lost_and_the_walk_ends(times, seed, in_order):
    draw, until, found, calls = random.Random(seed), NOW, Counter(), 0
    crowds = {second for second, count in Counter(times).items() if count > A_PAGE}
    while page := answer(times, until):
        if not in_order:
            draw.shuffle(page)
        found |= Counter(page)
        before, (until, stood) = until, next_place(page, until, MAX_GAP)
        assert until < before, "it never stands still"
        assert not stood or until == before - 1
        calls += 1
    assert {when for when in times if when not in crowds} <= found.keys()
    assert all(found[when] == count for when, count in Counter(times).items() if when not in crowds)
    assert calls <= 2 * len(times) + 1


@given(st.integers(0, 3))
def test_a_stray_old_post_does_not_drag_the_walk_along(place):
    page = [9000, 8990, 8980, 8970]
    page[place] = 100
    until, _ = next_place(page, NOW, MAX_GAP)
    assert until > 8900


def test_a_jump_that_comes_again_is_believed():
    until, _ = next_place([9000, 100, 90], NOW, MAX_GAP)
    assert until == 9001
    assert next_place([9000, 100, 90], until, MAX_GAP) == (101, False)
