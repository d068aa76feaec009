"""CSV that a spreadsheet shows and does not run: what would be a formula gets an apostrophe, and loses it when read."""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from feelscope.files import write_whole


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write one or more rows of the same keys as CSV: six digits of a fraction, an empty cell for None and NaN."""
    with write_whole(path, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(csv_cell, rows[0]))
        writer.writerows([_cell(row[key]) for key in rows[0]] for row in rows)


def _cell(value: object) -> object:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return csv_cell(value) if isinstance(value, str) else value


# What spreadsheets take for the begin of a formula: a sign, its full-width form too, after what they skip; and a tab or
# a line break, after which some look again. A number is none.
_SKIPPED = r"[\s\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2060\ufeff]*"
_NUMBER = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?\Z"
_FORMULA = re.compile(rf"'*(?!{_NUMBER})(?:{_SKIPPED}[=+@\uff1d\uff0b\uff20\uff0d-]|[\t\r\n])")
_raw = ContextVar("raw", default=False)


@contextmanager
def raw_cells(raw: bool = True) -> Iterator[None]:
    """Leave the cells of CSV files as they are, until the block ends."""
    before = _raw.set(raw)
    try:
        yield
    finally:
        _raw.reset(before)


def csv_cell(text: str) -> str:
    """A text for a cell of a CSV: before what a spreadsheet would run as a formula, an apostrophe.

    `csv_text` gives the text back, whatever it is.
    """
    if text[:1].isalnum():  # as most cells begin
        return text
    return f"'{text}" if _FORMULA.match(text) and not _raw.get() else text


def csv_text(cell: str) -> str:
    """The text of a cell of a CSV, without the apostrophe of `csv_cell`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell
