"""A picture on a terminal: half blocks, each two pixels, in 24-bit colours."""

import os
import shutil
import sys

import numpy as np
from PIL import Image

from feelscope.cli.output import write

_UPPER, _LOWER = "▀", "▄"
_PLAIN = "\x1b[0m"
_OPAQUE = 128  # of 255; a terminal has no opacity, so what is below is not drawn


def can_show() -> bool:
    """Whether standard output is a terminal that takes colours and these blocks; NO_COLOR (no-color.org) forbids."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and is_utf8 and not plain


def show_picture(pixels: np.ndarray) -> None:
    """Show a picture, uint8 (H, W, 4), as wide as it is, or as the terminal is where that is narrower."""
    height, width, _ = pixels.shape
    columns = shutil.get_terminal_size().columns
    if width > columns:
        size = columns, max(1, round(height * columns / width))
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
    for line in lines(pixels):
        write(sys.stdout, line)


def lines(pixels: np.ndarray) -> list[str]:
    """The lines of a picture, uint8 (H, W, 4): H / 2 of them, each of W columns."""
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.zeros_like(pixels[:1])])
    return [
        "".join(_cell(upper, lower) for upper, lower in zip(one.tolist(), two.tolist(), strict=True)) + _PLAIN
        for one, two in zip(pixels[::2], pixels[1::2], strict=True)
    ]


def _cell(upper: list[int], lower: list[int]) -> str:
    """Two pixels, one above the other."""
    if upper[3] >= _OPAQUE and lower[3] >= _OPAQUE:
        return f"{_colour(38, upper)}{_colour(48, lower)}{_UPPER}"
    if upper[3] >= _OPAQUE:
        return f"{_PLAIN}{_colour(38, upper)}{_UPPER}"
    return f"{_PLAIN}{_colour(38, lower)}{_LOWER}" if lower[3] >= _OPAQUE else f"{_PLAIN} "


def _colour(what: int, pixel: list[int]) -> str:
    """The sequence for a colour, of the sign (38) or behind it (48)."""
    red, green, blue, _ = pixel
    return f"\x1b[{what};2;{red};{green};{blue}m"
