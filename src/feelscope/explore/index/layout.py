"""The map: a place in two dimensions for every post that has words, near those of posts with similar vectors.

A sample of the posts is laid out by t-SNE (openTSNE), once. Every other post, and every post that is added later, gets
a place beside its nearest neighbour in the sample. So nothing that is on the map ever moves. (Between several
neighbours, fewer of a post's neighbours would be near it: these are often in different corners of the map.)

    vectors (N, D) -> directions -> less their mean, first 128 principal components -> t-SNE -> grid

Source:
    van der Maaten and Hinton 2008, "Visualizing data using t-SNE"; Policar et al. 2024, "openTSNE".

Relations: UMAP and PaCMAP draw the same and keep fewer of the nearest neighbours, see docs/explore.md.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from feelscope.errors import ExploreError, needs_extra
from feelscope.explore.index.vectors import directions
from feelscope.explore.search.area import SIDE
from feelscope.files import read_arrays, write_whole

SAMPLE = 20_000  # posts that are laid out
_WIDTH = 128  # principal components
_PERPLEXITY = 30  # about how many neighbours a post has in t-SNE
_FEWEST = 12  # posts that t-SNE can lay out; fewer are drawn by their two principal components
_BESIDE = 40  # of the grid, at most, from a post to its neighbour: about half the way to the next one of the sample
_AT_ONCE = 500  # posts that are placed
_ALONE = 2_000  # posts for which one processor is fastest
_EDGE = 0.02  # of the grid that stays empty on each side


def check_installed() -> None:
    """Refuse to begin a map that cannot be laid out.

    Raises:
        MissingExtra: openTSNE is not there.
    """
    with needs_extra("laying out a map", "map"):
        import openTSNE  # noqa: F401


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the posts of the sample are.

    Args:
        mean: Of their directions, float32 (D,).
        axes: Principal components, float32 (D, P).
        known: The sample by these, float32 (S, P).
        places: Where they are on the grid, float32 (S, 2).
    """

    mean: np.ndarray
    axes: np.ndarray
    known: np.ndarray
    places: np.ndarray

    @classmethod
    def fit(cls, vectors: np.ndarray, processors: int = 1) -> "Layout":
        """Lay out a sample, int8 (S, D)."""
        rows = directions(vectors)
        mean = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows -= mean
        _, axes = np.linalg.eigh(rows.T @ rows)  # ascending
        axes = np.ascontiguousarray(axes[:, ::-1][:, :_WIDTH])
        known = rows @ axes
        return cls(mean, axes, known, _on_grid(_laid_out(known, processors)))

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Where posts belong, int16 (N, 2), by their vectors, int8 (N, D)."""
        placed = np.empty((len(vectors), 2), np.int16)
        squares = np.einsum("ij,ij->i", self.known, self.known)
        for first in range(0, len(vectors), _AT_ONCE):
            rows = (directions(vectors[first : first + _AT_ONCE]) - self.mean) @ self.axes
            apart = squares - 2 * (rows @ self.known.T)  # squared, less what is the same for all of a row
            nearest = apart.argmin(axis=1)
            unlike = rows - self.known[nearest]
            length = np.sqrt(np.einsum("ij,ij->i", unlike, unlike))
            beside = self.places[nearest] + _BESIDE * unlike[:, :2] / np.maximum(length, 0.05)[:, None]
            placed[first : first + _AT_ONCE] = np.clip(np.rint(beside), 0, SIDE - 1)
        return placed

    def write(self, path: Path) -> None:
        """Write it whole or not at all."""
        with write_whole(path, "wb") as file:
            np.savez(file, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def read(cls, path: Path) -> "Layout":
        """Read what was written.

        Raises:
            ExploreError: It is damaged.
        """
        arrays = read_arrays(path, ExploreError, "rebuild it with --rebuild")
        try:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})
        except KeyError as error:
            raise ExploreError(f"{path}: has no {error}; rebuild it with --rebuild") from error


def _laid_out(known: np.ndarray, processors: int) -> np.ndarray:
    if len(known) < _FEWEST:
        return np.asarray(np.pad(known, ((0, 0), (0, 2)))[:, :2])
    import openTSNE

    near = min(_PERPLEXITY, (len(known) - 1) / 3)
    jobs = processors if len(known) > _ALONE else 1
    tsne = openTSNE.TSNE(perplexity=near, n_jobs=jobs, random_state=0, initialization="pca")
    return np.asarray(tsne.fit(known))


def _on_grid(laid_out: np.ndarray) -> np.ndarray:
    """The same, as large as the grid takes it, in its middle."""
    low, high = laid_out.min(axis=0), laid_out.max(axis=0)
    across = max(float((high - low).max()), 1e-9)
    scaled = (laid_out - (low + high) / 2) / across * (1 - 2 * _EDGE)
    return ((scaled + 0.5) * SIDE).astype(np.float32)
