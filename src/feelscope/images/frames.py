"""Which frame of an animation is read: of the first few, the first that shows nearly as much as any of them.

blank, faint, whole, whole   ->   the third: an animation that fades in
"""

import numpy as np
from PIL import Image, ImageFile

from feelscope.images.opaque import opaque

MOST = 8
_PIXELS = 8_000_000  # of all frames that are looked at, so that no animation takes long
_SIDE = 64  # pixels that a frame is made small to, to see how much it shows
_NEARLY = 0.9  # of the most that a frame shows, so that the same again is not preferred; ours


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
    shown = [_content(opened)]
    for number in range(1, frames):
        try:
            _go(opened, number)
            shown.append(_content(opened))
        except Exception:  # noqa: BLE001 - what stands behind a sound frame may be broken in any way
            break
    best = next(number for number, content in enumerate(shown) if content >= _NEARLY * max(shown))
    _go(opened, 0)  # from where no broken frame has been
    _go(opened, best)
    return best


def _go(opened: ImageFile.ImageFile, number: int) -> None:
    opened.seek(number)
    opened.load()


def _content(image: Image.Image) -> float:
    """How much a frame shows: the deviation of its brightness."""
    small = opaque(image.resize((_SIDE, _SIDE), Image.Resampling.NEAREST))
    return float(np.asarray(small.convert("L")).std())  # (64, 64)
