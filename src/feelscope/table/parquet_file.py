"""Posts tables as Parquet, read and written a batch at a time."""

import math
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from feelscope.config import listed
from feelscope.errors import TableError, one_line
from feelscope.memory import batches, size_of
from feelscope.table.columns import OTHER_COLUMNS, check_names
from feelscope.table.growing import Wait
from feelscope.table.quarantine import BadRow, Unreadable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS_AT_FIRST = 8
ROWS_AT_ONCE = 256
PICTURES_AT_ONCE = 16  # rows, where a column holds bytes
BYTES_AT_ONCE = 8 * 2**20
ROWS_A_GROUP, BYTES_A_GROUP = 4096, 32 * 2**20  # of a half-made file
_BATCHES_A_GROUP = 32  # of the Parquet file made of it
_FRAME = struct.Struct("<QII")  # of a half-made file: bytes of the content, its rows, its CRC-32
_LONGEST_FRAME = 2**32


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
            file = pq.ParquetFile(source, buffer_size=2**20, pre_buffer=False)
            "".join(file.schema_arrow.names)  # decodes them, which may not be UTF-8
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise TableError(f"{self.path}: not a readable Parquet file ({one_line(error)})") from error
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


class ParquetWriter:
    """Rows to Parquet, a row group at a time.

    A Parquet file cannot be continued, as all that tells where its row groups are comes last. So the half-made file is
    the schema and one Arrow batch for each 4,096 rows, each in a frame with its length and checksum, and `convert`
    makes the Parquet file of them in the end.

    Args:
        file: At its end; the schema of one that is continued is there.
        like: A row with every column filled, for the types; None learns them from the first row group.

    Raises:
        TableError: The file that is continued has other columns.
    """

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None) -> None:
        self._file = file
        self._waiting: list[Mapping[str, object]] = []
        self._bytes = 0  # of these rows
        self._schema = _schema(file)
        if like is not None:
            self._start([like])

    def write(self, row: Mapping[str, object]) -> None:
        """Take one row."""
        self._waiting.append(row)
        self._bytes += size_of(row)
        if len(self._waiting) == ROWS_A_GROUP or self._bytes >= BYTES_A_GROUP:
            self._write_group()

    def finish(self) -> None:
        """Write what waits."""
        self._write_group()

    @staticmethod
    def complete(file: BinaryIO) -> Iterator[tuple[int, int]]:
        """The complete batches of a half-made file: how many rows there are so far, and the byte at which they end.

        The schema comes first, without a row.
        """
        done = end = 0
        for rows, content in _frames(file):
            done, end = done + rows, end + _FRAME.size + len(content)
            yield done, end

    @staticmethod
    def convert(half_made: BinaryIO, out: BinaryIO) -> Iterator[int]:
        """Write the batches as a Parquet file, whose row groups are of many: how many rows there are so far.

        Of each row group a writer keeps a kilobyte for each column until the end.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        half_made.seek(0)
        frames = _frames(half_made)
        schema = pa.ipc.read_schema(pa.py_buffer(next(frames)[1]))
        content = (pa.ipc.read_record_batch(pa.py_buffer(content), schema) for _, content in frames)
        with pq.ParquetWriter(out, schema, compression="zstd") as made:
            done = 0
            for together, _ in batches(content, _BATCHES_A_GROUP, BYTES_A_GROUP, lambda batch: batch.nbytes):
                made.write_table(pa.Table.from_batches(together))
                done += sum(map(len, together))
                yield done

    def _start(self, rows: list[Mapping[str, object]]) -> None:
        import pyarrow as pa

        names = dict.fromkeys(name for row in rows for name in row)
        schema = pa.schema([(name, _filled(_type([row.get(name) for row in rows]))) for name in names])
        if self._schema is None:
            _write_frame(self._file, 0, schema.serialize())
            self._schema = schema
        elif self._schema != schema:
            raise TableError(OTHER_COLUMNS)

    def _write_group(self) -> None:
        import pyarrow as pa

        rows, self._waiting, self._bytes = self._waiting, [], 0
        try:
            if self._schema is None:
                self._start(rows)
            assert self._schema is not None
            _check_fit(rows, self._schema)
            if rows:
                table = pa.Table.from_pylist([dict(row) for row in rows], schema=self._schema)
                for batch in table.combine_chunks().to_batches():
                    _write_frame(self._file, len(batch), batch.serialize())
                self._file.flush()
                os.fsync(self._file.fileno())  # so that a power cut costs the last group alone
        except (pa.ArrowException, OverflowError) as error:
            raise TableError(f"rows do not fit the types of the first ones ({one_line(error)})") from error


def _schema(file: BinaryIO) -> "pa.Schema | None":
    """The schema of a half-made file, which is at its end and stays there; None of an empty one."""
    import pyarrow as pa

    end = file.tell()
    file.seek(0)
    _, content = next(_frames(file), (0, b""))
    file.seek(end)
    return pa.ipc.read_schema(pa.py_buffer(content)) if content else None


def _write_frame(file: BinaryIO, rows: int, content: "pa.Buffer") -> None:
    file.write(_FRAME.pack(len(content), rows, zlib.crc32(content)))
    file.write(content)


def _frames(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Rows and content of each frame, up to one that is torn, or NULs where a power cut came before the disk."""
    while len(head := file.read(_FRAME.size)) == _FRAME.size:
        length, rows, checksum = _FRAME.unpack(head)
        if not 0 < length <= _LONGEST_FRAME or len(content := file.read(length)) < length:
            return
        if zlib.crc32(content) != checksum:
            return
        yield rows, content


def _check_fit(rows: Sequence[Mapping[str, object]], kind: "pa.Schema | pa.StructType") -> None:
    """Refuse a column that the first rows lacked, which Arrow would drop without a word."""
    import pyarrow as pa

    known = {field.name: field.type for field in kind}
    for row in rows:
        if not row.keys() <= known.keys():
            raise TableError(f"a row has columns the first rows lacked: {listed(sorted(row.keys() - known.keys()))}")
    for name, type in known.items():
        if pa.types.is_struct(type):
            _check_fit([value for row in rows if isinstance(value := row.get(name), Mapping)], type)


def _type(values: list[object]) -> "pa.DataType":
    """The type of a column; whole numbers that are too great for 64 bits with a sign may have none."""
    import pyarrow as pa

    try:
        return pa.array(values).type
    except OverflowError:
        return pa.array(values, pa.uint64()).type


def _filled(kind: "pa.DataType") -> "pa.DataType":
    """Take text where the first rows hold nothing that would tell the type."""
    import pyarrow as pa

    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_filled(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _filled(field.type)) for field in kind])
    return kind
