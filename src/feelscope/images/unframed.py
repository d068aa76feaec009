"""Read the photo in a picture, without the bars or the page around it, as models do whose `labels.json` says so."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from feelscope.images.decoding import Frames
from feelscope.images.picture_file import DEFAULT_LIMITS, PictureLimits
from feelscope.images.read import read_frames, read_rgb
from feelscope.images.within_frame import LEAST_SIDE, Box, photo_within


def read_as_model(
    source: Path | bytes,
    size: int,
    unframe: bool,
    *,
    limits: PictureLimits = DEFAULT_LIMITS,
    tell: Callable[[str], None] | None = None,
) -> tuple[np.ndarray, Box | None]:
    """Read a picture as a model takes it.

    Args:
        size: Pixels a side.
        unframe: Whether a photo with a frame around it is taken out of it.
        limits, tell: As of `read_rgb`.

    Returns:
        uint8 (size, size, 3), and the part of the upright picture that this is; None for all of it.

    Raises:
        PictureError: As from `read_rgb`.
    """
    rgb = read_rgb(source, size, limits, tell)
    if not unframe:
        return rgb, None
    part = photo_within(rgb if size >= LEAST_SIDE else read_rgb(source, LEAST_SIDE, limits))
    return (rgb, None) if part is None else (read_rgb(source, size, limits, part=part), part)


def read_frames_as_model(
    source: Path | bytes, size: int, unframe: bool, *, limits: PictureLimits = DEFAULT_LIMITS
) -> Frames[tuple[np.ndarray, Box | None]]:
    """Read a few frames of a video or an animation as a model takes them, each as `read_as_model` gives it.

    A picture that does not move has one.

    Raises:
        PictureError: As from `read_rgb`.
    """
    frames = read_frames(source, size, limits)
    if not unframe:
        return frames.map(lambda rgb: (rgb, None))
    small = frames if size >= LEAST_SIDE else read_frames(source, LEAST_SIDE, limits)
    part = photo_within(small.made[small.shown])  # of all its frames, as bars and the page of an app stay
    framed = frames if part is None else read_frames(source, size, limits, part)
    return framed.map(lambda rgb: (rgb, part))
