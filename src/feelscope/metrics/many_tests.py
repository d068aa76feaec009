"""Many tests at once: p-values, and what is left of them when several questions were asked.

Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's corrected p-values (M,), in the order of those given: one is below 0.05 by chance in 5% of families.

    NaN is no test: it stays NaN, and counts for none.
    """
    given = np.asarray(p_values, dtype=np.float64)  # (M,)
    corrected = np.full(given.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    steps = given[order] * np.arange(len(order), 0, -1)  # the smallest times M, the next times M - 1
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def bootstrap_p(differences: ArrayLike) -> float:
    """The two-sided p-value of "no difference" by resampled differences (R,); at least 2 / (R + 1)."""
    found = np.asarray(differences, dtype=np.float64)
    least = min(int((found <= 0).sum()), int((found >= 0).sum()))
    return min(1.0, 2 * (least + 1) / (len(found) + 1))
