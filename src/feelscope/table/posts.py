"""Read posts from a table, one at a time: the good ones are yielded, the bad ones go to a quarantine."""

import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.emotions import meaning
from feelscope.errors import TableError
from feelscope.post import Post, is_blank
from feelscope.table.columns import FIELDS, STANDARD_COLUMNS, check_columns, find_columns
from feelscope.table.csv_file import CsvRows
from feelscope.table.dotted import with_reached
from feelscope.table.fields import standard_fields
from feelscope.table.growing import Wait, is_unicode
from feelscope.table.jsonl_file import MOST_NAMES, JsonLinesRows
from feelscope.table.parquet_file import ParquetRows
from feelscope.table.picture_paths import PicturePaths
from feelscope.table.quarantine import BadRow, Quarantine, Unreadable
from feelscope.table.raters import Raters, Same
from feelscope.table.seen_ids import SeenIds
from feelscope.table.undated import Undated
from feelscope.text.json_lines import LONGEST
from feelscope.text.own_words import own_words

DEEPEST = 50  # lists and objects within one another in a cell
AS_IT_WAS = "_as_it_was"  # behind `text` or `title`, the column of a cell that was mended
_CHECKED_FROM = 1000  # broken rows; from here on it is asked now and then whether they are too many already

FORMATS: Mapping[str, type[CsvRows] | type[JsonLinesRows] | type[ParquetRows]] = {
    ".csv": CsvRows,
    ".jsonl": JsonLinesRows,
    ".ndjson": JsonLinesRows,
    ".parquet": ParquetRows,
}


class PostsTable:
    """The posts of a table in CSV, JSON Lines or Parquet; may be iterated again.

    Memory does not grow with the table. A bad row is left out, counted and kept with its reason. A cell that cannot be
    read costs its row where a post needs it, and otherwise itself: it is None in `Post.other`. Where a text or a title
    is not as its author wrote it, the post has the author's words (`text/own_words.py`), and `Post.other` the cell.

    Args:
        path: By its ending .csv, .jsonl, .ndjson or .parquet.
        columns: Standard name to the table's name, for those that are not recognised; `record.text` reaches into one.
        need: Standard names of columns that must be there, and filled in every row.
        limit: The most posts to yield; None yields all.
        quarantine: Where bad rows go, and how many may be broken; None only counts them, in `.quarantine`.
        wait: Follows a file that grows: called at its end, and what has come is read when it gives True. A row counts
            once its line is complete, and any number may be broken. None stops at the end.
        rows: What is read instead of the file at `path`, such as a part of it.
        dates: The order of days and months in dates of numbers alone, `dmy` or `mdy`; empty leaves out those that could
            be two dates.
        same: What labels that mean the same have in common, where a post may have a row for each rater; these are then
            one post, see `raters.py`. None does so by meaning where `emotion` is needed, and else not.
        find_picture: Gives the picture of an image cell, or raises `BadRow`; None looks beside the table.

    Attributes:
        columns: Standard name to the table's name, as found.
        broken: Rows that could not be read in the latest pass.
        mended: Texts and titles of the latest pass that were not as their author wrote them, by what was done.
        raters: Of a table that may have a row for each rater; None before the first pass, and of other tables.
        undated: Posts without a date in the latest pass, of a table with such a column.

    Raises:
        TableError: The table cannot be read, has no rows, or lacks a column; while it is iterated, too many of its rows
            are broken.
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
        rows: ParquetRows | None = None,
        find_picture: Callable[[str], Path | bytes] | None = None,
        dates: str = "",
        same: Same | None = None,
    ) -> None:
        assert set(need) <= STANDARD_COLUMNS.keys(), need
        self.path = Path(path)
        self.need = tuple(need)
        self.limit = limit
        self.quarantine = Quarantine() if quarantine is None else quarantine
        self._rows = rows or open_rows(self.path, wait)
        self._grows = wait is not None
        types = self._rows.columns()
        self.columns = find_columns(types, columns or {}, self.path)
        self._name_columns()
        check_columns(types, self.columns, self.need, self.path)
        if types.get(id_name := self.columns["id"]) in ("halffloat", "float", "double"):
            hint = "where long ids lose digits; save it as text"
            raise TableError(f"{self.path}: id column {id_name!r} holds fractional numbers, {hint}")
        self._dotted = [name for name in self.columns.values() if name not in types]
        self._known = set(types)
        self._find_picture = find_picture or PicturePaths(self.path.parent).find
        self.broken = 0
        self.dates, self.undated = dates, Undated()
        self.mended: Counter[str] = Counter()
        self.raters: Raters | None = None
        self._same = same or (meaning if "emotion" in self.need and not self._grows else None)
        self._reported = 0  # rows whose faults are in the quarantine; a second pass must not add them again

    def __iter__(self) -> Iterator[Post]:
        return self.posts()

    def posts(self, is_done: Callable[[Mapping[str, object]], bool] | None = None) -> Iterator[Post]:
        """The posts.

        Args:
            is_done: Asked of each row that can be read, as it is in the file and before anything else is done with it;
                True passes over it as over a post that was yielded, in a third of the time.
        """
        left, broken, number = self.limit, 0, 0
        self.broken, self.undated, self.mended = 0, Undated(), Counter()
        if self._same is not None and self.raters is None and "emotion" in self.columns:
            self.raters = Raters(self._reached(), self.columns, self._same)
        if self.raters is not None:
            self.raters.begin()
        with SeenIds() as seen:
            for number, row in enumerate(self._rows, 1):
                if left is not None and left <= 0:
                    number -= 1  # was not looked at
                    break
                try:
                    if isinstance(row, BadRow):
                        raise row
                    if not row.keys() <= self._known:
                        self._learn(row)
                    cells: Mapping[str, object] = with_reached(row, self._dotted) if self._dotted else row
                    if is_done is not None and is_done(cells):
                        seen.add(_id(cells.get(self._id_name)))
                        left = None if left is None else left - 1
                        continue
                    if self.raters is not None:
                        merged = self.raters.merged(cells)
                        if merged is None:  # another rater's row
                            continue
                        cells = merged
                    post = self._post(cells, number)
                    if not seen.add(post.id):
                        raise BadRow("duplicate id", id=post.id, broken=False)
                except BadRow as bad:
                    self.broken = broken = broken + bad.broken
                    if number > self._reported:
                        table = str(self.path)
                        self.quarantine.add(bad.id, number, bad.reason, detail=bad.detail, table=table)
                        self._reported = number
                    # At 1024, 2048, 4096 and so on, so that a big table need not be read to its end.
                    if bad.broken and broken >= _CHECKED_FROM and broken.bit_count() == 1 and not self._grows:
                        self._check_broken(broken, self._rows_in_file(), "about ")
                else:
                    if post.created_at is not None:
                        self.undated.dated += 1
                    elif "created_at" in self.columns:
                        self.undated.add(post)
                    yield post
                    left = None if left is None else left - 1
        if not self._grows:
            self._check_broken(broken, number)

    def _reached(self) -> "_Reached":
        """The rows, with their dotted names."""
        return _Reached(self._rows, self._dotted)

    def _check_broken(self, broken: int, rows: int, about: str = "") -> None:
        """Raises `TableError` where more rows are broken than may be."""
        if broken > self.quarantine.most_broken * rows:
            reason, _ = self.quarantine.reasons.most_common(1)[0]
            where = f", see {self.quarantine.path}" if self.quarantine.path else ""
            raise TableError(
                f"{self.path}: {broken:,} of {about}{rows:,} rows cannot be read ({reason}){where}; mend them, or "
                f"allow it with --max-errors {min(math.ceil(100 * broken / rows), 100)}"
            )

    def rough_length(self) -> int:
        """About how many posts will come, for a progress bar: line breaks inside a text count as rows too."""
        rows = self._rows_in_file()
        return rows if self.limit is None else min(rows, self.limit)

    def _rows_in_file(self) -> int:
        if isinstance(self._rows, ParquetRows):
            return self._rows.length()
        with self.path.open("rb") as file:
            ends = Counter[bytes]()
            for block in iter(lambda: file.read(2**20), b""):
                ends.update({b"\n": block.count(b"\n"), b"\r": block.count(b"\r")})
        return ends[b"\n"] or ends[b"\r"]

    def _post(self, row: Mapping[str, object], number: int) -> Post:
        """Make a post of a row; raises `BadRow` if that cannot be done."""
        id = _id(row.get(self._id_name))
        try:
            row = self._sound(row)
            text, title, emotion = self._words(row, "text"), self._words(row, "title"), self._words(row, "emotion")
            image = self.picture(row)
            said, headed = text, title
            if text:
                text, done = own_words(said)
                if done:
                    self.mended.update(done)
            if title:
                title, done = own_words(headed)
                if done:
                    self.mended.update(done)
            if image is None and is_blank(text) and is_blank(title):
                raise BadRow("neither text nor image", broken=False)
            for name in self.need:
                if _is_empty(self._value(row, name)):
                    raise BadRow(f"no {name}", broken=False)
        except BadRow as bad:
            bad.id = id
            raise
        # The cells to be written out again, the standard ones by their standard names.
        names, fields = self._other, self._fields
        other = {names.get(name, name): value for name, value in row.items() if name not in fields}
        if text is not said and text != said:
            other[f"text{AS_IT_WAS}"] = said
        if title is not headed and title != headed:
            other[f"title{AS_IT_WAS}"] = headed
        typed = standard_fields(other, self.dates) if other else {}
        return Post(id, text, title, image, emotion.strip() or None, other, number, **typed)

    def _words(self, row: Mapping[str, object], standard: str) -> str:
        return _words(standard, row.get(self.columns[standard])) if standard in self.columns else ""

    def _value(self, row: Mapping[str, object], standard: str) -> object:
        name = self.columns.get(standard)
        return None if name is None else row.get(name)

    def picture(self, row: Mapping[str, object]) -> Path | bytes | None:
        """The picture of a row: its file, which may be missing, or its bytes.

        Raises:
            BadRow: The cell names no file of the table's folder.
        """
        if "image" not in self.columns:
            return None
        value = row.get(self.columns["image"])
        if isinstance(value, Mapping):  # as in Hugging Face data sets: the picture's bytes, or else its path
            value = value.get("bytes") or value.get("path")
        if isinstance(value, bytes):
            return value or None
        cell = _words("image", value).strip()
        return self._find_picture(cell) if cell else None

    def _sound(self, row: Mapping[str, object]) -> Mapping[str, object]:
        """The row, None in place of cells with NUL or what was not UTF-8: most formats can hold neither.

        Raises:
            BadRow: The cell is one that a post needs.
        """
        if _is_sound(row):
            return row
        sound: dict[str, object] = {}
        for name, value in row.items():
            if _fault([name]) is not None:
                self.quarantine.emptied[ascii(name)] += 1
            elif (fault := _fault([value])) is None:
                sound[name] = value
            elif name in self._fields:
                raise BadRow(fault.reason, fault.detail or name)
            else:
                sound[name] = None
                self.quarantine.emptied[name] += 1
        return sound

    def _learn(self, row: Mapping[str, object]) -> None:
        """Take in columns that first come in a later JSON line."""
        names = [name for name in row if _fault([name]) is None]
        self._known.update(names[: MOST_NAMES - len(self._known)])
        new = find_columns([name for name in names if name not in self._standard], {}, self.path)
        self.columns = new | self.columns
        self._name_columns()

    def _name_columns(self) -> None:
        """Keep what every row needs: the standard names of columns, those in `Post.other`, and those it leaves out."""
        self._standard = {name: standard for standard, name in self.columns.items()}
        # A column that has a standard name while another was given for it, as in author=author_id, keeps its cells.
        passed_over = {name for name in self.columns if name not in self._standard}
        self._other = {name: f"other_{name}" for name in passed_over} | self._standard
        self._id_name = self.columns.get("id", "")
        self._fields = {name for name, standard in self._standard.items() if standard in FIELDS}


@dataclass(frozen=True, slots=True)
class _Reached:
    """Rows with their dotted names, as often as they are asked for."""

    rows: Iterable[dict[str, object] | BadRow]
    dotted: Sequence[str]

    def __iter__(self) -> Iterator[Mapping[str, object] | BadRow]:
        for row in self.rows:
            yield with_reached(row, self.dotted) if self.dotted and not isinstance(row, BadRow) else row


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
        raise BadRow("empty id", broken=False)
    if fault := _fault([id]):
        raise BadRow(fault.reason, "id")
    return id


def _words(name: str, value: object) -> str:
    """Read a cell as text; nothing and not-a-number are empty."""
    if isinstance(value, str):
        if len(value) > LONGEST:  # CSV and JSON Lines have none
            raise BadRow(f"{name} is over {LONGEST:,} characters")
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
    if isinstance(value, Unreadable):
        raise BadRow(value.reason, value.detail or name)
    raise BadRow(f"{name} is no text", type(value).__name__)


def _is_empty(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip()) or value in (b"", [], {})


def _is_sound(row: Mapping[str, object]) -> bool:
    """Whether no cell of a row has a fault, by one look at all texts: a fifth of the time of a look at each."""
    texts = [*row]
    for value in row.values():
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict | list | Unreadable):
            return _fault([*row, *row.values()]) is None
    together = "".join(texts)
    return "\0" not in together and (together.isascii() or is_unicode(together))


def _fault(values: Iterable[object], depth: int = 0) -> Unreadable | None:
    """What is wrong with values, or with what is nested in them; None where nothing is."""
    if depth > DEEPEST:
        return Unreadable("a cell of too many levels")
    for value in values:
        fault: Unreadable | None = None
        if isinstance(value, str):
            if "\0" in value:
                fault = Unreadable("NUL byte in the text")
            elif not (value.isascii() or is_unicode(value)):
                fault = Unreadable("text that is not UTF-8")
        elif isinstance(value, dict):
            fault = _fault([*value, *value.values()], depth + 1)
        elif isinstance(value, list):
            fault = _fault(value, depth + 1)
        elif isinstance(value, Unreadable):
            fault = value
        if fault is not None:
            return fault
    return None
