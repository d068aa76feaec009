"""Write rows to a file that appears under its name only when it is complete."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from feelscope.errors import TableError
from feelscope.table.csv_file import CsvWriter
from feelscope.table.jsonl_file import JsonLinesWriter, keep_complete_lines
from feelscope.table.parquet_file import ParquetWriter

FORMATS: Mapping[str, type[CsvWriter] | type[JsonLinesWriter] | type[ParquetWriter]] = {
    ".csv": CsvWriter,
    ".jsonl": JsonLinesWriter,
    ".ndjson": JsonLinesWriter,
    ".parquet": ParquetWriter,
}


class RowWriter:
    """A table in the making, `NAME.partial` beside its place until the `with` block ends well.

    After an error or Ctrl+C the partial file stays, with the rows written so far, and what was under the name before is
    untouched. See `open_writer`.

    Attributes:
        rows_done: Rows in the file, with those that were kept when resuming.
        last_row: When resuming, the last row that was kept, to check that it is the same job.
    """

    def __init__(self, path: Path, *, resume: bool, like: Mapping[str, object] | None) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.partial")
        self.rows_done = 0
        self.last_row: dict[str, object] | None = None
        self._resume = resume
        self._like = like

    def __enter__(self) -> Self:
        try:
            if self._resume and self.partial.exists():
                self._file: BinaryIO = self.partial.open("r+b")
                self.rows_done, self.last_row = keep_complete_lines(self._file)
            else:
                self._file = self.partial.open("wb")
        except OSError as error:
            raise self._cannot(error) from error
        self._rows = FORMATS[self.path.suffix.lower()](self._file, self._like)
        return self

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
            self.partial.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as failed:
            raise self._cannot(failed) from failed
        except TableError as failed:
            raise TableError(f"{self.path}: {failed}") from failed

    def _cannot(self, error: OSError) -> TableError:
        return TableError(f"{self.partial}: cannot be written ({error.strerror or error})")


def open_writer(path: Path | str, *, resume: bool = False, like: Mapping[str, object] | None = None) -> RowWriter:
    """Write rows to a table, in the format of its ending.

    Args:
        path: .csv, .jsonl, .ndjson or .parquet.
        resume: Continue after the complete lines of an interrupted JSON Lines file.
        like: A row with every column filled, which is not written: it makes the CSV header and the Parquet types.
            None takes them from the first rows, and a later row with another column is an error.

    Example:
        with open_writer("predictions.jsonl") as writer:
            writer.write({"id": "1", "emotion": "happiness"})

    Raises:
        TableError: Another ending, no such folder, or `resume` for another format.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise TableError(f"{path}: expected a name that ends in .csv, .jsonl or .parquet")
    if path.is_dir():
        raise TableError(f"{path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise TableError(f"{path}: the folder {path.parent} does not exist; make it first")
    if resume and FORMATS[path.suffix.lower()] is not JsonLinesWriter:
        raise TableError(f"{path}: only JSON Lines can be resumed; write to a name that ends in .jsonl")
    return RowWriter(path, resume=resume, like=like)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; only POSIX can."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
