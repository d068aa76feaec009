"""Do the components mean what psychology expects? Their correlation with people's ratings of the same posts.

A table may have columns of ratings: how pleasant (valence) and how stirring (arousal) people found each post, as in
OASIS, where each of 900 pictures has both, and its one-word label is the text.

Source: Kurdi, Lozano and Banaji 2017, "Introducing the Open Affective Standardized Image Set (OASIS)"; Hu and Flaxman
2018, section 5, for the protocol.
"""

import math
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import ArrayLike

from feelscope.errors import FeelscopeError
from feelscope.metrics.intervals import correlation

RATINGS = ("valence", "arousal")
_ENDINGS = ("", "_mean", " mean", ".mean", "_rating")  # of a rating's column; capitals do not count
_FEWEST = 4  # posts; the interval of a correlation needs more than three


def find_ratings(columns: Collection[str], given: Mapping[str, str]) -> dict[str, str]:
    """Which column holds which rating.

    Args:
        columns: The table's columns.
        given: Rating to column, where the user named it.

    Raises:
        FeelscopeError: The table has no such column.
    """
    for rating, column in given.items():
        if column not in columns:
            raise FeelscopeError(
                f"--ratings {rating}={column}: the table has no such column; it has {', '.join(columns)}"
            )
    by_word = {column.strip().lower(): column for column in reversed([*columns])}
    names = ((rating, rating + ending) for rating in RATINGS for ending in reversed(_ENDINGS))
    return {rating: by_word[name] for rating, name in names if name in by_word} | dict(given)


def read_number(value: object) -> float:
    """A cell as a number; NaN for what is none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):  # the last of a whole number of over 308 digits
        return math.nan
    return number if math.isfinite(number) else math.nan


def correlate(ratings: Mapping[str, ArrayLike], columns: Mapping[str, np.ndarray]) -> list[dict[str, object]]:
    """Pearson's r of every rating (N,) with every column (N,), over the posts that have the rating.

    Returns:
        Rows of `rating`, `with`, `posts`, `r` and its 95% interval `low`, `high`; r and its ends are None where fewer
        than four posts have the rating or one of both never varies.
    """
    rows: list[dict[str, object]] = []
    for rating, cells in ratings.items():
        values = np.asarray(cells, dtype=np.float64)
        rated = np.isfinite(values)
        for name, column in columns.items():
            x, y = values[rated], column[rated].astype(np.float64)
            varies = len(x) >= _FEWEST and x.std() > 0 and y.std() > 0
            r, low, high = correlation(x, y) if varies else (None, None, None)
            rows.append({"rating": rating, "with": name, "posts": len(x), "r": r, "low": low, "high": high})
    return rows
