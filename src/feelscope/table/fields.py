"""The standard columns as a post's typed fields, read from the cells of its row."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from feelscope.table.authors import read_author
from feelscope.table.tags import read_tags
from feelscope.table.times import quick_moment


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


_READERS: Mapping[str, Callable[[object], object]] = {
    "tags": read_tags,
    "author": read_author,
    "source": _text,
    "url": _text,
    "alt_text": _text,
}


def standard_fields(
    cells: Mapping[str, object], dates: str = "", readers: Mapping[str, Callable[[object], object]] = _READERS
) -> dict[str, Any]:
    """Read the standard columns of a row, once for all rooms: fields of a `Post`, of those columns that the row has.

    Args:
        cells: By their standard names, as in `Post.other`; others do not count.
        dates: The order of days and months, see `read_time`.
        readers: Of the columns that a row may have, as `readers_of` gives them.

    Example:
        >>> Post("1", "Hello", other=cells, **standard_fields(cells))
    """
    fields: dict[str, Any] = {name: read(cells[name]) for name, read in readers.items() if name in cells}
    if "created_at" in cells:
        moment = quick_moment(cells["created_at"], dates)
        fields["created_at"] = None
        if moment is not None:
            fields["created_at"] = moment[0]
            if moment[1]:
                fields["day_only"] = True
    return fields


def readers_of(columns: Collection[str]) -> Mapping[str, Callable[[object], object]]:
    """The readers of a table's columns, by their standard names; times have one of their own."""
    return {name: read for name, read in _READERS.items() if name in columns}
