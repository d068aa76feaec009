"""The map of an index in its files: laid out once, and a file of places for each shard, `map/000001.places.npz`."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.config import processors
from feelscope.errors import ExploreError
from feelscope.explore.index.layout import SAMPLE, Layout
from feelscope.explore.index.vectors import Vectors
from feelscope.explore.search.chance import chance_of
from feelscope.files import read_arrays, write_whole
from feelscope.progress import Progress, silent

Place = tuple[int, int]
_LAYOUT = "layout.npz"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the posts of an index are on its map.

    Args:
        vectors: Theirs.
    """

    vectors: Vectors

    def write(self, firsts: Mapping[str, int], progress: Progress = silent) -> None:
        """Place the posts of all shards that have no places yet; where there is no map yet it is laid out first.

        Args:
            firsts: All shards, and the number of the first post of each.
        """
        path = self.vectors.folder / _LAYOUT
        if not path.exists():
            if any(self._path(shard).exists() and self.read(shard) for shard in firsts):
                raise ExploreError(f"{path}: this file is missing; rebuild it with --rebuild")
            sample = self._sample(firsts)
            progress("laying out the map", 0, len(sample), "")
            if len(sample):
                Layout.fit(sample, processors()).write(path)
            progress("laying out the map", len(sample), len(sample), "")
        left = [shard for shard in firsts if not self._path(shard).exists()]
        layout = Layout.read(path) if left and path.exists() else None
        for done, shard in enumerate(left):
            progress("placing shards", done, len(left), "")
            posts, vectors = self.vectors.read(shard, "text")
            places = np.empty((0, 2), np.int16) if layout is None or not len(posts) else layout.place(vectors)
            with write_whole(self._path(shard), "wb") as file:
                np.savez(file, posts=posts[: len(places)], places=places)
        progress("placing shards", len(left), len(left), "")

    def read(self, shard: str) -> dict[int, Place]:
        """The place of each post of a shard that has one, by its number in the shard.

        Raises:
            ExploreError: The file is missing or damaged.
        """
        arrays = read_arrays(self._path(shard), ExploreError, "rebuild it with --rebuild")
        try:
            pairs = zip(arrays["posts"].tolist(), arrays["places"].tolist(), strict=True)
            return {post: (x, y) for post, (x, y) in pairs}
        except (KeyError, ValueError, TypeError) as error:
            raise ExploreError(f"{self._path(shard)}: holds no places; rebuild it with --rebuild") from error

    def remove_but(self, shards: Sequence[str]) -> None:
        """Remove what was written of shards that never came."""
        self.vectors.remove_but(shards)
        for path in self.vectors.folder.glob("*.places.npz"):
            if f"{path.name.partition('.')[0]}.parquet" not in shards:
                path.unlink()

    def _sample(self, firsts: Mapping[str, int]) -> np.ndarray:
        """The vectors of posts that are drawn by lot, int8 (S, D), in the order of the archive."""

        def lots() -> Iterator[tuple[int, str, int]]:
            for shard, first in firsts.items():
                posts, _ = self.vectors.read(shard, "text")
                yield from ((chance_of(first + post), shard, row) for row, post in enumerate(posts.tolist()))

        rows: dict[str, list[int]] = {}
        for _, shard, row in sorted(heapq.nsmallest(SAMPLE, lots()), key=lambda one: one[1:]):
            rows.setdefault(shard, []).append(row)
        drawn = [self.vectors.read(shard, "text")[1][some] for shard, some in rows.items()]
        return np.concatenate(drawn) if drawn else np.empty((0, 0), np.int8)

    def _path(self, shard: str) -> Path:
        return self.vectors.folder / f"{shard.partition('.')[0]}.places.npz"
