"""Read posts from a table, one at a time: the good ones are yielded, the bad ones go to a quarantine."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from feelscope.config import listed
from feelscope.emotions import meaning
from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.table.cells import ROUNDED, fault_of, looks_rounded
from feelscope.table.columns import PICTURE_ADDRESSES, STANDARD_COLUMNS, check_columns, find_columns, is_rater
from feelscope.table.csv_file import CsvRows
from feelscope.table.dotted import Reached, column_of
from feelscope.table.growing import Wait
from feelscope.table.in_memory import NAME, MemoryRows, find_anywhere
from feelscope.table.jsonl_file import LOOK_AHEAD, MOST_NAMES
from feelscope.table.labels import OneHot
from feelscope.table.layouts.rows import LayoutRows
from feelscope.table.opening import Rows, encoding_remark, open_rows
from feelscope.table.packing import open_unpacked
from feelscope.table.parquet_file import ParquetRows
from feelscope.table.picture_paths import PicturePaths
from feelscope.table.pictures_folder import FolderRows
from feelscope.table.quarantine import BadRow, Quarantine
from feelscope.table.raters import Raters, Same
from feelscope.table.row_reader import RowReader
from feelscope.table.seen_ids import SeenIds
from feelscope.table.settings import reading
from feelscope.table.undated import Undated

_CHECKED_FROM = 1000  # broken rows; from here on it is asked now and then whether they are too many already


class PostsTable:
    """The posts of a table in any format of `open_rows`, or of what is in memory; may be iterated again.

    Memory does not grow with a table of CSV, JSON Lines or Parquet. A bad row is left out, counted and kept with its
    reason. A cell that cannot be read costs its row where a post needs it, and otherwise itself: it is None in
    `Post.other`. A picture that cannot be found is said in `Post.warnings`, and the words stay. Where a text or a title
    is not as its author wrote it, the post has the author's words (`text/own_words.py`), and `Post.other` the cell.

    Args:
        path: Its ending says the format. Or what a program has in memory, as `in_memory.rows_in` takes it.
        columns: Standard name to the table's name, or to the column's place, for those that are not recognised;
            `record.text` reaches into one.
        need: Standard names of columns that must be there, and filled in every row.
        limit: The most posts to yield; None yields all.
        quarantine: Where bad rows go, and how many may be broken; None only counts them, in `.quarantine`.
        wait: Follows a file that grows: called at its end, and what has come is read when it gives True. A row counts
            once its line is complete, and any number may be broken. None stops at the end.
        rows: What is read instead of the file at `path`, such as a part of it.
        same: What labels that mean the same have in common, where a post may have a row for each rater; these are then
            one post, see `raters.py`. None does so by meaning where `emotion` is needed, and takes the first row where
            it is not.
        keep_ties: Whether a post whose raters tie stays, without a label.
        find_picture: Gives the picture of an image cell, or raises `BadRow`; None looks beside the table.
        addresses: Whether a picture's web address is enough for a post.

    Attributes:
        columns: Standard name to the table's name, as found; without `id`, rows are numbered.
        types: The table's columns, each with its type in words.
        unused: The other columns.
        remarks: What to tell whoever reads the table, a sentence each.
        broken: Rows that could not be read in the latest pass.
        mended: Texts and titles of the latest pass that were not as their author wrote them, by what was done.
        raters: Of a table that has a row for each rater; None where none is known to.
        undated: Posts without a date in the latest pass, of a table with such a column.
        read: Posts that were yielded or passed over in the latest pass.
        rows: How many rows the latest pass looked at, once it is over.

    Raises:
        TableError: The table cannot be read, has no rows, or lacks a column; while it is iterated, too many of its rows
            are broken.
    """

    def __init__(
        self,
        path: Any,
        columns: Mapping[str, str] | None = None,
        *,
        need: Collection[str] = (),
        limit: int | None = None,
        quarantine: Quarantine | None = None,
        wait: Wait | None = None,
        rows: Rows | None = None,
        find_picture: Callable[[str], Path | bytes] | None = None,
        same: Same | None = None,
        keep_ties: bool = False,
        addresses: bool = False,
    ) -> None:
        assert set(need) <= STANDARD_COLUMNS.keys(), need
        if rows is None and not isinstance(path, str | Path):
            path, rows = NAME, path if isinstance(path, MemoryRows) else MemoryRows(path, columns)
        self.path = Path(path)
        self.need = tuple(need)
        self.limit = limit
        self.quarantine = Quarantine() if quarantine is None else quarantine
        given = columns or {}
        by_place = bool(given) and all(name.isdecimal() for name in given.values())
        self._rows = open_rows(self.path, wait, by_place=by_place) if rows is None else rows
        if isinstance(self._rows, LayoutRows) and not self._rows.has(given):
            self._rows = self._rows.raw
        self._grows = wait is not None
        types = self._rows.columns()
        self.types = types
        self.columns = find_columns(types, given, self.path)
        self._same = same or (meaning if "emotion" in self.need else None)
        one_hot = self._one_hot(takes_labels=self._same is not None and not keep_ties)
        needed = [name for name in self.need if name != "emotion" or one_hot is None]
        check_columns(types, self.columns, needed, self.path, addresses=addresses)
        if (id_name := self.columns.get("id")) and types.get(id_name) in ("halffloat", "float", "double"):
            hint = "where long ids lose digits; save it as text"
            raise TableError(f"{self.path}: id column {id_name!r} holds fractional numbers, {hint}")
        dotted = [name for name in self.columns.values() if name not in types]
        reached = {column_of(name, types) for name in dotted}
        self._reached: Iterable[dict[str, object] | BadRow] = Reached(self._rows, dotted) if dotted else self._rows
        self._known = {*types, *dotted}
        label = self.columns.get("emotion")
        own = self._rows
        names = own.label_names(label) if label and isinstance(own, ParquetRows | MemoryRows) else ()
        self._reader = RowReader(
            self.columns,
            self.need,
            self.quarantine,
            find_picture or self._find_pictures(),
            label_names=names,
            one_hot=one_hot,
            addresses=addresses,
            dates=reading().dates,
        )
        used = {
            *self.columns.values(),
            *(one_hot.columns if one_hot else ()),
            *(PICTURE_ADDRESSES if addresses else ()),
        }
        self.unused = tuple(name for name in types if name not in used and name not in reached)
        self.remarks = self._remarks(one_hot)
        self.broken = self.read = self.rows = 0
        self.undated = Undated()
        self.mended: Counter[str] = Counter()
        self.raters: Raters | None = None
        tells_raters = "emotion" in self.columns or bool(one_hot) or any(map(is_rater, types))
        self._has_raters = not self._grows and "id" in self.columns and tells_raters
        self._keeps_ties = keep_ties
        self._looked = 0  # rows whose faults are counted; a second pass must not add them again

    def __iter__(self) -> Iterator[Post]:
        return self.posts()

    def posts(self, is_done: Callable[[Mapping[str, object]], bool] | None = None) -> Iterator[Post]:
        """The posts.

        Args:
            is_done: Asked of each row that can be read, as it is in the file and before anything else is done with it;
                True passes over it as over a post that was yielded, in a third of the time.
        """
        most = math.inf if self.limit is None else self.limit
        broken = number = 0
        self.broken = self.read = self.rows = 0
        reader, known = self._reader, self._known
        looked = self._looked
        may_bring_names = not isinstance(self._reached, CsvRows | ParquetRows)  # as a line of JSON may
        self.undated = undated = Undated()
        self.mended = reader.mended = Counter()
        raters = self._raters_to_ask()
        with SeenIds() as seen:
            for number, row in enumerate(self._reached, 1):
                if self.read >= most:
                    number -= 1  # was not looked at
                    break
                is_new = number > looked
                try:
                    if isinstance(row, BadRow):
                        raise row
                    if may_bring_names and not row.keys() <= known:
                        self._learn(row)
                    if is_done is not None and is_done(row):
                        seen.add(reader.id(row, number))
                        self.read += 1
                        continue
                    if raters is None:
                        post = reader.post(row, number, is_new)
                    elif (merged := raters.merged(row)) is None:  # another rater's row
                        continue
                    else:
                        post = reader.post(merged[0], number, is_new, merged[1])
                    if not seen.add(post.id):
                        if self._is_another_raters(row):
                            continue
                        if looks_rounded(post.id):
                            raise BadRow(ROUNDED, post.id, id=post.id)
                        raise BadRow("duplicate id", id=post.id, broken=False)
                except BadRow as bad:
                    self.broken = broken = broken + bad.broken
                    if is_new:
                        table = str(self.path)
                        self.quarantine.add(bad.id, number, bad.reason, detail=bad.detail, table=table)
                        self._looked = number
                    # At 1024, 2048, 4096 and so on, so that a big table need not be read to its end.
                    if bad.broken and broken >= _CHECKED_FROM and broken.bit_count() == 1 and not self._grows:
                        self._check_broken(broken, self._rows_in_file(), "about ")
                else:
                    if is_new:
                        self._looked = number
                    self.read += 1
                    if post.created_at is not None:
                        undated.dated += 1
                    elif "created_at" in self.columns:
                        undated.add(post)
                    yield post
        self.rows = number
        if not self._grows:
            self._check_broken(broken, number)

    def _raters_to_ask(self) -> Raters | None:
        """What all raters say, where the emotion of most of them is asked for and a post may have several."""
        if self._has_raters and self._same is not None and self.raters is None:
            label, columns = self._reader.label, self.columns
            self.raters = Raters(self._reached, columns, label, self._same, keep_ties=self._keeps_ties)
        if self.raters is not None:
            self.raters.begin()
        return None if self._same is None else self.raters

    def _is_another_raters(self, row: Mapping[str, object]) -> bool:
        """Whether a row whose id came before is another rater's, of a table whose labels nobody asked for."""
        if not self._has_raters or self._same is not None:
            return False
        if self.raters is None:  # the first such row: nearly all tables have none
            self.raters = Raters(self._reached, self.columns, self._reader.label, meaning, takes=False)
        return self.raters.is_further(row)

    def leave_out(self, post: Post, reason: str, detail: str) -> None:
        """Move a post that was read to the bad rows: nothing could be made of it."""
        self.read -= 1
        self.quarantine.add(post.id, post.row, reason, detail=detail, table=str(self.path))

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
        rows = self._rows.raw if isinstance(self._rows, LayoutRows) else self._rows
        if (length := getattr(rows, "length", None)) is not None:
            return int(length())
        ends, last = Counter[bytes](), b"\n"
        with open_unpacked(self.path) as file:
            for block in iter(lambda: file.read(2**20), b""):
                ends.update({b"\n": block.count(b"\n"), b"\r": block.count(b"\r")})
                last = block[-1:]
        lines = (ends[b"\n"] or ends[b"\r"]) + (last not in (b"\n", b"\r", b"\0"))  # UTF-16 ends in NUL
        has_header = isinstance(self._rows, CsvRows) and not self._rows.by_place
        return max(lines - has_header, 0)

    def picture(self, row: Mapping[str, object]) -> Path | bytes | None:
        """The picture of a row: its file, which may be missing, or its bytes.

        Raises:
            BadRow: The cell names no file of the folder.
        """
        return self._reader.picture(row)

    def _find_pictures(self) -> Callable[[str], Path | bytes]:
        """What gives the picture of an image cell."""
        if (images := reading().images) is not None:
            if not images.is_dir():
                raise TableError(f"--images {images}: no such folder")
            return PicturePaths(images, given=True).find
        if isinstance(self._rows, MemoryRows):
            return find_anywhere
        if isinstance(self._rows, LayoutRows):
            return PicturePaths(self._rows.root).find
        return PicturePaths(self.path if isinstance(self._rows, FolderRows) else self.path.parent).find

    def _one_hot(self, *, takes_labels: bool) -> OneHot | None:
        """Where the labels are in columns of 0 and 1; the column of emotions is none then."""
        is_asked = reading().labels == "one-hot"
        if not is_asked and ("emotion" in self.columns or not takes_labels):
            return None
        self.columns.pop("emotion", None)
        first = islice(open_rows(self.path) if self._grows else self._rows, LOOK_AHEAD)  # those that are there
        try:
            return OneHot(first, self.columns.values(), self.path, emotions_alone=not is_asked)
        except TableError:
            if is_asked:
                raise
            return None

    def _remarks(self, one_hot: OneHot | None) -> tuple[str, ...]:
        remarks = [encoding_remark(self._rows)]
        if isinstance(self._rows, LayoutRows):
            remarks.append(f"read as posts of {self._rows.layout.name}")
        if one_hot is not None:
            remarks.append(f"the label is the one of these columns that is 1: {listed(one_hot.columns)}")
        if "id" not in self.columns:
            remarks.append("no id column; posts are numbered by their rows")
        return tuple(remark for remark in remarks if remark)

    def _learn(self, row: Mapping[str, object]) -> None:
        """Take in columns that first come in a later JSON line."""
        names = [name for name in row if fault_of([name]) is None]
        self._known.update(names[: MOST_NAMES - len(self._known)])
        taken = {*self.columns.values()}
        new = find_columns([name for name in names if name not in taken], {}, self.path)
        new.pop("id", None)  # rows have numbers by now
        self.columns = new | self.columns
        self._reader.know(self.columns)
