"""Posts tables as Parquet, read and written a batch at a time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from feelscope.config import listed
from feelscope.errors import TableError, one_line
from feelscope.table.columns import check_names
from feelscope.table.growing import Wait
from feelscope.table.quarantine import BadRow

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS_AT_ONCE = 256
PICTURES_AT_ONCE = 16  # rows, where a column holds bytes
ROWS_A_GROUP = 4096


class ParquetRows:
    """The rows of a Parquet file, each a dict or a `BadRow`."""

    def __init__(self, path: Path, wait: Wait | None = None) -> None:
        self.path = path
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
        with self._open() as file:
            return int(file.metadata.num_rows)

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        import pyarrow as pa

        with self._open() as file:
            at_once = PICTURES_AT_ONCE if "binary" in str(file.schema_arrow) else ROWS_AT_ONCE
            batches = file.iter_batches(batch_size=at_once)
            done = 0
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError) as error:
                    raise TableError(f"{self.path}: damaged after row {done} ({one_line(error)})") from error
                if batch is None:
                    return
                done += len(batch)
                yield from _rows(_without_nanoseconds(batch))

    def _open(self) -> "pq.ParquetFile":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            # A buffer: without one, whole columns of a row group are held in memory.
            file = pq.ParquetFile(self.path, buffer_size=2**20, pre_buffer=False)
            "".join(file.schema_arrow.names)  # decodes them, which may not be UTF-8
            return file
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise TableError(f"{self.path}: not a readable Parquet file ({one_line(error)})") from error


def _rows(batch: "pa.RecordBatch") -> Iterator[dict[str, object] | BadRow]:
    """Turn a batch into dicts; where a value cannot be read, find which."""
    try:
        columns = [_values(column) for column in batch.columns]
    except (ValueError, OverflowError):  # text that is not UTF-8, a date after the year 9999
        yield from (_row(batch.slice(place, 1)) for place in range(len(batch)))
    else:
        names = batch.schema.names
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))


def _row(batch: "pa.RecordBatch") -> dict[str, object] | BadRow:
    """The only row of a batch."""
    try:
        return batch.to_pylist()[0]
    except UnicodeDecodeError:
        return BadRow("text that is not UTF-8")
    except (ValueError, OverflowError) as error:
        return BadRow("a value that cannot be read", one_line(error))


def _values(column: "pa.Array") -> list[object]:
    """Turn a column into Python's values; times without a zone or in UTC in a tenth of the time Arrow takes."""
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type) or column.type.tz not in (None, "UTC"):
        return column.to_pylist()
    zone = UTC if column.type.tz else None
    times = column.to_numpy(zero_copy_only=False).tolist()
    if any(isinstance(time, int) for time in times):  # NumPy's answer to a year that Python's calendar lacks
        return column.to_pylist()
    return [time.replace(tzinfo=zone) if time is not None else None for time in times]


def _without_nanoseconds(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """Cut times to microseconds, the finest that Python knows."""
    import pyarrow as pa

    for place, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            times = batch.column(place).cast(pa.timestamp("us", tz=field.type.tz), safe=False)
            batch = batch.set_column(place, field.name, times)
    return batch


class ParquetWriter:
    """Rows to Parquet, a row group at a time.

    Args:
        like: A row with every column filled, for the types; None learns them from the first row group.
    """

    def __init__(self, file: BinaryIO, like: Mapping[str, object] | None = None) -> None:
        self._file = file
        self._waiting: list[Mapping[str, object]] = []
        self._writer: pq.ParquetWriter | None = None
        if like is not None:
            self._start([like])

    def write(self, row: Mapping[str, object]) -> None:
        """Take one row."""
        self._waiting.append(row)
        if len(self._waiting) == ROWS_A_GROUP:
            self._write_group()

    def finish(self) -> None:
        """Write what waits and the footer."""
        try:
            self._write_group()
        finally:
            if self._writer is not None:
                self._writer.close()

    def _start(self, rows: list[Mapping[str, object]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        names = dict.fromkeys(name for row in rows for name in row)
        kinds = [(name, _filled(pa.array([row.get(name) for row in rows]).type)) for name in names]
        self._writer = pq.ParquetWriter(self._file, pa.schema(kinds), compression="zstd")

    def _write_group(self) -> None:
        import pyarrow as pa

        rows, self._waiting = self._waiting, []
        try:
            if self._writer is None:
                self._start(rows)
            assert self._writer is not None
            schema = self._writer.schema
            _check_fit(rows, schema)
            if rows:
                self._writer.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
        except pa.ArrowException as error:
            raise TableError(f"rows do not fit the types of the first ones ({one_line(error)})") from error


def _check_fit(rows: Iterable[Mapping[str, object]], kind: "pa.Schema | pa.StructType") -> None:
    """Refuse a column that the first rows lacked, which Arrow would drop without a word."""
    import pyarrow as pa

    known = {field.name: field.type for field in kind}
    structs = {name: type for name, type in known.items() if pa.types.is_struct(type)}
    for row in rows:
        if not row.keys() <= known.keys():
            raise TableError(f"a row has columns the first rows lacked: {listed(sorted(row.keys() - known.keys()))}")
        for name, type in structs.items():
            if isinstance(value := row.get(name), Mapping):
                _check_fit([value], type)


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
