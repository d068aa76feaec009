"""Pictures' trunk outputs, kept on disk, so that a training runs the frozen lower half of the image encoder only once.

Each picture has four views, as augmentation: the whole picture squeezed to a square, the same mirrored, and the two
squares at its ends, the second mirrored. Predicting uses the first view.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from feelscope.encoders.efficientnet_lite0 import SIZE, TRUNK_SHAPE, EfficientNetLite0, scale_pixels
from feelscope.encoders.feature_cache import Count, FeatureCache, Refuse, weights_digest
from feelscope.images import digest, read_squares

VIEWS = 4
_VERSION = 2  # raise it when views or scaling change: new files are made then
_PICTURES_PER_STEP = 8


class TrunkCache:
    """Trunk outputs of pictures by content, in one growing file; a second training waits while one writes.

    Args:
        folder: Where the file and its index live; made if missing. A picture takes 176 kB.
        encoder: Its trunk is run; the files belong to its weights.
    """

    def __init__(self, folder: Path, encoder: EfficientNetLite0):
        stem = f"trunk-v{_VERSION}-{weights_digest(encoder.trunk)[:12]}"
        self._trunk = encoder.trunk.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._cache: FeatureCache[Path | bytes, np.ndarray] = FeatureCache(
            folder,
            stem,
            (VIEWS, *TRUNK_SHAPE),
            np.float16,
            key=digest,
            read=square_views,
            compute=self._run,
            per_step=_PICTURES_PER_STEP,
        )

    def rows(self, pictures: Sequence[Path | bytes], progress: Count, refuse: Refuse) -> list[int]:
        """The row of each picture in the file, computing those that are not there yet.

        Args:
            progress: As `FeatureCache.rows` calls it.
            refuse: Called with the position and the error of a picture that cannot be read; its row is -1.
        """
        return self._cache.rows(pictures, progress, refuse)

    def known(self, picture: Path | bytes) -> np.ndarray | None:
        """The first view's trunk output (112, 14, 14), float16, of a picture; None where it is not there.

        Raises:
            PictureError: The picture's file cannot be read.
        """
        row = self._cache.known(picture)
        return None if row is None else self._cache.array()[row, 0]

    def array(self) -> np.ndarray:
        """All rows, float16 (rows, views, 112, 14, 14), mapped from disk."""
        return self._cache.array()

    def _run(self, views: list[np.ndarray]) -> np.ndarray:
        pixels = scale_pixels(np.concatenate(views))  # (4 P, 3, 224, 224)
        with torch.inference_mode():
            trunk = self._trunk(torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last))
        return trunk.contiguous().numpy().reshape(len(views), VIEWS, *TRUNK_SHAPE)  # (P, 4, 112, 14, 14)


def square_views(picture: Path | bytes) -> np.ndarray:
    """The four views of a picture, uint8 (4, 224, 224, 3); the first is what predicting sees.

    Raises:
        PictureError: It cannot be read.
    """
    whole, start, end = read_squares(picture, SIZE)
    return np.stack([whole, whole[:, ::-1], start, end[:, ::-1]])
