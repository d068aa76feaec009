"""Which of two sides of a comparison a subject belongs to: the signed log-likelihood ratio G2.

    G2 = 2 * sum of O ln(O / E) over the four cells: posts with and without the subject, on either side,

where O is what a cell has and E what it would have if the subject were as frequent on both sides. Its sign is that of
the difference of the two shares.

How likely a difference as large is by chance is not read off G2, which makes too much of subjects that one side does
not have, but told by Fisher's exact test: 12 posts of 236 against none of 325 have G2 = 21, for which
chi-square gives p = 0.000004, and the exact test 0.00005.

Source:
    Dunning 1993, "Accurate methods for the statistics of surprise and coincidence", section 5.
"""

from math import exp, lgamma

import numpy as np

_NEGLIGIBLE = 1e-12  # of a sum


def signed_g2(having: np.ndarray, posts: int, other_having: np.ndarray, other_posts: int) -> np.ndarray:
    """G2 of subjects, above 0 where they are more frequent on the first side, (N,).

    Args:
        having: Posts of the first side that have each subject, (N,).
        posts: Of the first side, above 0.
        other_having, other_posts: The same of the other one.
    """
    a, b = having.astype(float), other_having.astype(float)
    share = (a + b) / (posts + other_posts)  # (N,)
    cells = [(a, posts * share), (posts - a, posts * (1 - share))]
    cells += [(b, other_posts * share), (other_posts - b, other_posts * (1 - share))]
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(found > 0, found * np.log(found / expected), 0.0) for found, expected in cells]
    g2 = 2 * np.sum(parts, axis=0)
    return np.asarray(np.where(a / posts >= b / other_posts, g2, -g2))


def exact_p(having: int, posts: int, other_having: int, other_posts: int) -> float:
    """How likely shares that differ as much, either way, are by chance: twice the tail of Fisher's exact test.

    Args: see `signed_g2`.
    """
    if having * other_posts < other_having * posts:
        having, posts, other_having, other_posts = other_having, other_posts, having, posts
    both = having + other_having
    # The hypergeometric probability that of all posts with the subject as many are on the first side, and more of them.
    term = exp(
        _log_choose(posts, having) + _log_choose(other_posts, other_having) - _log_choose(posts + other_posts, both)
    )
    tail, first = term, having
    while first < min(both, posts) and term > _NEGLIGIBLE * tail:
        term *= (posts - first) * (both - first) / ((first + 1) * (other_posts - both + first + 1))
        tail += term
        first += 1
    return min(1.0, 2 * tail)


def _log_choose(of: int, some: int) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
