"""The scores of one measurement, as rows of a CSV."""

import csv
from pathlib import Path

COLUMNS = ("measure", "row", "emotion", "seed", "value", "low", "high")


class Table:
    """Rows of one measure, shown as they come.

    Args:
        measure: What the values are.
    """

    def __init__(self, measure: str):
        self._measure, self._rows = measure, []

    def add(
        self, row: str, seed: int, value: float, low: float, high: float, emotion: str = "", what: str = ""
    ) -> None:
        """Add a value and its 95% interval."""
        entry = (what or self._measure, row, emotion, seed, *(f"{number:.4f}" for number in (value, low, high)))
        self._rows.append(entry)
        print(*entry, sep=" | ", flush=True)

    def write(self, path: Path) -> None:
        """Write them to a file."""
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *self._rows])
