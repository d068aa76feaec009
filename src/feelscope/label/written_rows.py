"""Rows about posts, written as a table: their columns, and their pictures' paths as seen from its folder."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from feelscope.errors import LabelError
from feelscope.label.opened import Opened
from feelscope.post import Post
from feelscope.prepare.further_columns import FurtherColumns
from feelscope.table import open_writer
from feelscope.text.counts import counted

Row = dict[str, Any]


def check_new(out: Path) -> None:
    """Refuse to write over a file."""
    if out.exists() or out.is_symlink():
        raise LabelError(f"{out}: is there already; name another file, or remove it")


class Pictures:
    """Where the pictures lie, as seen from a file that is written."""

    def __init__(self, opened: Opened, out: Path) -> None:
        self._folder = os.path.abspath(out.parent)  # noqa: PTH100 - links stay as they are
        self._root = os.path.abspath(opened.path if opened.path.is_dir() else opened.path.parent)  # noqa: PTH100
        self._is_below = not os.path.relpath(self._root, self._folder).startswith("..")
        self._outside = self._inside = 0

    def path(self, post: Post) -> str:
        """The path of a post's picture; empty where it has none, or one that is no file."""
        if post.image is None:
            return ""
        if isinstance(post.image, bytes):
            self._inside += 1
            return ""
        self._outside += not self._is_below
        start = self._folder if self._is_below else self._root
        return Path(os.path.relpath(post.image, start)).as_posix()

    def remarks(self) -> list[str]:
        """What to say of them."""
        said = []
        if self._outside:
            said.append(f"its pictures lie elsewhere; read it with --images {self._root}")
        if self._inside:
            said.append(f"{counted(self._inside, 'picture')} inside the table opened: left out")
        return said


def write_rows(out: Path, rows: Sequence[Row], own: Iterable[str]) -> None:
    """Write rows of any columns as a table; those of `own` come first, and are left out where all cells are empty."""
    first = [name for name in own if any(row[name] not in ("", None) for row in rows)]
    columns = FurtherColumns({*own})
    for row in rows:
        columns.learn(row)
    example = {name: next(row[name] for row in rows if row[name] not in ("", None)) for name in first}
    with open_writer(out, like={**example, **columns.example()}) as writer:
        for row in rows:
            writer.write({**{name: row[name] for name in first}, **columns.of(row)})
