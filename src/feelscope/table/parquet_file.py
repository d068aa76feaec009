"""Posts tables as Parquet, read and written a batch at a time."""

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from feelscope.errors import TableError, one_line
from feelscope.table.columns import check_names
from feelscope.table.growing import Wait
from feelscope.table.packing import is_packed, open_unpacked
from feelscope.table.quarantine import BadRow, Unreadable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS_AT_FIRST = 8
ROWS_AT_ONCE = 1024
PICTURES_AT_ONCE = 16  # rows, where a column holds bytes
BYTES_AT_ONCE = 8 * 2**20
_METADATA = b"huggingface"  # the key of what the `datasets` library writes beside the columns


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows of one row group, from `start` on, counted within it."""

    group: int
    start: int
    rows: int


class ParquetRows:
    """The rows of a Parquet file, each a dict or a `BadRow`.

    Args:
        path: For messages too.
        part: These rows alone; None gives all.
        opener: Opens the file where it is no path of this machine.
        seen: Called with every batch before its rows are given, with a digest of them say.
    """

    def __init__(
        self,
        path: Path,
        wait: Wait | None = None,
        *,
        part: RowRange | None = None,
        opener: Callable[[], BinaryIO] | None = None,
        seen: "Callable[[pa.RecordBatch], None] | None" = None,
    ) -> None:
        self.path, self._part = path, part
        self._opener, self._seen = opener, seen
        if wait is not None:
            hint = "append to CSV or JSON Lines"
            raise TableError(f"{path}: a Parquet file is written whole and cannot be followed; {hint}")

    def columns(self) -> dict[str, str]:
        """Give the names and their Arrow types."""
        with self._open() as file:
            if not file.metadata.num_rows:
                raise TableError(f"{self.path}: the table has no rows")
            check_names(file.schema_arrow.names, self.path)
            return {field.name: str(field.type) for field in file.schema_arrow}

    def label_names(self, column: str) -> tuple[str, ...]:
        """The names of the numbers in a column of labels, as the `datasets` library writes them; none otherwise."""
        with self._open() as file:
            metadata = file.schema_arrow.metadata or {}
        try:
            feature = json.loads(metadata[_METADATA])["info"]["features"][column]
            while "names" not in feature:  # a list of labels
                feature = feature[0] if isinstance(feature, list) else feature["feature"]
            names = feature["names"]
        except (KeyError, IndexError, TypeError, ValueError, RecursionError):
            return ()
        if isinstance(names, Mapping):
            names = [name for _, name in sorted(names.items(), key=lambda entry: str(entry[0]).zfill(9))]
        is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
        return tuple(names) if is_list else ()

    def length(self) -> int:
        """Give the number of rows."""
        if self._part is not None:
            return self._part.rows
        with self._open() as file:
            return int(file.metadata.num_rows)

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        import pyarrow as pa

        with self._open() as file:
            done = 0
            try:
                for batch in _batches(file, self._part):
                    if self._seen is not None:
                        self._seen(batch)
                    yield from _rows(_in_microseconds(batch))
                    done += len(batch)
            except (pa.ArrowException, OSError) as error:
                raise TableError(f"{self.path}: damaged after row {done} ({one_line(error)})") from error

    def _open(self) -> "pq.ParquetFile":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            # A buffer: without one, whole columns of a row group are held in memory.
            source = self.path if self._opener is None else self._opener()
            if self._opener is None and is_packed(self.path):
                source = _unpacked(self.path)
            file = pq.ParquetFile(source, buffer_size=2**20, pre_buffer=False)
            "".join(file.schema_arrow.names)  # decodes them, which may not be UTF-8
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise TableError(f"{self.path}: not a readable Parquet file ({one_line(error)})") from error
        return file


def _unpacked(path: Path) -> BinaryIO:
    """The content of a packed file in one without a name: its end has to be read first."""
    with open_unpacked(path) as packed:
        file = tempfile.TemporaryFile()  # noqa: SIM115 (until the reader is done with it)
        shutil.copyfileobj(packed, file)
    file.seek(0)
    return file


def _batches(file: "pq.ParquetFile", part: RowRange | None) -> Iterator["pa.RecordBatch"]:
    """The rows, as many at a time as fit: a dictionary of one value may stand for gigabytes."""
    most = PICTURES_AT_ONCE if "binary" in str(file.schema_arrow) else ROWS_AT_ONCE
    groups = None if part is None else [part.group]
    done = 0 if part is None else part.start
    end = math.inf if part is None else part.start + part.rows
    at_once, is_complete = ROWS_AT_FIRST, False
    while not is_complete and done < end:
        left_out, is_complete = done, True
        for batch in file.iter_batches(batch_size=at_once, row_groups=groups):
            here = min(left_out, len(batch))
            left_out -= here
            batch = batch.slice(here, min(len(batch) - here, end - done))
            fitting = min(most, BYTES_AT_ONCE * len(batch) // (batch.nbytes + 1) + 1)
            for start in range(0, len(batch), fitting):
                yield batch.slice(start, fitting)
            done += len(batch)
            if done == end:
                break
            if len(batch) and (fitting < at_once // 2 or (done == len(batch) and fitting > at_once)):
                at_once, is_complete = fitting, False  # read on with another size
                break


def _rows(batch: "pa.RecordBatch") -> Iterator[dict[str, object] | BadRow]:
    """Turn a batch into dicts."""
    columns = [_values(column) for column in batch.columns]
    names = batch.schema.names
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _values(column: "pa.Array") -> list[object]:
    """Turn a column into Python's values; a value that Python has none for is `Unreadable`."""
    try:
        return _quick_values(column)
    except (ValueError, OverflowError):  # text that is not UTF-8, a date after the year 9999
        return [_value(scalar) for scalar in column]


def _value(scalar: "pa.Scalar") -> object:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return Unreadable("text that is not UTF-8")
    except (ValueError, OverflowError) as error:
        return Unreadable("a value that cannot be read", one_line(error))


def _quick_values(column: "pa.Array") -> list[object]:
    """Turn a column into Python's values; times without a zone or in UTC in a tenth of the time Arrow takes."""
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type) or column.type.tz not in (None, "UTC"):
        return column.to_pylist()
    zone = UTC if column.type.tz else None
    times = column.to_numpy(zero_copy_only=False).tolist()
    if any(isinstance(time, int) for time in times):  # NumPy's answer to a year that Python's calendar lacks
        return column.to_pylist()
    return [time.replace(tzinfo=zone) if time is not None else None for time in times]


def _in_microseconds(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """Cut times and durations to microseconds, the finest that Python knows."""
    import pyarrow as pa

    for place, field in enumerate(batch.schema):
        if getattr(field.type, "unit", "") == "ns":
            kind = {
                pa.types.is_timestamp: lambda of: pa.timestamp("us", of.tz),
                pa.types.is_duration: lambda of: pa.duration("us"),
                pa.types.is_time: lambda of: pa.time64("us"),
            }
            target = next(make(field.type) for of_kind, make in kind.items() if of_kind(field.type))
            batch = batch.set_column(place, field.name, batch.column(place).cast(target, safe=False))
    return batch
