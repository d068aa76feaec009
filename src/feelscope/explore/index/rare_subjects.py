"""Which posts have subjects that too few posts have: what tells `add` which of them have become frequent enough.

Files beside the vocabulary, `rare-000001.parquet` and so on, named by the first shard each is of: pairs of a subject's
hash and a post's number, by hash. Of those that became frequent later the pairs stay; nobody asks for them again.
"""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from feelscope.errors import ExploreError
from feelscope.files import write_whole

_PAIRS_A_FILE = 4_000_000
_FILES = "rare-*.parquet"


class RareWriter:
    """Writes pairs of posts that come in the order of their numbers.

    Args:
        folder: The engine's.
        first_shard: Of which the posts are, and of those after it.
    """

    def __init__(self, folder: Path, first_shard: str) -> None:
        self._folder, self._number = folder, int(first_shard.partition(".")[0])
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self._size = self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        if kind is None and (self._size or not self._written):
            self._write()

    def add(self, hashes: np.ndarray, posts: np.ndarray, next_shard: str) -> None:
        """Add the pairs of one shard.

        Args:
            next_shard: The name of the one after it, by which a new file would be known.
        """
        self._waiting.append((hashes, posts))
        self._size += len(hashes)
        if self._size >= _PAIRS_A_FILE:
            self._write()
            self._number = int(next_shard.partition(".")[0])

    def _write(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        hashes = np.concatenate([np.empty(0, np.uint64), *(some for some, _ in self._waiting)])
        posts = np.concatenate([np.empty(0, np.int64), *(some for _, some in self._waiting)])
        self._waiting, self._size = [], 0
        self._written += 1
        order = np.argsort(hashes)
        table = pa.table({"hash": hashes[order], "post": posts[order]})
        with write_whole(self._folder / f"rare-{self._number:06}.parquet", "wb") as file:
            pq.write_table(table, file, compression="zstd", use_dictionary=False, write_page_checksum=True)


def are_there(folder: Path) -> bool:
    """Whether the engine's folder has such files; those of older versions do not."""
    return any(folder.glob(_FILES))


def find(folder: Path, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The posts with subjects of some hashes.

    Args:
        hashes: uint64 (N,), in ascending order.

    Returns:
        The place among the hashes, and the post's number, of each pair that was found, int64.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    places, posts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for path in sorted(folder.glob(_FILES)):
        try:
            table = pq.read_table(path, page_checksum_verification=True)
            known, numbers = table["hash"].to_numpy(), table["post"].to_numpy()
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            raise ExploreError(f"{path}: cannot be read; rebuild it with --rebuild") from error
        firsts, ends = (np.searchsorted(known, hashes, side) for side in ("left", "right"))
        for place in np.flatnonzero(ends > firsts).tolist():
            posts.append(numbers[firsts[place] : ends[place]])
            places.append(np.full(len(posts[-1]), place))
    return np.concatenate(places), np.concatenate(posts)
