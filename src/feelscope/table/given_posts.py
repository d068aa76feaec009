"""Posts of whatever a program has, one for each that it gives, in order, whether it can be read or not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import PostsError
from feelscope.post import Post
from feelscope.table.in_memory import Row, columns_of, find_anywhere, rows_in, with_plain_cells
from feelscope.table.opening import SHEETS, TEXT_FORMATS
from feelscope.table.packing import inner_ending
from feelscope.table.picture_paths import PicturePaths
from feelscope.table.pictures_folder import PICTURES
from feelscope.table.posts import PostsTable
from feelscope.table.quarantine import BadRow, Quarantine
from feelscope.table.row_reader import RowReader

_TABLES = (*TEXT_FORMATS, ".parquet", *SHEETS)
_MOST_READERS = 1000  # of rows of dicts that have different names


def posts_in(
    given: Any, columns: Mapping[str, str] | None = None, *, images: Path | str | None = None
) -> Iterator[Post]:
    """The posts of a table, or of what is in memory: of the latter exactly one for each.

    A post that cannot be read has the reason in its `warnings`, and nothing else.

    Args:
        given: A `PostsTable`, the `Path` of a table or a picture, or what `in_memory.rows_in` takes.
        columns: Standard name to the posts' own, for those that are not recognised.
        images: The folder that the paths of pictures start from, and may not leave; None takes them as they are.

    Raises:
        PostsError: It is nothing that posts can be, or, once it comes, one of them is not.
        TableError: There is no column to be read, or a table on disk cannot be.
    """
    if isinstance(given, PostsTable):
        return iter(given)
    if isinstance(given, Path) and (given.is_dir() or inner_ending(given) in _TABLES):
        return iter(PostsTable(given, columns))
    if isinstance(given, str) and given and "\n" not in given and _is_file(given):
        raise PostsError(f"{given!r} is a file, and a text is read as words; give Path({given!r}) to read the file")
    return _Given(columns or {}, images).posts(rows_in(given, columns))


class _Given:
    """Makes posts of rows that may have different columns.

    Args:
        columns, images: See `posts_in`.
    """

    def __init__(self, columns: Mapping[str, str], images: Path | str | None) -> None:
        self._columns = dict(columns)
        self._find: Callable[[str], Path | bytes] = find_anywhere
        if images is not None:
            folder = Path(images)
            if not folder.is_dir():
                raise PostsError(f"images: {folder} is no folder; give the one that the pictures' paths start from")
            self._find = PicturePaths(folder, given=True).find
        self._readers: dict[tuple[str, ...], tuple[RowReader, dict[str, str]]] = {}

    def posts(self, rows: Iterable[Post | Row]) -> Iterator[Post]:
        for number, row in enumerate(rows, 1):
            yield row if isinstance(row, Post) else self._post(row, number)

    def _post(self, row: Row, number: int) -> Post:
        names = (*row,)
        reader, columns = self._readers.get(names) or self._open(names)
        cells = with_plain_cells(row, columns, number)
        try:
            return reader.post(cells, number, True)
        except BadRow as bad:
            id = bad.id or str(number)
            if bad.reason == "neither text nor image":  # which the model says in its own words
                return Post(id, row=number)
            detail = f": {bad.detail[:200]}" if bad.detail else ""
            return Post(id, row=number, warnings=(f"the post was not read: {bad.reason}{detail}",))

    def _open(self, names: tuple[str, ...]) -> tuple[RowReader, dict[str, str]]:
        given = self._columns
        if self._readers:  # of dicts, not each needs to have every column
            given = {standard: name for standard, name in given.items() if name in names}
        columns = columns_of(names, given)
        reader = RowReader(columns, (), Quarantine(), self._find)
        if len(self._readers) < _MOST_READERS:
            self._readers[names] = reader, columns
        return reader, columns


def _is_file(text: str) -> bool:
    """Whether a text is the name of a table or a picture that is there."""
    path = Path(text)
    try:
        return path.suffix.lower() in (*_TABLES, *PICTURES) and path.is_file()
    except (OSError, ValueError):
        return False
