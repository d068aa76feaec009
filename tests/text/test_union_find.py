"""Groups that grow by joining."""

from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.union_find import UnionFind


def test_the_first_member_names_a_group():
    groups = UnionFind([0, 0, 2, 3, 3])
    assert groups.firsts() == [0, 0, 2, 3, 3]
    groups.join(4, 1)
    assert groups.firsts() == [0, 0, 2, 0, 0]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_as_walking_from_one_to_the_next(pairs):
    groups = UnionFind(range(10))
    for pair in pairs:
        groups.join(*pair)
    for position in range(10):
        reached, before = {position}, set()
        while reached != before:
            before = set(reached)
            reached |= {end for pair in pairs if before.intersection(pair) for end in pair}
        assert groups.first(position) == min(reached)
