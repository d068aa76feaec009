"""Fisher's exact test of two shares, for counts far too small or too far out for an interval to be right.

By hand and checked against scipy in the tests: the explorer has no scipy. Counts that are not whole are put into the
same formula by way of the gamma function.
"""

from math import exp, lgamma

_NEGLIGIBLE = 1e-12  # of a sum


def exact_p(having: float, posts: float, other_having: float, other_posts: float) -> float:
    """How likely shares that differ as much, either way, are by chance: twice the tail of Fisher's exact test.

    Args:
        having: Posts that have something, of the first side; need not be whole, as effective sample sizes are not.
        posts: Of the first side.
        other_having, other_posts: The same of the other side.
    """
    if having * other_posts < other_having * posts:
        having, posts, other_having, other_posts = other_having, other_posts, having, posts
    both = having + other_having
    # The hypergeometric probability that of all posts with the subject as many are on the first side, and more of them.
    term = exp(
        _log_choose(posts, having) + _log_choose(other_posts, other_having) - _log_choose(posts + other_posts, both)
    )
    tail, first = term, having
    while first + 1 <= min(both, posts) and term > _NEGLIGIBLE * tail:
        term *= (posts - first) * (both - first) / ((first + 1) * (other_posts - both + first + 1))
        tail += term
        first += 1
    return min(1.0, 2 * tail)


def _log_choose(of: float, some: float) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
