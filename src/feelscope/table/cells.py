"""Cells: what a value of a row is as text, whether it is empty, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from feelscope.table.growing import is_unicode
from feelscope.table.quarantine import BadRow, Unreadable
from feelscope.text.json_lines import LONGEST

DEEPEST = 50  # lists and objects within one another in a cell
_WITHOUT_TEXT = frozenset((type(None), bool, int, float, bytes, datetime, date))
ROUNDED = "id was rounded by a spreadsheet, which keeps 15 digits; save ids as text"
_AS_POWER = re.compile(r"\s*\d(?:[.,]\d+)?[eE]\+?\d+\s*")
_DIGITS_OF_A_SPREADSHEET = 15


def read_id(value: object) -> str:
    """Read an id: text or a whole number.

    Raises:
        BadRow: It is empty, no id, or what a spreadsheet left of one.
    """
    if isinstance(value, float) and value == value:
        raise BadRow("id is a fractional number, where long ids lose digits; save ids as text", str(value))
    id = read_words("id", value)
    if not id.strip():
        raise BadRow("empty id", broken=False)
    if "\0" in id or not id.isascii():
        fault = fault_of([id])
        if fault is not None:
            raise BadRow(fault.reason, "id")
    if ("E" in id or "e" in id) and id[0] in "123456789" and _AS_POWER.fullmatch(id):
        raise BadRow(ROUNDED, id)
    return id


def looks_rounded(id: str) -> bool:
    """Whether an id is a whole number that has zeros in place of every digit after the fifteenth."""
    return id.isdecimal() and len(id) > _DIGITS_OF_A_SPREADSHEET and not id[_DIGITS_OF_A_SPREADSHEET:].strip("0")


def read_words(name: str, value: object) -> str:
    """Read a cell as text; nothing and not-a-number are empty.

    Raises:
        BadRow: It is no text.
    """
    if isinstance(value, str):
        if len(value) > LONGEST:  # CSV and JSON Lines have none
            raise BadRow(f"{name} is over {LONGEST:,} characters")
        return value
    if is_empty(value):
        return ""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise BadRow("text that is not UTF-8", name) from None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Unreadable):
        raise BadRow(value.reason, value.detail or name)
    raise BadRow(f"{name} is no text", type(value).__name__)


def is_empty(value: object) -> bool:
    """Whether there is nothing in a cell."""
    return value is None or value != value or (isinstance(value, str) and not value.strip()) or value in (b"", [], {})


def look_at_texts(row: Mapping[str, str]) -> tuple[bool, bool]:
    """As `look_at`, of a row of texts alone, as CSV has them, in half the time; raises `TypeError` for any other."""
    return _look("".join([*row, *row.values()]))


def look_at(row: Mapping[str, object]) -> tuple[bool, bool]:
    """Whether no cell of a row has a fault, and whether its texts are surely ASCII without & and <.

    By one look at all texts: a fifth of the time of a look at each.
    """
    texts = [*row]
    for value in row.values():
        kind = type(value)
        if kind is str:
            texts.append(value)  # type: ignore[arg-type]
        elif kind not in _WITHOUT_TEXT:
            return fault_of([*row, *row.values()]) is None, False
    return _look("".join(texts))


def _look(texts: str) -> tuple[bool, bool]:
    if "\0" in texts:
        return False, False
    if texts.isascii():
        return True, "&" not in texts and "<" not in texts
    return is_unicode(texts), False


def fault_of(values: Iterable[object], depth: int = 0) -> Unreadable | None:
    """What is wrong with values, or with what is nested in them; None where nothing is."""
    if depth > DEEPEST:
        return Unreadable("a cell of too many levels")
    for value in values:
        fault: Unreadable | None = None
        if isinstance(value, str):
            if "\0" in value:
                fault = Unreadable("NUL byte in the text")
            elif not (value.isascii() or is_unicode(value)):
                fault = Unreadable("text that is not UTF-8")
        elif isinstance(value, dict):
            fault = fault_of([*value, *value.values()], depth + 1)
        elif isinstance(value, list):
            fault = fault_of(value, depth + 1)
        elif isinstance(value, Unreadable):
            fault = value
        if fault is not None:
            return fault
    return None
