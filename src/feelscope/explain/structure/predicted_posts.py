"""Predictions beside the posts they were made from, both read from their files in step, in constant memory.

Predictions are in their table's order and leave out the posts that could not be read, so one pass over both is enough,
and a prediction that meets no post says that the files do not belong together.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from feelscope.errors import TableError
from feelscope.explain.structure.ratings import read_number
from feelscope.post import Post
from feelscope.table import BadRow, PostsTable
from feelscope.table.opening import open_rows

_COLUMN = "probabilities"  # one column of names and numbers, or in a CSV one column an emotion: probabilities.NAME


class Predictions:
    """A file that `feelscope predict --out` wrote.

    Attributes:
        emotions: In the order of the probabilities.

    Raises:
        TableError: It is no such file.
    """

    def __init__(self, path: Path):
        self.path = path
        self._rows = open_rows(path)
        self._rows.columns()  # raises where there are no rows
        first = next(iter(self._rows))
        self.emotions = () if isinstance(first, BadRow) else tuple(_by_emotion(first))
        if not self.emotions:
            raise TableError(
                f"{path}: no probabilities in its first row; give a file that feelscope predict --out wrote"
            )

    def __iter__(self) -> Iterator[tuple[str, np.ndarray]]:
        """Id and probabilities, float32 (K,), of every row."""
        return ((id, probabilities) for id, probabilities, _ in self.rows())

    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self._rows.columns())

    def rows(self) -> Iterator[tuple[str, np.ndarray, Mapping[str, object]]]:
        """The same, each with all cells of the row."""
        for number, row in enumerate(self._rows, 1):
            if isinstance(row, BadRow) or row.get("id") in (None, ""):
                raise self._fault(number, "it cannot be read" if isinstance(row, BadRow) else "it has no id")
            by_emotion = _by_emotion(row)
            if tuple(by_emotion) != self.emotions:
                raise self._fault(number, "its emotions are not those of the first row")
            values = [read_number(value) for value in by_emotion.values()]
            if not all(0 <= value <= 1 for value in values):  # NaN is not either
                raise self._fault(number, "a probability is not a number from 0 to 1")
            yield str(row["id"]), np.array(values, dtype=np.float32), row

    def _fault(self, number: int, what: str) -> TableError:
        return TableError(f"{self.path}, row {number}: {what}; run feelscope predict again")


def in_step(table: PostsTable, predictions: Predictions) -> Iterator[tuple[Post, np.ndarray]]:
    """Every post that has a prediction, with its probabilities (K,).

    Raises:
        TableError: A prediction has no post where the table's order would have it.
    """
    return ((post, probabilities) for post, probabilities, _ in rows_in_step(table, predictions))


def rows_in_step(
    table: PostsTable, predictions: Predictions
) -> Iterator[tuple[Post, np.ndarray, Mapping[str, object]]]:
    """The same, with all cells of the prediction."""
    rows = predictions.rows()
    following = next(rows, None)
    for post in table:
        if following is None:
            break
        if post.id == following[0]:
            yield post, following[1], following[2]
            following = next(rows, None)
    if following is not None and table.limit is None:
        raise TableError(
            f"{predictions.path}: the post {following[0]!r} is not in {table.path}, or not in this order; "
            "give the table that was predicted"
        )


def _by_emotion(row: Mapping[str, object]) -> dict[str, object]:
    nested = row.get(_COLUMN)
    if isinstance(nested, Mapping):
        return dict(nested)
    start = f"{_COLUMN}."
    return {name.removeprefix(start): value for name, value in row.items() if name.startswith(start)}
