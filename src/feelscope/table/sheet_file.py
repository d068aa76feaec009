"""Posts tables as a spreadsheet's own file (.xlsx, .ods): the first sheet with rows, whose first row is the header."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import TableError, needs_extra, one_line
from feelscope.table.cells import ROUNDED
from feelscope.table.columns import check_names, is_known
from feelscope.table.growing import Wait
from feelscope.table.quarantine import BadRow, Unreadable

_EXACT = 10**15  # a spreadsheet's number has 15 digits
_LARGEST = 200_000_000  # bytes of the file, which is held whole


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows of a sheet, each a dict; numbers without a fraction are whole, and a cell of nothing is None."""

    path: Path
    wait: Wait | None = None
    encoding: str = ""
    by_place: bool = False  # see `CsvRows`

    def columns(self) -> dict[str, str]:
        """Give the header's names, each with the type `cell`."""
        names, rows = self._read()
        if not rows:
            raise TableError(f"{self.path}: no rows below the header")
        return dict.fromkeys(names, "cell")

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        names, rows = self._read()
        for row in rows:
            yield dict(zip(names, map(_value, row), strict=True))

    def length(self) -> int:
        """Give the number of rows."""
        return len(self._read()[1])

    def _read(self) -> tuple[list[str], list[list[Any]]]:
        if self.wait is not None:
            raise TableError(f"{self.path}: a spreadsheet is written whole and cannot be followed; append to CSV")
        with needs_extra(f"reading {self.path.suffix}", "sheets"):
            import python_calamine
        if self.path.stat().st_size > _LARGEST:
            raise TableError(f"{self.path}: over {_LARGEST / 1e6:g} MB; save it as CSV UTF-8")
        try:
            book = python_calamine.load_workbook(str(self.path))
            sheets = (book.get_sheet_by_name(name).to_python(skip_empty_area=True) for name in book.sheet_names)
            rows = next((rows for rows in sheets if rows), [])
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise TableError(f"{self.path}: not a readable spreadsheet ({one_line(error)}); save it as CSV") from error
        rows = [row for row in rows if any(cell not in ("", None) for cell in row)]
        if not rows:
            raise TableError(f"{self.path}: the file is empty; expected a header and rows")
        header = [str(cell) for cell in rows[0]]
        if self.by_place and not any(map(is_known, header)):
            header, rows = [""] * len(header), [rows[0], *rows]
        names = [name or f"column_{place}" for place, name in enumerate(header, 1)]
        check_names(names, self.path)
        return names, rows[1:]


def _value(cell: Any) -> object:
    if isinstance(cell, float) and cell.is_integer():
        whole = int(cell)
        return whole if abs(whole) < _EXACT else Unreadable(ROUNDED, f"{cell:g}")
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    return None if cell == "" else cell
