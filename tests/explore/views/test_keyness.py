def test_equal_shares_are_on_neither_side() -> None:
    sizes = [(posts, other) for posts in range(7, 60, 9) for other in range(7, 60, 13)]
    for posts, other in sizes:
        having = np.arange(1, posts)
        g2 = signed_g2(having * other, posts * other, having * other, posts * other)
        assert not g2.any()
    assert signed_g2(np.array([9]), 21, np.array([21]), 49)[0] == 0
