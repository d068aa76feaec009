"""Write rows to a file that appears under its name only when it is complete."""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from feelscope.errors import TableError
from feelscope.files import no_link, write_json, writing
from feelscope.progress import Count
from feelscope.table.about import About, beside
from feelscope.table.csv_writer import CsvWriter
from feelscope.table.jsonl_file import JsonLinesWriter
from feelscope.table.parquet_writer import ParquetWriter

FORMATS: Mapping[str, type[CsvWriter] | type[JsonLinesWriter] | type[ParquetWriter]] = {
    ".csv": CsvWriter,
    ".jsonl": JsonLinesWriter,
    ".ndjson": JsonLinesWriter,
    ".parquet": ParquetWriter,
}

_BINARY = getattr(os, "O_BINARY", 0)  # of Windows


class RowWriter:
    """A table in the making, `NAME.partial` beside its place until the `with` block ends well.

    After an error or Ctrl+C the partial file stays, with the rows written so far, and what was under the name before is
    untouched. Meanwhile no other process can write the table. See `open_writer`.

    Attributes:
        rows_done: Rows in the file, with those that were kept when resuming.
    """

    def __init__(
        self,
        path: Path,
        *,
        resume: bool,
        like: Mapping[str, object] | None,
        progress: Count | None,
        about: Callable[[], About] | None,
        mark: bool,
    ) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.partial")
        self.rows_done = 0
        self._resume = resume
        self._like = like
        self._progress = progress
        self._about, self._mark = about, mark
        self._format = FORMATS[path.suffix.lower()]
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            try:
                opened.enter_context(writing(self.path, TableError))
                self._file = opened.enter_context(open_own(self.partial, keep=self._resume))
                if self._resume:
                    self.keep()
                try:
                    self._rows = self._opened()
                except TableError as error:
                    raise TableError(f"{self.partial}: {error}") from error
            except OSError as error:
                raise self._cannot(error) from error
            self._held = opened.pop_all()
        return self

    def _opened(self) -> CsvWriter | JsonLinesWriter | ParquetWriter:
        if issubclass(self._format, CsvWriter):
            return self._format(self._file, self._like, mark=self._mark)
        return self._format(self._file, self._like)

    def kept(self) -> Iterator[Mapping[str, object]]:
        """The rows that were kept when resuming, as the format has them; before the first `write`."""
        self._file.seek(0)
        try:
            yield from self._format.rows(self._file)
        finally:
            self._file.seek(0, os.SEEK_END)

    def keep(self, most: int | None = None) -> None:
        """Cut off what is torn, and rows beyond so many; of Parquet, whole row groups alone are kept.

        Raises:
            TableError: The disk is full.
        """
        try:
            self._file.seek(0)
            self.rows_done = end = 0
            for rows, here in self._format.complete(self._file):
                if most is not None and rows > most:
                    break
                self.rows_done, end = rows, here
            self._file.seek(end)
            self._file.truncate()
        except OSError as error:
            raise self._cannot(error) from error

    def write(self, row: Mapping[str, object]) -> None:
        """Write one row; dicts, lists, texts, numbers, dates and None may be in it.

        Raises:
            TableError: The row does not fit the table, or the disk is full.
        """
        try:
            self._rows.write(row)
        except OSError as error:
            raise self._cannot(error) from error
        except (TypeError, UnicodeEncodeError, TableError) as error:
            raise TableError(f"{self.path}: row {self.rows_done + 1} cannot be written: {error}") from error
        self.rows_done += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._held:
            if error is not None:
                # The error under way is the one to tell; a second one, from the same full disk say, adds nothing.
                with contextlib.suppress(OSError, TableError, ValueError), self._file:
                    self._rows.finish()
                return
            try:
                with self._file:
                    self._rows.finish()
                    self._file.flush()
                    os.fsync(self._file.fileno())
                    made = self._converted()
                self._write_about(made)  # first, so that no complete file is without it
                made.replace(self.path)
                if made != self.partial:
                    self.partial.unlink()
                _sync_folder(self.path.parent)
            except OSError as failed:
                raise self._cannot(failed) from failed
            except TableError as failed:
                raise TableError(f"{self.path}: {failed}") from failed

    def _converted(self) -> Path:
        """The file that is complete: the half-made one, or of Parquet what is made of it."""
        if not issubclass(self._format, ParquetWriter):
            return self.partial
        made = self.path.with_name(f"{self.path.name}.made.partial")
        file = open_own(made, keep=False)
        try:
            with file:
                for rows in self._format.convert(self._file, file, self._said()):
                    if self._progress is not None:
                        self._progress(rows, self.rows_done)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:  # such as a full disk, which it would keep full
            made.unlink(missing_ok=True)
            raise
        return made

    def _said(self) -> About | None:
        """What made the table."""
        return None if self._about is None else {**self._about(), "file": {"rows": self.rows_done}}

    def _write_about(self, made: Path) -> None:
        """Say beside the table what made it; of Parquet, it is in the file."""
        if (said := self._said()) is None or issubclass(self._format, ParquetWriter):
            return
        file = {"name": self.path.name, "rows": self.rows_done, "bytes": made.stat().st_size}
        write_json(beside(self.path), {**said, "file": file})

    def _cannot(self, error: OSError) -> TableError:
        return TableError(f"{self.partial}: cannot be written ({error.strerror or error})")


def open_writer(
    path: Path | str,
    *,
    resume: bool = False,
    like: Mapping[str, object] | None = None,
    progress: Count | None = None,
    about: Callable[[], About] | None = None,
    mark: bool = False,
) -> RowWriter:
    """Write rows to a table, in the format of its ending.

    Args:
        path: .csv, .jsonl, .ndjson or .parquet.
        resume: Continue after the complete rows of an interrupted file.
        like: A row with every column filled, which is not written: it makes the CSV header and the Parquet types.
            None takes them from the first rows, and a later row with another column is an error.
        progress: Called while a Parquet file is made of the half-made one in the end: rows made, of how many.
        about: Called when all rows are written: what made the table, to be kept with it; see `about.py`.
        mark: Whether a CSV begins with the mark of UTF-8, without which spreadsheets take it for something else.

    Example:
        with open_writer("predictions.jsonl") as writer:
            writer.write({"id": "1", "emotion": "happiness"})

    Raises:
        TableError: Another ending, a mark in another format than CSV, no such folder, or, on entering, an interrupted
            file with other columns.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise TableError(f"{path}: expected a name that ends in .csv, .jsonl or .parquet")
    if mark and path.suffix.lower() != ".csv":
        raise TableError(f"{path}: a mark for spreadsheets is for CSV; expected a name that ends in .csv")
    if path.is_dir():
        raise TableError(f"{path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise TableError(f"{path}: the folder {path.parent} does not exist; make it first")
    return RowWriter(path, resume=resume, like=like, progress=progress, about=about, mark=mark)


def open_own(partial: Path, *, keep: bool) -> BinaryIO:
    """Open a half-made file for reading and writing: a new one, or with `keep` the one that is there.

    Raises:
        OSError: It is a link, by which something else would be written, or no regular file.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | _BINARY
    file = os.fdopen(no_link(str(partial), flags), "r+b")
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        file.close()
        raise OSError(errno.EPERM, "is a link or no regular file; remove it", str(partial))
    if not keep:
        file.truncate()
    return file


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; only POSIX can."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
