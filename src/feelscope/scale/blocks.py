"""Blocks: the row groups of Parquet files, cut where they are long. One block is one piece of work, and one result."""

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from feelscope.errors import TableError, one_line
from feelscope.scale.addresses import Address
from feelscope.table.columns import check_columns, check_names, find_columns
from feelscope.table.parquet_file import RowRange

MOST_ROWS, LEAST_ROWS = 10_000, 250  # of a block, where nobody says how many
BLOCKS = 64  # that a table should have at least, so that many workers have something to do
MOST_BYTES = 128 * 2**20  # of a block's rows, as the file says
_FOOTERS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file.

    Args:
        table: The file.
        name: The path of its results within a folder, without their ending.
        first: The number in the file of the first row, from 1.
    """

    table: Address
    name: str
    part: RowRange
    first: int


@dataclass(frozen=True, slots=True)
class Table:
    """A Parquet file: how many rows each group has, and how many bytes."""

    address: Address
    name: str
    groups: tuple[tuple[int, int], ...]

    @property
    def rows(self) -> int:
        """In all groups."""
        return sum(rows for rows, _ in self.groups)


def find_tables(address: Address, columns: Mapping[str, str], need: Iterable[str] = ()) -> list[Table]:
    """The Parquet file of an address, or all of a folder in the order of their names.

    Args:
        columns: Standard names to the tables' names; see `PostsTable`.
        need: Standard names of columns that must be there.

    Raises:
        TableError: There is none, one is no Parquet, none has rows, or a column is missing.
    """
    try:
        if address.is_folder():
            names = list(address.files(".parquet"))
            if not names:
                raise TableError(f"{address}: there is no .parquet file in this folder")
            found = [(address / name, name.removesuffix(".parquet")) for name in names]
        elif not address.exists():
            raise TableError(f"{address}: no such file or folder")
        elif not address.name.endswith(".parquet"):
            raise TableError(f"{address}: many machines read Parquet alone (.parquet)")
        else:
            found = [(address, address.name.removesuffix(".parquet"))]
    except OSError as error:
        raise TableError(f"{address}: cannot be read ({one_line(error)})") from error
    with ThreadPoolExecutor(_FOOTERS_AT_ONCE) as pool:
        tables = list(pool.map(lambda one: _open(one[0], one[1], columns, need), found))
    if not any(table.rows for table in tables):
        raise TableError(f"{address}: the table has no rows")
    return tables


def _open(address: Address, name: str, columns: Mapping[str, str], need: Iterable[str]) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with address.open() as file:
            footer = pq.read_metadata(file)
            names = footer.schema.to_arrow_schema().names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise TableError(f"{address}: not a readable Parquet file ({one_line(error)})") from error
    path = Path(str(address))
    check_names(names, path)
    check_columns(names, find_columns(names, columns, path), ["id", *need], path)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    return Table(address, name, tuple((group.num_rows, group.total_byte_size) for group in groups))


def rows_a_block(tables: Iterable[Table]) -> int:
    """How many rows a block should have: few of a small table, so that it is work for many."""
    rows = sum(table.rows for table in tables)
    return min(max(math.ceil(rows / BLOCKS), LEAST_ROWS), MOST_ROWS)


def blocks_of(tables: Iterable[Table], most: int) -> list[Block]:
    """All rows of all tables, in their order, in blocks of at most so many.

    What a block is depends on its row group and `most` alone, so that another run finds the same ones.
    """
    return [block for table in tables for block in _blocks_of(table, most)]


def _blocks_of(table: Table, most: int) -> Iterable[Block]:
    first = 1
    for number, (rows, size) in enumerate(table.groups):
        here = max(1, min(most, MOST_BYTES * rows // max(size, 1)))
        for start in range(0, rows, here):
            part = RowRange(number, start, min(here, rows - start))
            yield Block(table.address, f"{table.name}/{number:06}-{start:09}", part, first + start)
        first += rows
