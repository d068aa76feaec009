"""The standard columns as a post's typed fields, read from the cells of its row."""

from collections.abc import Callable, Mapping
from typing import Any

from feelscope.table.tags import read_tags
from feelscope.table.times import is_day, read_time


def standard_fields(cells: Mapping[str, object]) -> dict[str, Any]:
    """Read the standard columns of a row, once for all rooms: fields of a `Post`, of those columns that the row has.

    Args:
        cells: By their standard names, as in `Post.other`; others do not count.

    Example:
        >>> Post("1", "Hello", other=cells, **standard_fields(cells))
    """
    fields = {name: read(cells[name]) for name, read in _READERS.items() if name in cells}
    if fields.get("created_at"):
        fields["day_only"] = is_day(cells["created_at"])
    return fields


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


_READERS: Mapping[str, Callable[[object], object]] = {
    "created_at": read_time,
    "tags": read_tags,
    "author": _text,
    "source": _text,
    "url": _text,
}
