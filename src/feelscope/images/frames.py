"""Which frames of an animation are read, of the first few: one of every scene, see `scenes.py`.

Where there is room for one alone, it is the first that shows nearly as much as any of them:

    blank, faint, whole, whole   ->   the third: an animation that fades in
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFile

from feelscope.images.opaque import opaque
from feelscope.images.scenes import choose, fullest

MOST = 32
_PIXELS = 8_000_000  # of all frames that are looked at, so that no animation takes long
_SIDE = 64  # pixels that a frame is made small to, to see how much it shows


def looked_at(frames: int, width: int, height: int) -> int:
    """How many of an animation's frames are looked at."""
    return max(1, min(frames, MOST, _PIXELS // max(width * height, 1)))


def seek_fullest(opened: ImageFile.ImageFile, frames: int) -> int:
    """Go to the frame to be read, and load it.

    Args:
        opened: Its first frame is loaded.
        frames: How many are looked at; those behind a broken one are not.

    Returns:
        The frame's number, from 0.
    """
    if frames < 2:
        return 0
    best = _fullest(_looked(opened, frames))
    _go(opened, 0)  # from where no broken frame has been
    _go(opened, best)
    return best


def seek_scenes(opened: ImageFile.ImageFile, frames: int, use: Callable[[], None]) -> tuple[list[int], int]:
    """Go to each of the frames to be read, load it and call `use`.

    Args:
        opened, frames: As of `seek_fullest`.

    Returns:
        Their numbers, from 0, and the place among them of the one that `seek_fullest` goes to.
    """
    if frames < 2:
        use()
        return [0], 0
    greys = _looked(opened, frames)
    best = _fullest(greys)
    numbers, shown = choose(greys, np.arange(len(greys), dtype=float), len(greys), math.inf, best)
    _go(opened, 0)
    for number in numbers:
        _go(opened, number)
        use()
    return numbers, shown


def _looked(opened: ImageFile.ImageFile, frames: int) -> np.ndarray:
    """The first frames, small and grey, uint8 (C, 64, 64), up to the first broken one; the first of all is loaded."""
    greys = [_grey(opened)]
    for number in range(1, frames):
        try:
            _go(opened, number)
            greys.append(_grey(opened))
        except Exception:  # noqa: BLE001 - what stands behind a sound frame may be broken in any way
            break
    return np.stack(greys)


def _fullest(greys: np.ndarray) -> int:
    return fullest(greys.reshape(len(greys), -1).std(axis=1))


def _go(opened: ImageFile.ImageFile, number: int) -> None:
    opened.seek(number)
    opened.load()


def _grey(image: Image.Image) -> np.ndarray:
    small = opaque(image.resize((_SIDE, _SIDE), Image.Resampling.NEAREST))
    return np.asarray(small.convert("L"))  # (64, 64)
