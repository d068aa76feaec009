"""Lists and objects that a table wrote into a cell as text: as JSON, or as Python and pandas print them."""

import ast
import json
import re
import warnings
from typing import Any

_LONGEST = 100_000  # characters of a cell that is parsed
_OPEN, _CLOSED = "[({", "])}"
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)


def read_nested(text: str) -> list[Any] | dict[str, Any] | None:
    """The list or object that a text holds; None for a text that holds none.

    Example:
        >>> read_nested("['joy', 'spring']"), read_nested('{"id": "7"}'), read_nested("['joy' 'spring']")
        (['joy', 'spring'], {'id': '7'}, ['joy', 'spring'])
    """
    text = text.strip()
    if not text or text[0] not in _OPEN or text[-1] not in _CLOSED or len(text) > _LONGEST:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = _python(text)
    if isinstance(value, tuple | set | frozenset):
        value = list(value)
    return value if isinstance(value, list | dict) else None


def _python(text: str) -> object:
    """What Python or NumPy printed; None for anything else."""
    if "{" not in text:  # NumPy puts no commas, and Python would read 'joy' 'spring' as one text
        quoted = _QUOTED.findall(text)
        if quoted and not _QUOTED.sub("", text).strip("[()] ,\t\r\n"):
            return [_literal(one) for one in quoted]
    return _literal(text)


def _literal(text: str) -> object:
    try:
        with warnings.catch_warnings(action="ignore"):  # of backslashes that escape nothing
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
