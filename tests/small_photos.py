"""Pictures that nothing is warned about: colours that change from place to place, as in a photo."""

import numpy as np
from PIL import Image


def photo(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Width and height in pixels."""
    colours = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    return Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC)
