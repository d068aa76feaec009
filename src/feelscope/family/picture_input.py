"""Pictures by a frozen network: EfficientNet-Lite0 reads each once, and its vectors are kept on disk.

A picture whose trunk output lies there already, from a training that tunes the upper half, is read from that.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders.features import TrunkFeatures, digest
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.kept_rows import KeptRows, weights_digest
from feelscope.errors import PictureError
from feelscope.export import export_image
from feelscope.fusion_recipe import FusionRecipe
from feelscope.images import read_rgb
from feelscope.post import Post

_PICTURES_AT_ONCE = 8
_PICTURES_FOR_SCALES = 100  # of the network's 8-bit activations
_VERSION = 1  # raise it when the scaling of pictures changes


class PictureInput:
    """Pictures to vectors (N, 1280).

    Args:
        weights: A folder with the published weights; None looks in installed packages.
        cache: Where the vectors are kept, and trunk outputs are looked for.
    """

    width = lite0.WIDTH

    def __init__(self, recipe: FusionRecipe, weights: Path | None, cache: Path):
        self._recipe = recipe
        self._encoder = lite0.EfficientNetLite0.pretrained(weights).eval()
        self._trunks = TrunkFeatures(cache, self._encoder)
        self._kept: KeptRows[Path | bytes, np.ndarray] = KeptRows(
            cache,
            f"lite0-v{_VERSION}-{weights_digest(self._encoder)[:12]}",
            (self.width,),
            np.float32,
            key=digest,
            read=self._trunk,
            compute=self._run,
            per_step=_PICTURES_AT_ONCE,
        )

    def encode(
        self,
        posts: Sequence[Post],
        progress: Callable[[str, int, int, str], None],
        refuse: Callable[[int, PictureError], None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, 1280), zeros without a picture that can be read, and presence (N,)."""
        pictured = [(row, post.image) for row, post in enumerate(posts) if post.image is not None]
        kept = self._kept.rows(
            [picture for _, picture in pictured],
            lambda done, total: progress("reading pictures", done, total, ""),
            lambda position, error: refuse(pictured[position][0], error),
        )
        vectors, present = torch.zeros(len(posts), self.width), torch.zeros(len(posts))
        there = [(row, at) for (row, _), at in zip(pictured, kept, strict=True) if at >= 0]
        rows = [row for row, _ in there]
        vectors[rows] = torch.from_numpy(self._kept.array()[[at for _, at in there]])  # (N, 1280)
        present[rows] = 1.0
        return vectors, present

    @torch.inference_mode()
    def _trunk(self, picture: Path | bytes) -> np.ndarray:
        """The trunk output (112, 14, 14) of a picture, float16, as it would be on disk."""
        known = self._trunks.known(picture)
        if known is not None:
            return np.array(known)
        pixels = lite0.scale_pixels(read_rgb(picture, lite0.SIZE)[np.newaxis])  # (1, 3, 224, 224)
        return self._encoder.trunk(torch.from_numpy(pixels))[0].numpy().astype(np.float16)

    @torch.inference_mode()
    def _run(self, trunks: list[np.ndarray]) -> np.ndarray:
        """Trunk outputs of P pictures to vectors (P, 1280)."""
        return self._encoder.pool(torch.from_numpy(np.stack(trunks).astype(np.float32))).numpy()

    def reader(self) -> nn.Module:
        """A new reader of vectors (B, 1280)."""
        return FixedVectors(self.width, normalise=self._recipe.normalise, dropout=self._recipe.image_dropout)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write image.onnx, whose integers are scaled by some of the posts' pictures; the reader is left."""
        pictures = [post.image for post in posts if post.image is not None]
        found = []
        for picture in pictures[:: max(1, len(pictures) // _PICTURES_FOR_SCALES)][:_PICTURES_FOR_SCALES]:
            with suppress(PictureError):  # it stands in the quarantine already
                found.append(read_rgb(picture, lite0.SIZE))
        export_image(self._encoder.trunk, self._encoder.top, found, folder)
        return reader
