"""Posts tables: CSV, JSON Lines and Parquet in and out, one row at a time.

`PostsTable` reads posts and sends bad rows to a `Quarantine`; `open_writer` writes rows to a file that appears when
it is complete. `columns.py` knows which column is which, the three `*_file.py` know one format each.
"""

from feelscope.table.columns import STANDARD_COLUMNS
from feelscope.table.posts import PostsTable
from feelscope.table.quarantine import MOST_BROKEN, BadRow, Quarantine, quarantine_beside
from feelscope.table.writing import RowWriter, open_writer

__all__ = [
    "MOST_BROKEN",
    "STANDARD_COLUMNS",
    "BadRow",
    "PostsTable",
    "Quarantine",
    "RowWriter",
    "open_writer",
    "quarantine_beside",
]
