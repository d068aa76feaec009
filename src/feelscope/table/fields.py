"""The standard columns as a post's typed fields, read from the cells of its row."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from feelscope.table.tags import read_tags
from feelscope.table.times import is_day, read_time


class StandardFields(TypedDict, total=False):
    """Fields of a `Post`; a column that a row lacks is left out."""

    created_at: datetime | None
    day_only: bool
    tags: tuple[str, ...]
    author: str
    source: str
    url: str


def standard_fields(cells: Mapping[str, object]) -> StandardFields:
    """Read the standard columns of a row, once for all rooms.

    Args:
        cells: By their standard names, as in `Post.other`; others do not count.

    Example:
        >>> Post("1", "Hello", other=cells, **standard_fields(cells))
    """
    fields: StandardFields = {}
    if "created_at" in cells:
        created_at = cells["created_at"]
        fields["created_at"] = read_time(created_at)
        fields["day_only"] = fields["created_at"] is not None and is_day(created_at)
    if "tags" in cells:
        fields["tags"] = read_tags(cells["tags"])
    if "author" in cells:
        fields["author"] = _text(cells["author"])
    if "source" in cells:
        fields["source"] = _text(cells["source"])
    if "url" in cells:
        fields["url"] = _text(cells["url"])
    return fields


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
