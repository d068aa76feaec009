"""Read posts from a table, one at a time: the good ones are yielded, the bad ones go to a quarantine."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.table.columns import FIELDS, STANDARD_COLUMNS, check_columns, find_columns
from feelscope.table.csv_file import CsvRows
from feelscope.table.fields import standard_fields
from feelscope.table.growing import Wait, is_unicode
from feelscope.table.jsonl_file import JsonLinesRows
from feelscope.table.parquet_file import ParquetRows
from feelscope.table.picture_paths import PicturePaths
from feelscope.table.quarantine import BadRow, Quarantine
from feelscope.table.seen_ids import SeenIds

MOST_NAMES = 10_000  # remembered from JSON lines; a new name in every line would not fit in memory


FORMATS: Mapping[str, type[CsvRows] | type[JsonLinesRows] | type[ParquetRows]] = {
    ".csv": CsvRows,
    ".jsonl": JsonLinesRows,
    ".ndjson": JsonLinesRows,
    ".parquet": ParquetRows,
}


class PostsTable:
    """The posts of a table in CSV, JSON Lines or Parquet; may be iterated again.

    Memory does not grow with the table. A bad row is left out, counted and kept with its reason.

    Args:
        path: By its ending .csv, .jsonl, .ndjson or .parquet.
        columns: Standard name to the table's name, for those that are not recognised.
        need: Standard names of columns that must be there, and filled in every row.
        limit: The most posts to yield; None yields all.
        quarantine: Where bad rows go; None only counts them, in `.quarantine`.
        wait: Follows a file that grows: called at its end, and what has come is read when it gives True. A row counts
            once its line is complete. None stops at the end.

    Attributes:
        columns: Standard name to the table's name, as found.

    Raises:
        TableError: The table cannot be read, has no rows, or lacks a column.
    """

    def __init__(
        self,
        path: Path | str,
        columns: Mapping[str, str] | None = None,
        *,
        need: Collection[str] = (),
        limit: int | None = None,
        quarantine: Quarantine | None = None,
        wait: Wait | None = None,
    ) -> None:
        assert set(need) <= STANDARD_COLUMNS.keys(), need
        self.path = Path(path)
        self.need = tuple(need)
        self.limit = limit
        self.quarantine = Quarantine() if quarantine is None else quarantine
        self._rows = open_rows(self.path, wait)
        types = self._rows.columns()
        self.columns = find_columns(types, columns or {}, self.path)
        self._name_columns()
        check_columns(types, self.columns, self.need, self.path)
        if types[id_name := self.columns["id"]] in ("halffloat", "float", "double"):
            hint = "where long ids lose digits; save it as text"
            raise TableError(f"{self.path}: id column {id_name!r} holds fractional numbers, {hint}")
        self._known = set(types)
        self._pictures = PicturePaths(self.path.parent)
        self._reported = 0  # rows whose faults are in the quarantine; a second pass must not add them again

    def __iter__(self) -> Iterator[Post]:
        left = self.limit
        with SeenIds() as seen:
            for number, row in enumerate(self._rows, 1):
                if left is not None and left <= 0:
                    return
                try:
                    if isinstance(row, BadRow):
                        raise row
                    post = self._post(row, number)
                    if not seen.add(post.id):
                        raise BadRow("duplicate id", id=post.id)
                except BadRow as bad:
                    if number > self._reported:
                        table = str(self.path)
                        self.quarantine.add(bad.id, number, bad.reason, detail=bad.detail, table=table)
                        self._reported = number
                else:
                    yield post
                    left = None if left is None else left - 1

    def rough_length(self) -> int:
        """About how many posts will come, for a progress bar: line breaks inside a text count as rows too."""
        if isinstance(self._rows, ParquetRows):
            rows = self._rows.length()
        else:
            with self.path.open("rb") as file:
                rows = sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
        return rows if self.limit is None else min(rows, self.limit)

    def _post(self, row: Mapping[str, object], number: int) -> Post:
        """Make a post of a row; raises `BadRow` if that cannot be done."""
        if not row.keys() <= self._known:
            self._learn(row)
        id = _id(self._value(row, "id"))
        try:
            _check_characters(row)
            text, title = _words("text", self._value(row, "text")), _words("title", self._value(row, "title"))
            emotion = _words("emotion", self._value(row, "emotion")).strip()
            image = self._image(self._value(row, "image"))
            if image is None and not text.strip() and not title.strip():
                raise BadRow("neither text nor image")
            for name in self.need:
                if _is_empty(self._value(row, name)):
                    raise BadRow(f"no {name}")
        except BadRow as bad:
            bad.id = id
            raise
        # The cells to be written out again, the standard ones by their standard names.
        standard, fields = self._standard, self._fields
        other = {standard.get(name, name): value for name, value in row.items() if name not in fields}
        return Post(id, text, title, image, emotion or None, other, number, **standard_fields(other))

    def _value(self, row: Mapping[str, object], standard: str) -> object:
        name = self.columns.get(standard)
        return None if name is None else row.get(name)

    def _image(self, value: object) -> Path | bytes | None:
        if isinstance(value, Mapping):  # as in Hugging Face data sets: the picture's bytes, or else its path
            value = value.get("bytes") or value.get("path")
        if isinstance(value, bytes):
            return value or None
        cell = _words("image", value).strip()
        return self._pictures.find(cell) if cell else None

    def _learn(self, row: Mapping[str, object]) -> None:
        """Take in columns that first come in a later JSON line."""
        _check_characters({"column names": list(row)})
        if len(self._known) < MOST_NAMES:
            self._known.update(row)
        new = find_columns([name for name in row if name not in self._standard], {}, self.path)
        self.columns = new | self.columns
        self._name_columns()

    def _name_columns(self) -> None:
        """Keep what every row needs: the standard names of columns, and those that `Post.other` leaves out."""
        self._standard = {name: standard for standard, name in self.columns.items()}
        self._fields = {name for name, standard in self._standard.items() if standard in FIELDS}


def open_rows(path: Path, wait: Wait | None = None) -> CsvRows | JsonLinesRows | ParquetRows:
    """Choose the format by the file's ending.

    Args:
        wait: See `PostsTable`.

    Raises:
        TableError: Another ending, no file that can be read, or a format that cannot be followed.
    """
    rows = FORMATS.get(path.suffix.lower())
    if rows is None:
        raise TableError(f"{path}: a posts table is CSV (.csv), JSON Lines (.jsonl, .ndjson) or Parquet (.parquet)")
    if not path.exists():
        raise TableError(f"{path}: no such file")
    if not path.is_file():  # a pipe cannot be read twice
        raise TableError(f"{path}: not a regular file")
    if not os.access(path, os.R_OK):
        raise TableError(f"{path}: no permission to read it")
    return rows(path, wait)


def _id(value: object) -> str:
    """Read an id: text or a whole number."""
    if isinstance(value, float) and value == value:
        raise BadRow("id is a fractional number, where long ids lose digits; save ids as text", str(value))
    id = _words("id", value)
    if not id.strip():
        raise BadRow("empty id")
    _check_characters({"id": id})
    return id


def _words(name: str, value: object) -> str:
    """Read a cell as text; nothing and not-a-number are empty."""
    if isinstance(value, str):
        return value
    if _is_empty(value):
        return ""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise BadRow("text that is not UTF-8", name) from None
    if isinstance(value, int | float):
        return str(value)
    raise BadRow(f"{name} is no text", type(value).__name__)


def _is_empty(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip()) or value in (b"", [], {})


def _check_characters(row: Mapping[str, object]) -> None:
    """Refuse NUL and what was not UTF-8, in any column: most formats cannot hold either."""
    texts = [*row]
    for value in row.values():
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict | list):
            texts.extend(_texts([value]))
    together = "".join(texts)  # one look at all of it costs a fifth of a look at each
    if "\0" not in together and (together.isascii() or is_unicode(together)):
        return
    for name, value in row.items():
        text = "".join(_texts([name, value]))
        if "\0" in text:
            raise BadRow("NUL byte in the text", name)
        if not is_unicode(text):
            raise BadRow("text that is not UTF-8", name)


def _texts(values: Iterable[object]) -> Iterator[str]:
    """Give every text in the values and in what is nested in them."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value.keys())
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)
