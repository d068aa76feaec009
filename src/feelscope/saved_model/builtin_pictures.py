"""Picture vectors by the built-in model's image network: what a writer sees of a picture, without torch.

The network ships anyway, so what is made after it adds nothing but its own small layers.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from feelscope.images import PictureLimits, read_rgb
from feelscope.saved_model.folder import BUILTIN, read_labels, read_object
from feelscope.saved_model.reader import OwnReader

LEAST_SIDE = 8  # pixels; a smaller picture shows nothing


class BuiltinPictures:
    """Pictures to vectors. Safe to call from many threads.

    Attributes:
        width: D, of a vector.
        identity: SHA-256 of the network; equal for equal vectors.

    Raises:
        ModelError: The built-in model is damaged.
    """

    def __init__(self) -> None:
        labels = replace(read_labels(BUILTIN), modalities=("image",))
        self._reader, self._size = OwnReader(BUILTIN, labels), labels.size
        self.width = self._reader.widths["image"]
        self.identity = str(read_object(BUILTIN, "manifest.json")["image.onnx"])  # which `read_labels` has checked

    def pixels(self, picture: Path | bytes) -> np.ndarray:
        """What the network is shown of a picture: uint8 (H, W, 3).

        Raises:
            PictureError: It cannot be read, or is too small.
        """
        return read_rgb(picture, self._size, PictureLimits(least_side=LEAST_SIDE))

    def vector(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (D,)."""
        return self._reader.vectors(None, pixels)["image"]
