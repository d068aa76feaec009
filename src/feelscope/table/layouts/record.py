"""What all platforms' records are read with: cells deep inside, and the row of a posts table that comes of them.

Nothing in a record is trusted to be what it should: a name that is missing gives nothing, and another type is a
`BadRow`.
"""

import re
from collections.abc import Mapping
from typing import Any

from feelscope.table.quarantine import BadRow
from feelscope.text.html import is_address

Record = Mapping[str, Any]
Row = dict[str, object]
REPOST = "a repost, whose words are somebody else's"
NO_POST = "an entry that is no post"
OTHER = "not a post as its platform writes it"


def dig(value: object, *path: str | int) -> Any:
    """What lies at a path of names and places; None where the path breaks off."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            value = value[part]
        else:
            return None
    return value


def first(value: object, *paths: tuple[str | int, ...] | str) -> Any:
    """What lies at the first of some paths that has anything; None where none has."""
    for path in paths:
        found = dig(value, *((path,) if isinstance(path, str) else path))
        if found not in (None, "", [], {}):
            return found
    return None


def records(value: object) -> list[Record]:
    """The objects in a list; none where it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text_of(name: str, value: object) -> str:
    """A text, also of a number; empty for nothing.

    Raises:
        BadRow: It is something else.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value:
        raise BadRow(f"its {name} is no text", repr(value)[:100])
    return ""


def id_of(value: object) -> str:
    """An id: a text, or a whole number.

    Raises:
        BadRow: There is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise BadRow("no id", repr(value)[:100])


def address_of(value: object) -> str:
    """A web address, without what a list of addresses has between them; empty where it is none."""
    if not isinstance(value, str) or not is_address(value):
        return ""
    return re.sub(r"[,|\s]", lambda sign: f"%{ord(sign[0]):02X}", value)


def row_of(source: str, id: object, text: str, **cells: object) -> Row:
    """The row of a post: its cells by the names of standard columns, and others; empty ones are left out.

    Raises:
        BadRow: It has no id.
    """
    row: Row = {"id": id_of(id), "text": text, "source": source}
    return row | {name: value for name, value in cells.items() if value not in (None, "", [], (), {})}
