"""Numbers: columns of a table, each minus its mean and divided by its deviation over the training posts."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post


@dataclass(frozen=True, slots=True)
class Numbers:
    """The standardised numbers of a post."""

    columns: tuple[str, ...]  # (D,), each once
    means: tuple[float, ...]  # (D,), over the training posts that have all of them
    deviations: tuple[float, ...]  # (D,), likewise, above 0; 1 for a constant column

    def __post_init__(self) -> None:
        _check_columns(self.columns)
        if not len(self.columns) == len(self.means) == len(self.deviations):
            raise ConfigError("numbers: columns, means and deviations differ in length; fit the modality again")
        if not all(map(math.isfinite, self.means)) or not all(0 < value < math.inf for value in self.deviations):
            raise ConfigError("numbers: a mean is infinite or a deviation not above 0; fit the modality again")

    @classmethod
    def fit(cls, posts: Iterable[Post], columns: Sequence[str]) -> "Numbers":
        """Compute mean and deviation of the columns over the posts that have all of them.

        Raises:
            ConfigError: No column is named, or one is named twice.
            TableError: No post has them all, or a number is infinite, none, or too large.
        """
        _check_columns(columns)
        posts = list(posts)
        rows = [row for post in posts if (row := _numbers(post, columns)) is not None]
        if not rows:
            raise TableError(_nothing(posts, columns))
        table = np.array(rows)  # (N, D)
        with np.errstate(over="ignore", invalid="ignore"):
            means, deviations = table.mean(axis=0), table.std(axis=0)  # (D,)
        for column, mean, deviation in zip(columns, means, deviations, strict=True):
            if not np.isfinite([mean, deviation]).all():
                raise TableError(f"column {column!r}: its numbers are too large for a mean; write them in another unit")
        constant = table.min(axis=0) == table.max(axis=0)  # (D,), where rounding may leave a deviation of 1e-17
        return cls(
            tuple(columns), tuple(means.tolist()), tuple(np.where(constant | (deviations == 0), 1, deviations).tolist())
        )

    @property
    def width(self) -> int:
        """D, the number of columns."""
        return len(self.columns)

    def vector(self, post: Post) -> np.ndarray | None:
        """float32 (D,) of a post; None where a cell is empty or not a number.

        Raises:
            TableError: A number is infinite, none, or too far from the training posts'.
        """
        row = _numbers(post, self.columns)
        if row is None:
            return None
        with np.errstate(over="ignore"):
            vector = ((np.array(row) - self.means) / self.deviations).astype(np.float32)  # (D,)
        for column, number, value in zip(self.columns, row, vector, strict=True):
            if not np.isfinite(value):
                raise TableError(f"post {post.id!r}, column {column!r}: {number!r} is too large; correct the cell")
        return vector


def _numbers(post: Post, columns: Sequence[str]) -> list[float] | None:
    """The numbers of a post; None where a cell is empty or not a number."""
    numbers = [number for column in columns if (number := _number(post, column)) is not None]
    return numbers if len(numbers) == len(columns) else None


def _number(post: Post, column: str) -> float | None:
    cell = post.other.get(column)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    except OverflowError:  # a whole number of over 308 digits
        number = math.inf
    if not math.isfinite(number):
        raise TableError(
            f"post {post.id!r}, column {column!r}: {number} is not a finite number; empty or correct the cell"
        )
    return number


def _nothing(posts: Sequence[Post], columns: Sequence[str]) -> str:
    """Why no post has all of the columns."""
    known = dict.fromkeys(name for post in posts for name in post.other)
    for column in columns:
        if column not in known:
            hint = did_you_mean(column, known) if known else "the posts have no further columns"
            return f"no training post has a column {column!r}; {hint}"
    return f"no training post has numbers in {' and '.join(columns)} at once; correct the cells, or leave columns out"


def _check_columns(columns: Sequence[str]) -> None:
    if not columns or len(set(columns)) != len(columns):
        raise ConfigError(f"numbers: expected columns, each once, found {', '.join(columns) or 'none'}; numbers:A,B")
