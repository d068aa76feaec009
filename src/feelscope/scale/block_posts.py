"""The posts of one block, as a table of its own, with a digest of all that is in its rows."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from feelscope.errors import TableError
from feelscope.images import PictureLimits
from feelscope.scale.addresses import Address
from feelscope.scale.blocks import Block
from feelscope.table import PostsTable, Quarantine
from feelscope.table.parquet_file import ParquetRows
from feelscope.table.picture_paths import ABSOLUTE
from feelscope.table.quarantine import BadRow
from feelscope.text.json_lines import dump, parse, read_lines

if TYPE_CHECKING:
    import pyarrow as pa

_LARGEST = PictureLimits().max_bytes


@dataclass(slots=True)
class BlockPosts:
    """A block's posts, and where its bad rows are meanwhile.

    Attributes:
        posts: To be read once.
    """

    block: Block
    posts: PostsTable
    _rows: "_RowsDigest"

    @property
    def digest(self) -> str:
        """Of all rows that were read: once the posts are, of the block."""
        return self._rows.hexdigest()

    def bad_rows(self) -> bytes:
        """The quarantine as JSON Lines, whose rows are those of the file."""
        path = self.posts.quarantine.path
        if path is None or not path.exists():
            return b""
        with path.open("rb") as file:
            lines = [parse(line) for line in read_lines(file)]
        first = self.block.first - 1
        return b"".join(dump({**line, "row": line["row"] + first, "table": str(self.block.table)}) for line in lines)


@contextmanager
def open_block(block: Block, columns: Mapping[str, str]) -> Iterator[BlockPosts]:
    """Open the posts of a block.

    Raises:
        TableError: The file is not there, or is no such file any more.
    """
    rows = _RowsDigest()
    with tempfile.TemporaryDirectory() as folder, Quarantine(Path(folder) / "bad.jsonl", most_broken=1.0) as bad:
        read = ParquetRows(block.table.path, part=block.part, opener=_opener(block.table), seen=rows.add)
        pictures = None if block.table.is_path else _pictures_beside(block.table.parent)
        posts = PostsTable(block.table.path, columns, quarantine=bad, rows=read, find_picture=pictures)
        yield BlockPosts(block, posts, rows)


def block_digest(block: Block) -> str:
    """The digest of a block's rows, without making posts of them."""
    rows = _RowsDigest()
    for _ in ParquetRows(block.table.path, part=block.part, opener=_opener(block.table), seen=rows.add):
        pass
    return rows.hexdigest()


def check_rows(results: Address, block: Block, digest: object) -> None:
    """Refuse results that are of other rows than a block has now.

    Args:
        digest: Of the rows that they are of, as `block_digest` gives it.

    Raises:
        TableError: They are.
    """
    if digest != block_digest(block):
        raise TableError(f"{results}: is of other rows, {block.table} was changed; name a new folder")


class _RowsDigest:
    """A digest of batches as an Arrow stream: of their columns' names and kinds too, and of dictionaries' values."""

    def __init__(self) -> None:
        self._sink = _Hashed()  # apart, as Arrow's writer would keep this object, and this object the writer
        self._stream: Any = None

    def add(self, batch: "pa.RecordBatch") -> None:
        """Add a batch."""
        import pyarrow as pa

        batch = batch.replace_schema_metadata()
        if self._stream is None:
            self._stream = pa.ipc.new_stream(self._sink, batch.schema)
        self._stream.write_batch(batch)

    def hexdigest(self) -> str:
        """Of all batches so far."""
        return self._sink.hash.hexdigest()


class _Hashed(io.RawIOBase):
    """A file of which only the digest is kept."""

    def __init__(self) -> None:
        self.hash, self._bytes = hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        size = memoryview(content).nbytes
        self.hash.update(content)
        self._bytes += size
        return size

    def tell(self) -> int:
        return self._bytes


def _opener(table: Address) -> Callable[[], BinaryIO] | None:
    return None if table.is_path else table.open


def _pictures_beside(folder: Address) -> Callable[[str], bytes]:
    """How pictures are found in a folder that is no path: their content, as there is no file of this machine."""

    def find(cell: str) -> bytes:
        if ABSOLUTE.match(cell) or "://" in cell:
            raise BadRow("image path is absolute, it must be relative to the table's folder", cell)
        if ".." in cell.split("/"):
            raise BadRow("image path leaves the table's folder", cell)
        try:
            with (folder / cell).open() as file:
                return file.read(_LARGEST + 1)
        except OSError as error:
            raise BadRow("no such picture beside the table", cell) from error

    return find


def check_seen(block: Block) -> None:
    """Refuse a table that this machine does not see.

    Raises:
        TableError: It is on a disk that the machines of the cluster do not share.
    """
    if not block.table.exists():
        raise TableError(
            f"{block.table}: is not seen by every machine; put it on a disk that they share, or at an address such as "
            "s3://BUCKET/posts.parquet"
        )
