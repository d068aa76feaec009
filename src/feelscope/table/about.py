"""What made a table, kept with it: in a Parquet file's metadata, beside any other file as `NAME.about.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import TableError
from feelscope.files import read_json
from feelscope.table.packing import is_packed

KEY = b"feelscope.about"  # in the metadata of a Parquet file
ENDING = ".about.json"
_MOST_BYTES = 4_000_000
_REPAIR = "remove it, or make the table again"

About = Mapping[str, Any]


def beside(path: Path) -> Path:
    """Where what made a table is said, unless the table is Parquet."""
    return path.with_name(f"{path.name}{ENDING}")


def read_about(path: Path) -> dict[str, Any] | None:
    """What made a table; None where nothing says so.

    Raises:
        TableError: What says so cannot be read.
    """
    if path.suffix.lower() == ".parquet":
        return _in_parquet(path)
    said = next((file for file in (beside(path), beside(path.with_suffix(""))) if file.is_file()), None)
    if said is None or (said != beside(path) and not is_packed(path)):
        return None
    return read_json(said, TableError, _REPAIR, _MOST_BYTES)


def is_of_other_file(about: About, path: Path) -> bool:
    """Whether a table is not the file that it was said of: it was changed since, or another took its place."""
    file = about.get("file")
    size = file.get("bytes") if isinstance(file, Mapping) else None
    return size is not None and not is_packed(path) and size != path.stat().st_size


def _in_parquet(path: Path) -> dict[str, Any] | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        text = (pq.read_metadata(path).metadata or {}).get(KEY)
        said = None if text is None else json.loads(text)
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        raise TableError(f"{path}: what made it cannot be read; {_REPAIR}") from error
    return said if isinstance(said, dict) else None
