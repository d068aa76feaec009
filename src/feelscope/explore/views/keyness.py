"""Which of two sides of a comparison a subject belongs to: the signed log-likelihood ratio G2.

    G2 = 2 * sum of O ln(O / E) over the four cells: posts with and without the subject, on either side,

where O is what a cell has and E what it would have if the subject were as frequent on both sides. Its sign is that of
the difference of the two shares.

How likely a difference as large is by chance is not read off G2, which makes too much of subjects that one side does
not have, but told by `metrics.exact_test`: 12 posts of 236 against none of 325 have G2 = 21, for which
chi-square gives p = 0.000004, and the exact test 0.00005.

Source:
    Dunning 1993, "Accurate methods for the statistics of surprise and coincidence", section 5.
"""

import numpy as np


def signed_g2(having: np.ndarray, posts: int, other_having: np.ndarray, other_posts: int) -> np.ndarray:
    """G2 of subjects, above 0 where they are more frequent on the first side, 0 where equally, (N,).

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
    beyond = np.sign(a * other_posts - b * posts)  # whole numbers, so equal shares are 0 and nothing near it
    return np.asarray(beyond * np.abs(g2))
