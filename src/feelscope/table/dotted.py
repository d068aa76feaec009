"""Names that reach into a cell: `record.text` is `text` in the object of the column `record`, `media.0.url` in a list's
first."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from feelscope.table.nested import read_nested
from feelscope.table.quarantine import BadRow


def column_of(name: str, names: Collection[str]) -> str | None:
    """The column that a dotted name reaches into; None where no column has its beginning."""
    parts = name.split(".")
    beginnings = (".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))
    return next((beginning for beginning in beginnings if beginning in names), None)


def reach(row: Mapping[str, object], name: str) -> object:
    """The cell of a dotted name; None where there is nothing."""
    column = column_of(name, row)
    if column is None:
        return None
    value = row[column]
    for part in name[len(column) + 1 :].split("."):
        if isinstance(value, str):
            value = read_nested(value)
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list | tuple) and part.isascii() and part.isdigit() and len(part) < 9:
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def with_reached(row: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    """The row, with a cell for each dotted name."""
    return {**row, **{name: reach(row, name) for name in names}}


@dataclass(frozen=True, slots=True)
class Reached:
    """Rows with a cell for each dotted name, as often as they are asked for."""

    rows: Iterable[dict[str, object] | BadRow]
    names: Sequence[str]

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        for row in self.rows:
            yield row if isinstance(row, BadRow) else with_reached(row, self.names)
