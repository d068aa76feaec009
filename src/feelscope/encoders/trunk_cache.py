"""Pictures' trunk outputs, kept on disk, so that a training runs the frozen lower half of the image encoder only once.

Each picture has several views (`trunk_views`); predicting uses the first one.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from feelscope.encoders.efficientnet_lite0 import TRUNK_SHAPE, EfficientNetLite0, scale_pixels
from feelscope.encoders.feature_cache import Count, FeatureCache, Refuse, weights_digest
from feelscope.encoders.trunk_views import SQUARES, TrunkViews
from feelscope.images import digest

_VERSION = 2  # raise it when views or scaling change: new files are made then
_PICTURES_PER_STEP = 8
_VIEWS_PER_RUN = 4  # through the network at once: with more, layers' outputs are mapped each time, three times slower


class TrunkCache:
    """Trunk outputs of pictures by content, in one growing file; a second training waits while one writes.

    Args:
        folder: Where the file and its index live; made if missing. A view of a picture takes 44 kB.
        encoder: Its trunk is run; the files belong to its weights.
        views: Which views are kept.
    """

    def __init__(self, folder: Path, encoder: EfficientNetLite0, views: TrunkViews = SQUARES):
        stem = f"trunk-{views.name}v{_VERSION}-{weights_digest(encoder.trunk)[:12]}"
        self._views, self._numbers = views, views.count * math.prod(TRUNK_SHAPE)
        self._trunk = encoder.trunk.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._cache: FeatureCache[Path | bytes, tuple[np.ndarray, np.ndarray]] = FeatureCache(
            folder,
            stem,
            (self._numbers + views.targets,),  # the views, then their targets
            np.float16,
            key=digest,
            read=views.read,
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

    def array(self) -> np.ndarray:
        """All rows, float16 (rows, views, 112, 14, 14), mapped from disk."""
        rows = self._cache.array()
        return rows[:, : self._numbers].reshape(len(rows), self._views.count, *TRUNK_SHAPE)  # a view, nothing is copied

    def targets(self) -> np.ndarray:
        """The targets of all rows, float16 (rows, targets), mapped from disk."""
        return self._cache.array()[:, self._numbers :]

    def _run(self, read: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        pixels = torch.from_numpy(scale_pixels(np.concatenate([views for views, _ in read])))  # (V P, 3, 224, 224)
        with torch.inference_mode():
            runs = pixels.contiguous(memory_format=torch.channels_last).split(_VIEWS_PER_RUN)
            trunk = torch.cat([self._trunk(run) for run in runs])
        outputs = trunk.contiguous().numpy().reshape(len(read), self._numbers)
        return np.concatenate([outputs, np.stack([targets for _, targets in read])], axis=1)
