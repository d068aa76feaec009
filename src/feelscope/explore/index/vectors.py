"""The vectors of posts, by which they are alike: of their words and of their pictures, as the index's model reads them.

Beside the shards, a file for each shard and modality, `map/000001.text.npy`: for each post that has a vector its number
in the shard and the vector in 8-bit integers, scaled so that its largest number is 127: only directions are compared. A
file is there before its shard is, so every shard that is there has what it should have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.errors import ExploreError, one_line
from feelscope.files import write_whole

KINDS = ("text", "image")
_MOST = 127


def as_integers(vector: np.ndarray) -> np.ndarray:
    """A vector, float (D,), in 8-bit integers."""
    largest = float(np.abs(vector).max())
    return np.rint(vector * (_MOST / largest)).astype(np.int8) if largest > 0 else np.zeros(len(vector), np.int8)


def directions(vectors: np.ndarray) -> np.ndarray:
    """Rows as vectors of length 1, float32 (N, D)."""
    floats = vectors.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", floats, floats))
    return np.asarray(floats / np.maximum(lengths, 1e-12)[:, None])


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of an index's posts; the folder is made where it is missing."""

    folder: Path

    def write(self, shard: str, posts: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Write the vectors of a shard.

        Args:
            posts: Of each post its vectors by modality, in 8-bit integers.
        """
        self.folder.mkdir(exist_ok=True)
        for kind in KINDS:
            having = [number for number, vectors in enumerate(posts) if kind in vectors]
            width = len(posts[having[0]][kind]) if having else 0
            records = np.empty(len(having), [("post", np.int32), ("vector", np.int8, (width,))])
            if having:
                records["post"] = having
                records["vector"] = [posts[number][kind] for number in having]
            with write_whole(self._path(shard, kind), "wb") as file:
                np.save(file, records)

    def read(self, shard: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """Which posts of a shard have a vector, int32 (M,), and the vectors, int8 (M, D), which stay on the disk.

        Raises:
            ExploreError: The file is missing or damaged.
        """
        path = self._path(shard, kind)
        try:
            records = np.lib.format.open_memmap(path, mode="r")
            posts, vectors = records["post"], records["vector"]
            if posts.dtype != np.int32 or vectors.dtype != np.int8 or vectors.ndim != 2:
                raise ValueError("it holds other numbers")
        except (OSError, ValueError, IndexError, KeyError, TypeError, SyntaxError, EOFError, OverflowError) as error:
            raise ExploreError(f"{path}: cannot be read ({one_line(error)}); rebuild it with --rebuild") from error
        return posts, vectors

    def remove_but(self, shards: Sequence[str]) -> None:
        """Remove what was written of shards that never came."""
        kept = {name.partition(".")[0] for name in shards}
        for path in self.folder.glob("*.npy"):
            if path.name.partition(".")[0] not in kept:
                path.unlink()

    def _path(self, shard: str, kind: str) -> Path:
        return self.folder / f"{shard.partition('.')[0]}.{kind}.npy"


@dataclass(frozen=True, slots=True)
class AllVectors:
    """The vectors of all posts of an open index.

    Args:
        firsts: Its shards, and the number of the first post of each.
    """

    vectors: Vectors
    firsts: Mapping[str, int]

    def of(self, number: int, kind: str) -> np.ndarray | None:
        """The vector of a post by its number in the archive; None where it has none."""
        shard, first = max((pair for pair in self.firsts.items() if pair[1] <= number), key=lambda pair: pair[1])
        posts, vectors = self.vectors.read(shard, kind)
        place = int(np.searchsorted(posts, number - first))
        return vectors[place] if place < len(posts) and posts[place] == number - first else None

    def nearest(self, number: int, kind: str, most: int) -> list[tuple[int, float]]:
        """The posts whose vectors point most nearly where a post's does, nearest first; compared with every one.

        Returns:
            Numbers of posts, and the cosine of the angle between the two vectors; none for a post without a vector.
        """
        own = self.of(number, kind)
        if own is None or not own.any():
            return []
        wanted = directions(own[None])[0]
        found = [pair for pairs in self._by_shard(kind, wanted, most + 1) for pair in pairs]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return [pair for pair in found if pair[0] != number][:most]

    def _by_shard(self, kind: str, wanted: np.ndarray, most: int) -> Iterator[list[tuple[int, float]]]:
        for shard, first in self.firsts.items():
            posts, vectors = self.vectors.read(shard, kind)
            if not len(posts):
                continue
            floats = vectors.astype(np.float32)
            lengths = np.sqrt(np.einsum("ij,ij->i", floats, floats))
            alike = (floats @ wanted) / np.maximum(lengths, 1e-12)
            best = np.argpartition(-alike, most)[:most] if len(alike) > most else np.arange(len(alike))
            yield [(first + int(posts[place]), float(alike[place])) for place in best]
