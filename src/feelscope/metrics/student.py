"""Student's t without scipy, which the commands that count do not need otherwise."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

_NORMAL_FROM = 20_000  # degrees of freedom; there the two differ by less than 0.0002
_POINTS = 20_001


@lru_cache(1024)
def student_quantile(level: float, freedom: float) -> float:
    """The quantile of Student's t; with t = sqrt(freedom) tan(a), the density of a is cos(a) to the power freedom - 1.

    Args:
        level: From 0.5 to below 1.
        freedom: Degrees of freedom, 1 or more; need not be whole.
    """
    assert 0.5 <= level < 1 and freedom >= 1
    if freedom >= _NORMAL_FROM:
        return NormalDist().inv_cdf(level)
    angles = np.linspace(0, math.pi / 2, _POINTS)
    density = np.cos(angles) ** (freedom - 1)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    angle = float(np.interp((2 * level - 1) * area[-1], area, angles))
    return math.sqrt(freedom) * math.tan(angle)
