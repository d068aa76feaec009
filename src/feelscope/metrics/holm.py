"""Holm's correction: how small a p-value is among several that were looked at together."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """The corrected p-values (N,) of p-values (N,); NaN is no test, stays NaN, and counts for none.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    given = np.asarray(p, dtype=np.float64)
    corrected = np.full(given.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    steps = given[order] * np.arange(len(order), 0, -1)  # the smallest times N, the next times N - 1, ...
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
