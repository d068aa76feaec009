"""Groups that grow by joining."""

from hypothesis import given
from hypothesis import strategies as some

from feelscope.text.joined import Joined


def test_the_first_member_names_a_group():
    joined = Joined([0, 0, 2, 3, 3])
    assert joined.firsts() == [0, 0, 2, 3, 3]
    joined.join(4, 1)
    assert joined.firsts() == [0, 0, 2, 0, 0]


@given(some.lists(some.tuples(some.integers(0, 9), some.integers(0, 9)), max_size=20))
def test_as_walking_from_one_to_the_next(pairs):
    joined = Joined(range(10))
    for pair in pairs:
        joined.join(*pair)
    for position in range(10):
        reached, before = {position}, set()
        while reached != before:
            before = set(reached)
            reached |= {end for pair in pairs if before.intersection(pair) for end in pair}
        assert joined.first(position) == min(reached)
