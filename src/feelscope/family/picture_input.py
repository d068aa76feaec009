"""Pictures by a frozen network: it reads each once, and its vectors are kept on disk."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.feature_cache import KeptRows
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.trunk_cache import digest
from feelscope.errors import PictureError
from feelscope.family.picture_encoders import PictureEncoder
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.train.fusion_recipe import FusionRecipe

_PICTURES_AT_ONCE = 8
_PICTURES_FOR_SCALES = 100  # of a network's 8-bit activations
_VERSION = 1  # raise it when the scaling of pictures changes


def read_pictures(
    kept: KeptRows[Path | bytes, np.ndarray],
    posts: Sequence[Post],
    progress: Progress,
    refuse: Callable[[int, PictureError], None],
) -> dict[int, int]:
    """The position of each post whose picture can be read, to the picture's row in `kept`."""
    pictured = [(position, post.image) for position, post in enumerate(posts) if post.image is not None]
    rows = kept.rows(
        [picture for _, picture in pictured],
        lambda done, total: progress("reading pictures", done, total, ""),
        lambda at, error: refuse(pictured[at][0], error),
    )
    return {position: row for (position, _), row in zip(pictured, rows, strict=True) if row >= 0}


class PictureInput:
    """Pictures to vectors (N, D).

    Args:
        cache: Where the vectors are kept.
    """

    def __init__(self, encoder: PictureEncoder, recipe: FusionRecipe, cache: Path):
        self._encoder, self._recipe = encoder, recipe
        self.width, self.size = encoder.width, encoder.size
        self._kept: KeptRows[Path | bytes, np.ndarray] = KeptRows(
            cache,
            f"pictures-v{_VERSION}-{encoder.identity}",
            (self.width,),
            np.float32,
            key=digest,
            read=encoder.read,
            compute=encoder.run,
            per_step=_PICTURES_AT_ONCE,
        )

    def encode(
        self,
        posts: Sequence[Post],
        progress: Progress,
        refuse: Callable[[int, PictureError], None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, D), zeros without a picture that can be read, and presence (N,)."""
        there = read_pictures(self._kept, posts, progress, refuse)
        vectors, present = torch.zeros(len(posts), self.width), torch.zeros(len(posts))
        rows = list(there)
        vectors[rows] = torch.from_numpy(self._kept.array()[list(there.values())])  # (N, D)
        present[rows] = 1.0
        return vectors, present

    def reader(self) -> nn.Module:
        """A new reader of vectors (B, D)."""
        return FixedVectors(self.width, normalise=self._recipe.normalise, dropout=self._recipe.image_dropout)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, whose integers may be scaled by some of the posts' pictures; the reader is left."""
        pictures = [post.image for post in posts if post.image is not None]
        found = []
        for picture in pictures[:: max(1, len(pictures) // _PICTURES_FOR_SCALES)][:_PICTURES_FOR_SCALES]:
            with suppress(PictureError):  # it stands in the quarantine already
                found.append(read_rgb(picture, self.size))
        self._encoder.write(folder, found)
        return reader
