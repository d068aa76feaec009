"""Sheets of small pictures as JPEG."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

GAP, SCALE = 2, 2


def write_jpeg(path: Path, pixels: torch.Tensor, columns: int) -> None:
    """Write pictures uint8 (N, 3, S, S) row by row on white."""
    count, _, high, wide = pixels.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (high + GAP) - GAP, columns * (wide + GAP) - GAP, 3), 255, np.uint8)
    for number, picture in enumerate(pixels.permute(0, 2, 3, 1).numpy()):
        top, left = (number // columns) * (high + GAP), (number % columns) * (wide + GAP)
        sheet[top : top + high, left : left + wide] = picture
    image = Image.fromarray(sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.NEAREST).save(path, quality=85)
