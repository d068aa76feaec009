"""Signed G2: equal shares have none."""

import numpy as np

from feelscope.explore.views.keyness import signed_g2


def test_equal_shares_are_on_neither_side() -> None:
    for posts in range(7, 60, 9):
        having = np.arange(1, posts)
        for times, others in ((1, 3), (3, 7), (10, 21)):
            g2 = signed_g2(having * times, posts * times, having * others, posts * others)
            assert not g2.any()
    more, less = signed_g2(np.array([9, 9]), 21, np.array([20, 22]), 49)
    assert more > 0 > less
