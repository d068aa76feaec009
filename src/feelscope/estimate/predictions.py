"""Predictions, many at a time and in constant memory: a million rows take seconds; one by one they take a minute."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import TableError, one_line
from feelscope.explain.structure.predicted_posts import Predictions
from feelscope.table import BadRow
from feelscope.table.opening import open_rows
from feelscope.text.csv_cells import csv_text

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS, _BYTES = 16_384, 2**20  # at once; Arrow reads some blocks ahead
_COLUMN = "probabilities"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some predictions.

    Args:
        ids: B.
        probabilities: (B, K).
        columns: What the file has in further columns that were asked for, B each.
    """

    ids: Sequence[str]
    probabilities: np.ndarray
    columns: Mapping[str, Sequence[object]]


class PredictionFile:
    """A file that `feelscope predict --out` wrote, as batches.

    Args:
        columns: Further columns that it has to carry.

    Attributes:
        emotions: In the order of the probabilities.
        names: All columns of the file.

    Raises:
        TableError: It is no such file, or lacks a column.
    """

    def __init__(self, path: Path, columns: Sequence[str] = ()) -> None:
        self.path, self._columns = path, tuple(columns)
        self._slow = Predictions(path)
        self.emotions: tuple[str, ...] = self._slow.emotions
        self.names = tuple(open_rows(path).columns())
        for name in self._columns:
            if name not in self.names:
                hint = f"{did_you_mean(name, self.names)}; or give the posts table that has it with --posts"
                raise TableError(f"{path}: no column {name!r}; {hint}")

    def __iter__(self) -> Iterator[Batch]:
        import pyarrow as pa

        readers = {".parquet": self._parquet, ".csv": self._csv, ".jsonl": self._lines, ".ndjson": self._lines}
        reader = readers.get(self.path.suffix.lower())
        if reader is None or (reader == self._lines and self._columns):  # packed, or columns of types nobody knows
            yield from self._row_by_row()
            return
        done = 0
        try:
            for batch in reader():
                yield self._batch(batch, done)
                done += len(batch)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise TableError(f"{self.path}: damaged after row {done:,} ({one_line(error)[:200]})") from error

    def _parquet(self) -> Iterator["pa.RecordBatch"]:
        import pyarrow.parquet as pq

        file = pq.ParquetFile(self.path, buffer_size=2**20, pre_buffer=False)
        yield from file.iter_batches(_ROWS, columns=["id", _COLUMN, *self._columns])

    def _csv(self) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa
        from pyarrow import csv

        numbers = [f"{_COLUMN}.{name}" for name in self.emotions]
        types = {"id": pa.string(), **dict.fromkeys(self._columns, pa.string()), **dict.fromkeys(numbers, pa.float64())}
        yield from csv.open_csv(
            self.path,
            read_options=csv.ReadOptions(block_size=_BYTES),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(include_columns=[*types], column_types=types),
        )

    def _lines(self) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa
        from pyarrow import json

        numbers = pa.struct([(name, pa.float64()) for name in self.emotions])
        schema = pa.schema([("id", pa.string()), (_COLUMN, numbers)])
        parsing = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        yield from json.open_json(self.path, json.ReadOptions(block_size=_BYTES), parsing)

    def _batch(self, batch: "pa.RecordBatch", done: int) -> Batch:
        if self.path.suffix.lower() == ".csv":
            numbers = [batch.column(f"{_COLUMN}.{name}") for name in self.emotions]
        else:
            nested = batch.column(_COLUMN)
            numbers = [nested.field(name) for name in self.emotions]
        table = np.column_stack([one.to_numpy(zero_copy_only=False).astype(np.float64) for one in numbers])  # (B, K)
        if not ((table >= 0) & (table <= 1)).all():  # NaN is neither
            row = done + int(np.flatnonzero(~((table >= 0) & (table <= 1)).all(axis=1))[0]) + 1
            raise self._fault(row, "a probability is not a number from 0 to 1")
        ids = batch.column("id").to_pylist()
        if self.path.suffix.lower() == ".csv":
            ids = [csv_text(id) if id[:1] == "'" else id for id in ids]
        if not all(ids):
            raise self._fault(done + 1 + next(place for place, id in enumerate(ids) if not id), "it has no id")
        return Batch([*map(str, ids)], table, {name: batch.column(name).to_pylist() for name in self._columns})

    def _row_by_row(self) -> Iterator[Batch]:
        rows = zip(self._slow, open_rows(self.path), strict=True)
        while True:
            ids, table, cells = [], [], []
            for (id, probabilities), row in rows:
                ids.append(id)
                table.append(probabilities)
                cells.append({} if isinstance(row, BadRow) else row)
                if len(ids) == _ROWS:
                    break
            if not ids:
                return
            columns: dict[str, Sequence[object]] = {name: [row.get(name) for row in cells] for name in self._columns}
            yield Batch(ids, np.array(table, np.float64), columns)

    def _fault(self, row: int, what: str) -> TableError:
        return TableError(f"{self.path}, row {row:,}: {what}; run feelscope predict again")
