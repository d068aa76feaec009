"""Columns of a posts table that go along with its predictions, cell by cell as they are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from feelscope.config import did_you_mean
from feelscope.errors import TableError
from feelscope.files import json_text
from feelscope.table import PostsTable
from feelscope.table.cells import fault_of

ALL = "all"
_OWN = ("id", "emotion", "probabilities", "modalities", "warnings", "abstained")  # of a prediction
_LIKE: tuple[tuple[tuple[str, ...], object], ...] = (  # begins of Arrow's types, and a value of each
    (("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"), 1),
    (("float", "double", "halffloat"), 1.5),
    (("bool",), True),
    (("date32", "date64"), date(2012, 1, 31)),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which columns go along.

    Args:
        names: The table's name to the name among the predictions.
        like: A cell of each, by the latter name, as `open_writer` wants it.
        nests: Whether lists and objects stay what they are; otherwise they become JSON.
    """

    names: Mapping[str, str]
    like: Mapping[str, object]
    nests: bool

    def cells(self, row: Mapping[str, object]) -> dict[str, object]:
        """The cells of a row of the table; one that cannot be read is None."""
        return {name: self._cell(row.get(column), self.like[name]) for column, name in self.names.items()}

    def _cell(self, value: object, like: object) -> object:
        if value is None or fault_of([value]) is not None:
            return None
        if isinstance(value, list | tuple | dict):
            return value if self.nests else json_text(value, default=str)
        if isinstance(like, str) and not self.nests:
            return value.isoformat() if isinstance(value, date) else str(value)
        return value if isinstance(value, str | int | float | date) else str(value)


def find_kept(table: PostsTable, wanted: Collection[str], out: Path | None) -> Kept:
    """Find the columns.

    Args:
        wanted: The table's names, or standard ones; `all` alone is every column. One that a prediction has too goes
            along as `given_NAME`; the id is there anyway.
        out: Where they are written, whose format decides on lists and objects; None prints JSON.

    Raises:
        TableError: There is no such column, or it holds pictures.
    """
    names: dict[str, str] = {}
    for asked in table.types if [*wanted] == [ALL] else wanted:
        column = asked if asked in table.types else table.columns.get(asked, asked)
        if column not in table.types:
            known = [*table.types, *(name for name in table.columns if name not in table.types)]
            raise TableError(f"{table.path}: --keep {asked}: no such column; {did_you_mean(asked, known)}")
        if column == table.columns.get("id"):
            continue
        if "binary" in table.types[column]:
            if [*wanted] == [ALL]:
                continue
            raise TableError(f"{table.path}: --keep {asked}: the column holds pictures, which cannot go along")
        names[column] = f"given_{asked}" if asked in _OWN else asked
    nests = out is None or out.suffix.lower() in (".jsonl", ".ndjson")
    is_parquet = out is not None and out.suffix.lower() == ".parquet"
    like = {name: _like(table.types[column]) if is_parquet else "" for column, name in names.items()}
    return Kept(names, like, nests)


def _like(kind: str) -> object:
    """A value of a column that Arrow would give the same type; text for what is not plain."""
    if kind.startswith("timestamp"):
        return datetime(2012, 1, 31, tzinfo=UTC if "tz=" in kind else None)
    return next((value for begins, value in _LIKE if kind in begins), "text")
