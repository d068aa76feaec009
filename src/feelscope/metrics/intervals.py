"""Intervals of shares and of their differences, for single numbers and for arrays alike."""

from statistics import NormalDist
from typing import Any

import numpy as np

SURE = 0.95  # how often an interval holds what it is of


def wilson(hits: Any, posts: Any, sure: float = SURE) -> tuple[Any, Any]:
    """The interval of a share (Wilson 1927).

    Args:
        hits: How many posts have it; need not be whole.
        posts: Of how many, above 0.
    """
    deviations = NormalDist().inv_cdf((1 + sure) / 2)
    share, square = hits / posts, deviations**2
    centre = (share + square / (2 * posts)) / (1 + square / posts)
    half = deviations / (1 + square / posts) * (share * (1 - share) / posts + square / (4 * posts**2)) ** 0.5
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def difference(hits: Any, posts: Any, other_hits: Any, other_posts: Any, sure: float = SURE) -> tuple[Any, Any, Any]:
    """A share less another of other posts, and its interval.

    Source:
        Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.
    """
    share, other = hits / posts, other_hits / other_posts
    low, high = wilson(hits, posts, sure)
    other_low, other_high = wilson(other_hits, other_posts, sure)
    down = ((share - low) ** 2 + (other_high - other) ** 2) ** 0.5
    up = ((high - share) ** 2 + (other - other_low) ** 2) ** 0.5
    return share - other, share - other - down, share - other + up
