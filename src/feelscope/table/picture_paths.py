"""Where a table's pictures are: beside it or below, and nowhere else."""

import os
import re
from functools import lru_cache
from pathlib import Path

from feelscope.table.quarantine import BadRow

ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")  # on POSIX or on Windows, wherever the table was made


class PicturePaths:
    """Turn a table's image cells into files of its folder.

    Args:
        folder: The table's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._root = os.path.realpath(folder)
        self._is_inside_again = lru_cache(maxsize=4096)(self._is_inside)  # most pictures share a few folders

    def find(self, cell: str) -> Path:
        """Give the file a cell names, which may be missing.

        Raises:
            BadRow: The file lies outside the folder, by its path or by a link.
        """
        if ABSOLUTE.match(cell):
            raise BadRow("image path is absolute, it must be relative to the table's folder", cell)
        path = self.folder / cell
        # Unlike `Path.is_symlink`, `islink` takes a name that is too long for that of a missing file.
        whole = ".." in cell or os.path.islink(path)  # noqa: PTH114
        if not (self._is_inside(path) if whole else self._is_inside_again(path.parent)):
            raise BadRow("image path leaves the table's folder", cell)
        return path

    def _is_inside(self, path: Path) -> bool:
        # Unlike `Path.resolve`, `realpath` takes a circle of links for a missing file.
        return Path(os.path.realpath(path)).is_relative_to(self._root)
