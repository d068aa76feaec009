"""Further columns of a dataset: which there are, and one type for each, whatever the posts bring."""

import datetime
import json
from collections.abc import Collection
from typing import Any

_EXAMPLES: dict[type, object] = {int: 1, float: 1.0, bool: True, str: "x"}
_SIGNED, _UNSIGNED = range(-(2**63), 2**63), range(2**64)  # whole numbers that a Parquet column may hold
_EXACT = range(-(2**53), 2**53 + 1)  # those that are the same as fractional numbers


class FurtherColumns:
    """The columns that rows have beside the known ones, with their types.

    Args:
        known: Names of columns that are not further ones.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._types: dict[str, type] = {}
        self._whole: dict[str, tuple[int, int]] = {}  # the least and the greatest whole number of a column

    def learn(self, row: dict[str, Any]) -> None:
        """Take note of a row's columns; values that JSON has no type for become text in the row."""
        for name, value in row.items():
            if name in self._known or value is None:
                continue
            kind = type(value)
            if kind not in _EXAMPLES:
                row[name] = json.loads(json.dumps(value, default=_as_text))
                kind = str
            if kind is int:
                least, greatest = self._whole.get(name, (value, value))
                self._whole[name] = min(least, value), max(greatest, value)
            if self._types.setdefault(name, kind) is not kind:
                self._types[name] = float if {self._types[name], kind} == {int, float} else str

    def example(self) -> dict[str, object]:
        """A value of each column's type."""
        return {name: self._greatest(name) if kind is int else _EXAMPLES[kind] for name, kind in self._kinds().items()}

    def of(self, row: dict[str, Any]) -> dict[str, object]:
        """A row's further columns in their types; what does not fit is written as text."""
        return {name: _convert(kind, row[name]) for name, kind in self._kinds().items() if name in row}

    def _kinds(self) -> dict[str, type]:
        """The columns' types; text where whole numbers would lose digits."""
        return {name: str if self._loses_digits(name, kind) else kind for name, kind in self._types.items()}

    def _loses_digits(self, name: str, kind: type) -> bool:
        ends = self._whole.get(name, (0, 0))
        if kind is int:
            return not any(all(end in numbers for end in ends) for numbers in (_SIGNED, _UNSIGNED))
        return kind is float and not all(end in _EXACT for end in ends)

    def _greatest(self, name: str) -> int:
        """A whole number of whose type all of a column's are."""
        least, greatest = self._whole[name]
        return greatest if greatest not in _SIGNED and least >= 0 else 1


def _convert(kind: type, value: object) -> object:
    if value is None or isinstance(value, kind):
        return value
    if kind is float and isinstance(value, int):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_text(value: object) -> str:
    """What JSON does not know: times, and anything else as text."""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
