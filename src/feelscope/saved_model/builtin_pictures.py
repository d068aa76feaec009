"""Picture vectors by the built-in model's image network: what a writer sees of a picture, without torch."""

from pathlib import Path

import numpy as np

from feelscope.images import PictureLimits
from feelscope.images.unframed import read_as_model
from feelscope.saved_model.builtin_network import BuiltinNetwork

LEAST_SIDE = 8  # pixels; a smaller picture shows nothing


class BuiltinPictures(BuiltinNetwork):
    """Pictures to vectors of D = `width` numbers."""

    def __init__(self) -> None:
        super().__init__("image")

    def pixels(self, picture: Path | bytes) -> np.ndarray:
        """What the network is shown of a picture: uint8 (H, W, 3).

        Raises:
            PictureError: It cannot be read, or is too small.
        """
        limits = PictureLimits(least_side=LEAST_SIDE)
        return read_as_model(picture, self.labels.size, self.labels.unframe, limits=limits)[0]

    def vector(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (D,)."""
        return self.reader.vectors(None, pixels)["image"]
