"""Rows to Parquet, by way of a half-made file that can be continued."""

import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from feelscope.config import listed
from feelscope.errors import TableError, one_line
from feelscope.files import json_text
from feelscope.memory import batches, size_of
from feelscope.table.about import KEY, About
from feelscope.table.columns import OTHER_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_GROUP, BYTES_A_GROUP = 4096, 32 * 2**20  # of a half-made file
_BATCHES_A_GROUP = 32  # of the Parquet file made of it
_FRAME = struct.Struct("<QII")  # of a half-made file: bytes of the content, its rows, its CRC-32
_LONGEST_FRAME = 2**32


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
    def rows(file: BinaryIO) -> Iterator[Mapping[str, object]]:
        """The rows of a half-made file that is cut after its last complete batch."""
        import pyarrow as pa

        frames = _frames(file)
        if (first := next(frames, None)) is not None:
            schema = pa.ipc.read_schema(pa.py_buffer(first[1]))
            for _, content in frames:
                yield from pa.ipc.read_record_batch(pa.py_buffer(content), schema).to_pylist()

    @staticmethod
    def convert(half_made: BinaryIO, out: BinaryIO, about: About | None = None) -> Iterator[int]:
        """Write the batches as a Parquet file, whose row groups are of many: how many rows there are so far.

        Of each row group a writer keeps a kilobyte for each column until the end.

        Args:
            about: What made the table, for its metadata.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        half_made.seek(0)
        frames = _frames(half_made)
        schema = pa.ipc.read_schema(pa.py_buffer(next(frames)[1]))
        content = (pa.ipc.read_record_batch(pa.py_buffer(content), schema) for _, content in frames)
        noted = schema if about is None else schema.with_metadata({KEY: json_text(about).encode()})
        with pq.ParquetWriter(out, noted, compression="zstd") as made:
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
