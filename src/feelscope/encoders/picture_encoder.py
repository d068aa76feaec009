"""Pictures by a frozen network: it reads each once, and its vectors are kept on disk.

picture --network, once a picture, kept on disk--> (N, D) --normalise, dropout--> (B, D)
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoder import ImageEncoder
from feelscope.encoders.feature_cache import FeatureCache, Refuse
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.picture_networks import PictureNetwork
from feelscope.encoders.settings import ImageSettings
from feelscope.encoders.trunk_cache import TrunkCache
from feelscope.errors import PictureError
from feelscope.images import digest, read_rgb
from feelscope.post import Post
from feelscope.progress import Progress

_PICTURES_AT_ONCE = 8
_PICTURES_FOR_SCALES = 100  # of a network's 8-bit activations
_VERSION = 1  # raise it when the scaling of pictures changes


def cached_rows(
    cache: FeatureCache[Path | bytes, np.ndarray] | TrunkCache,
    posts: Sequence[Post],
    progress: Progress,
    refuse: Refuse,
) -> dict[int, int]:
    """The position of each post whose picture can be read, to the picture's row in a feature cache."""
    pictured = [(position, post.image) for position, post in enumerate(posts) if post.image is not None]
    rows = cache.rows(
        [picture for _, picture in pictured],
        partial(progress, "reading pictures"),
        lambda number, error: refuse(pictured[number][0], error),
    )
    return {position: row for (position, _), row in zip(pictured, rows, strict=True) if row >= 0}


def row_numbers(rows: dict[int, int], count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of a feature cache plus one, int32 (N, 1), 0 without a picture that can be read; and presence (N,)."""
    numbers = torch.zeros(count, 1, dtype=torch.int32)
    for position, row in rows.items():
        numbers[position] = row + 1
    return numbers, (numbers[:, 0] > 0).float()


def example_pictures(posts: Sequence[Post], size: int) -> list[np.ndarray]:
    """About a hundred of the posts' pictures, evenly spread, uint8 (size, size, 3)."""
    pictures = [post.image for post in posts if post.image is not None]
    examples = []
    for picture in pictures[:: max(1, len(pictures) // _PICTURES_FOR_SCALES)][:_PICTURES_FOR_SCALES]:
        with suppress(PictureError):  # it is in the quarantine already
            examples.append(read_rgb(picture, size))
    return examples


class PictureEncoder(ImageEncoder):
    """Pictures to vectors (N, D).

    Args:
        cache: The folder of the feature cache.
    """

    def __init__(self, network: PictureNetwork, settings: ImageSettings, cache: Path):
        self._network, self._settings = network, settings
        self.width, self.size, self.identity = network.width, network.size, network.identity
        self._cache: FeatureCache[Path | bytes, np.ndarray] = FeatureCache(
            cache,
            f"pictures-v{_VERSION}-{network.identity}",
            (self.width,),
            np.float32,
            key=digest,
            read=network.read,
            compute=network.run,
            per_step=_PICTURES_AT_ONCE,
        )

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, D), zeros without a picture that can be read, and presence (N,)."""
        rows = cached_rows(self._cache, posts, progress, refuse)
        vectors, present = torch.zeros(len(posts), self.width), torch.zeros(len(posts))
        vectors[list(rows)] = torch.from_numpy(self._cache.array()[list(rows.values())])  # (N, D)
        present[list(rows)] = 1.0
        return vectors, present

    def embedder(self) -> nn.Module:
        """A new embedder of vectors (B, D)."""
        return FixedVectors(self.width, normalise=self._settings.normalise, dropout=self._settings.dropout)

    def describe(self, embedder: nn.Module) -> str:
        """The network, which did not learn."""
        return f"{self._network.title}, frozen"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, whose integers may be scaled by some of the posts' pictures; the embedder is left."""
        self._network.write(folder, example_pictures(posts, self.size))
        return embedder
