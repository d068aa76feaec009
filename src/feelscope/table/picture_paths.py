"""Where a table's pictures are: in one folder or below, and nowhere else."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from feelscope.table.nested import read_nested
from feelscope.table.quarantine import BadRow
from feelscope.text.html import is_address

ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")  # on POSIX or on Windows, wherever the table was made
WEB_ADDRESS = "image is a web address, which is not fetched here; collect the posts first"
_MOST_NAMES = 200_000  # of a folder whose names are held to find one by other capitals


class PicturePaths:
    """Turn a table's image cells into files of a folder.

    Args:
        folder: The table's, or the one that `--images` names.
        given: Whether it was named; an absolute path may then lie in it.
    """

    def __init__(self, folder: Path, *, given: bool = False) -> None:
        self.folder = folder
        self._root = os.path.realpath(folder)
        self._given = given
        self._is_inside_again = lru_cache(maxsize=4096)(self._is_inside)  # most pictures share a few folders
        self._folder_again = lru_cache(maxsize=4096)(self._folder)
        self._names = lru_cache(maxsize=64)(lambda below: _names(os.path.join(folder, below)))  # noqa: PTH118

    def find(self, cell: str) -> Path:
        """Give the file a cell names, which may be missing.

        Where there is none, it is looked for with `\\` as `/`, `%20` and the like undone, letters composed or
        decomposed, and in other capitals.

        Raises:
            BadRow: It is a web address, or the file lies outside the folder, by its path or by a link.
        """
        if ":" in cell and is_address(cell):
            raise BadRow(WEB_ADDRESS, cell, broken=False)
        path, is_there = self._named(cell)
        if is_there:
            return path
        plain = cell.isascii() and "\\" not in cell and "%" not in cell
        for other in (cell,) if plain else _variants(cell):
            if not ABSOLUTE.match(other):
                if other != cell:
                    found, is_there = self._named(other)
                    if is_there:
                        return found
                if (found_name := self._in_other_capitals(other)) is not None:
                    return self._named(found_name)[0]
        return path

    def _named(self, cell: str) -> tuple[Path, bool]:
        """The file of exactly this name, and whether it is there."""
        if ABSOLUTE.match(cell) and not (self._given and Path(cell).is_absolute()):
            raise BadRow(f"image path is absolute, it must be relative to {self._where}", cell)
        path = self.folder / cell
        try:
            mode = os.lstat(path).st_mode
        except (OSError, ValueError):  # ValueError: a NUL byte
            mode = 0
        whole = ".." in cell or stat.S_ISLNK(mode) or ABSOLUTE.match(cell)
        if not (self._is_inside(path) if whole else self._is_inside_again(path.parent)):
            raise BadRow(f"image path leaves {self._where}", cell)
        return path, bool(mode)

    @property
    def _where(self) -> str:
        return "the folder of --images" if self._given else "the table's folder"

    def _is_inside(self, path: Path) -> bool:
        # Unlike `Path.resolve`, `realpath` takes a circle of links for a missing file.
        return Path(os.path.realpath(path)).is_relative_to(self._root)

    def _in_other_capitals(self, cell: str) -> str | None:
        """The one path that is this in other capitals; None where there is none, or several."""
        parent, _, name = cell.rpartition("/")
        folder = self._folder_again(parent)
        found = None if folder is None else self._names(folder).get(_folded(name))
        return f"{folder}/{found}".removeprefix("./") if found else None

    def _folder(self, parent: str) -> str | None:
        """A folder below, in whatever capitals; None where there is none, or several."""
        found = "."
        for part in parent.split("/") if parent else ():
            name = None if part == ".." else self._names(found).get(_folded(part))
            if not name:
                return None
            found = f"{found}/{name}"
        return found


def web_addresses(cell: object) -> list[str]:
    """The web addresses in a cell: a list of them, also as text, or a text with commas, bars or blanks between them."""
    if isinstance(cell, str) and cell[:1] == "[":
        cell = read_nested(cell)
    parts: Iterable[object] = (
        cell if isinstance(cell, list) else re.split(r"[,|\s]+", cell) if isinstance(cell, str) else ()
    )
    return [part for part in parts if isinstance(part, str) and is_address(part)]


def _variants(cell: str) -> Iterator[str]:
    """A path as it may have been meant, the nearest first."""
    tried = {cell}
    slashes = cell.replace("\\", "/")
    for form in (cell, slashes, unquote(cell), unquote(slashes)):
        for variant in (form, unicodedata.normalize("NFC", form), unicodedata.normalize("NFD", form)):
            if variant not in tried or variant == cell:
                tried.add(variant)
                yield variant


def _names(folder: str) -> dict[str, str]:
    """The names in a folder by what they are without capitals; empty for those that are several."""
    names: dict[str, str] = {}
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number == _MOST_NAMES:
                    return {}
                key = _folded(entry.name)
                names[key] = "" if key in names else entry.name
    except OSError:
        return {}
    return names


def _folded(name: str) -> str:
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
