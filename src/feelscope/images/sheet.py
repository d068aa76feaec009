"""Many small pictures on one sheet, as a PNG."""

from pathlib import Path

import numpy as np
from PIL import Image

from feelscope.errors import ConfigError
from feelscope.files import write_whole

_GAP = 2  # pixels between pictures, before they are enlarged
_MOST_PIXELS = 100_000_000  # of a sheet, 400 MB in memory


def to_bytes(pictures: np.ndarray) -> np.ndarray:
    """Pictures (..., 4, H, W) in 0..1, channels first, to uint8 (..., H, W, 4)."""
    return (np.moveaxis(pictures, -3, -1) * 255).round().clip(0, 255).astype(np.uint8)


def opaque(pixels: np.ndarray) -> np.ndarray:
    """Pictures uint8 (..., 3, H, W), channels first, as `write_sheet` takes them: uint8 (..., H, W, 4)."""
    colours = np.moveaxis(pixels, -3, -1)  # (..., H, W, 3)
    return np.concatenate([colours, np.full_like(colours[..., :1], 255)], axis=-1)


def write_sheet(path: Path, pictures: np.ndarray, columns: int, scale: int) -> None:
    """Write pictures row by row; the sheet is transparent where they are.

    Args:
        pictures: uint8 (N, H, W, 4).
        columns: How many are in a row.
        scale: By how much each pixel is enlarged.

    Raises:
        ConfigError: The sheet would be too large.
    """
    count, height, width, _ = pictures.shape
    rows = -(-count // columns)
    high, wide = rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP
    if high * wide * scale**2 > _MOST_PIXELS:
        size, most = f"{wide * scale:,} x {high * scale:,}", _MOST_PIXELS // 1_000_000
        raise ConfigError(
            f"{path}: {size} pixels would be over {most} million; give a smaller --scale, or fewer pictures"
        )
    sheet = np.zeros((high, wide, 4), dtype=np.uint8)
    for number, picture in enumerate(pictures):
        top, left = (number // columns) * (height + _GAP), (number % columns) * (width + _GAP)
        sheet[top : top + height, left : left + width] = picture
    image = Image.fromarray(sheet)
    with write_whole(path, "wb") as file:
        image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST).save(file, "PNG")
