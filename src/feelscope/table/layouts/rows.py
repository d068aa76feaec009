"""The rows of an export: those of its file, each as a row of a posts table of the usual columns."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from feelscope.table.dotted import column_of
from feelscope.table.json_file import JsonRows
from feelscope.table.layouts.known import LOOK_AHEAD, Layout, layout_of, rows_of
from feelscope.table.layouts.twitter_notes import Halves, kind_of
from feelscope.table.quarantine import BadRow
from feelscope.text.html import is_address

_FARTHEST = 3  # folders above an export's file that its pictures' paths may start from


class Records(Protocol):
    """The rows of a file as they are in it."""

    @property
    def encoding(self) -> str: ...

    def columns(self) -> dict[str, str]: ...

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]: ...


@dataclass(frozen=True, slots=True)
class LayoutRows:
    """The posts of an export as rows, each a dict or a `BadRow`.

    Args:
        raw: The rows as they are in the file, which may be one that grows.
        there: Those that are there now.
        layout: How they are written.
        root: The folder that paths of pictures start from.
        halves: Of the archive of X, what other files have of its posts.
    """

    raw: Records
    there: Records
    layout: Layout
    root: Path
    halves: Halves | None = None

    @property
    def encoding(self) -> str:
        """The file's."""
        return self.raw.encoding

    def columns(self) -> dict[str, str]:
        """Give the names in the first rows, each with the type `json`; later rows may bring more."""
        names: dict[str, str] = {"id": "json", "text": "json"}
        for record in islice(self.there, 20 * LOOK_AHEAD):
            if not isinstance(record, BadRow):
                for row in rows_of(record, self.layout):
                    names |= {} if isinstance(row, BadRow) else dict.fromkeys(row, "json")
        return names

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        for record in self.raw:
            if isinstance(record, BadRow):
                yield record
            else:
                for row in rows_of(record, self.layout):
                    yield row if isinstance(row, BadRow) else self._whole(row)

    def has(self, given: Mapping[str, str]) -> bool:
        """Whether all columns are there that were named; others name parts of the records as they are in the file."""
        names = self.columns()
        return all(name in names or column_of(name, names) is not None for name in given.values())

    def _whole(self, row: dict[str, object]) -> dict[str, object]:
        """A row with its other half, and as its picture the file of the export, or else its address."""
        if self.halves is not None:
            row = self.halves.joined(row)
        if "image_url" in row and not os.path.isfile(self.root / str(row.get("image"))):  # noqa: PTH113
            row["image"] = row.pop("image_url")
        return row


def with_layout(raw: Records, path: Path, there: Records, *, of_cells: bool = False) -> LayoutRows | None:
    """The rows of a file as an export's; None where it is a plain table.

    Args:
        there: The rows that are there now, of a file that grows.
        of_cells: See `layout_of`.
    """
    first = [*islice(there, LOOK_AHEAD)]
    layout = layout_of(first, of_cells=of_cells)
    if layout is None:
        return None
    kinds = (kind_of(record) for record in first if not isinstance(record, BadRow))
    kind = next(filter(None, kinds), "") if layout.name == "X (archive)" else ""
    halves = Halves(kind, path.parent, JsonRows) if kind else None
    return LayoutRows(raw, there, layout, _root(first, layout, path), halves)


def _root(first: list[dict[str, object] | BadRow], layout: Layout, path: Path) -> Path:
    """Where the first pictures lie that lie somewhere: beside the file, or some folders above it."""
    found = (row for record in first if not isinstance(record, BadRow) for row in rows_of(record, layout))
    pictures = (row.get("image") for row in found if not isinstance(row, BadRow))
    for picture in pictures:
        if not isinstance(picture, str) or not picture:
            continue
        if not is_address(picture) and "\0" not in picture and ".." not in picture:
            for folder in (path.parent, *path.absolute().parent.parents[:_FARTHEST]):
                if os.path.isfile(folder / picture):  # noqa: PTH113
                    return folder
    return path.parent
