"""Picture vectors by the built-in model's image network, each computed once and kept in the feature cache."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from feelscope.encoders.feature_cache import FeatureCache
from feelscope.errors import PictureError
from feelscope.images import digest
from feelscope.progress import Progress
from feelscope.saved_model.builtin_pictures import BuiltinPictures


def picture_vectors(
    pictures: Sequence[Path | bytes | None], encoder: BuiltinPictures, cache: Path, progress: Progress
) -> tuple[torch.Tensor, torch.Tensor, list[PictureError]]:
    """Vectors of pictures, computed once by their content.

    Args:
        pictures: N; None for none.
        cache: The folder of the feature cache.

    Returns:
        float32 (N, D), zeros without a picture; bool (N,), whether there is one that can be read; and why others
        cannot.
    """
    errors: list[PictureError] = []
    known: FeatureCache[Path | bytes, np.ndarray] = FeatureCache(
        cache,
        f"builtin-pictures-{encoder.identity[:12]}",
        (encoder.width,),
        np.float32,
        key=digest,
        read=encoder.pixels,
        compute=lambda some: np.stack([encoder.vector(pixels) for pixels in some]),
        per_step=16,
    )
    given = [number for number, picture in enumerate(pictures) if picture is not None]
    rows = known.rows(
        [picture for picture in pictures if picture is not None],
        partial(progress, "reading pictures"),
        lambda number, error: errors.append(error),
    )
    vectors, seen = torch.zeros(len(pictures), encoder.width), torch.zeros(len(pictures), dtype=torch.bool)
    read = [(number, row) for number, row in zip(given, rows, strict=True) if row >= 0]
    if read:
        numbers, places = (torch.tensor(column) for column in zip(*read, strict=True))
        vectors[numbers] = torch.from_numpy(known.array()[places.numpy()])
        seen[numbers] = True
    return vectors, seen, errors
