"""Picture files and bytes to RGB arrays."""

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from feelscope.errors import PictureError
from feelscope.images.decoding import Frames, decoded, decoded_frames
from feelscope.images.picture_file import DEFAULT_LIMITS, PictureLimits


def read_rgb(
    source: Path | bytes,
    size: int | None = None,
    limits: PictureLimits = DEFAULT_LIMITS,
    tell: Callable[[str], None] | None = None,
    part: tuple[float, float, float, float] | None = None,
) -> np.ndarray:
    """Read a picture; transparency becomes white, EXIF orientation is applied.

    Of an animation it is one of the first frames, see `frames.py`.

    Args:
        source: A file or its content.
        size: The whole picture is resized to `size` x `size` pixels, whatever its shape; None keeps its size.
        limits: What is refused.
        tell: Called with what a model does not see of the picture, a sentence.
        part: Left, top, right and bottom of the part to be read, in shares of the upright picture's width and height.

    Returns:
        uint8 (H, W, 3), contiguous and writable.

    Raises:
        PictureError: One line that names the file and says what is wrong with it.
    """
    least = None if size is None else _least(size, part)
    further_bytes = 1 if size is not None and part is None else 10
    return decoded(source, least, limits, further_bytes, _pixels(size, part), tell=tell)


def read_frames(
    source: Path | bytes,
    size: int,
    limits: PictureLimits = DEFAULT_LIMITS,
    part: tuple[float, float, float, float] | None = None,
) -> Frames[np.ndarray]:
    """Read a few frames of a video or an animation, each as `read_rgb` reads a picture; a still picture has one.

    The one of them that is to be shown is what `read_rgb` reads.

    Raises:
        PictureError: As from `read_rgb`.
    """
    return decoded_frames(source, _least(size, part), limits, 1 if part is None else 10, _pixels(size, part))


def _pixels(
    size: int | None, part: tuple[float, float, float, float] | None
) -> Callable[[Image.Image, Image.Transpose | None], np.ndarray]:
    def pixels(image: Image.Image, turn: Image.Transpose | None) -> np.ndarray:
        if part is not None:
            image, turn = _cut(_turned(image, turn), part), None
        if size is not None:
            image = squeezed(image, size)
        return _array(_turned(image, turn))  # turned after resizing, where it is cheap; of a square that is the same

    return pixels


def _least(size: int, part: tuple[float, float, float, float] | None) -> int:
    """Pixels per side that are enough of a picture for a part of it."""
    return size if part is None else math.ceil(size / min(part[2] - part[0], part[3] - part[1]))


def read_centre(source: Path | bytes, size: int, least: int) -> np.ndarray:
    """Read the largest square in the middle of a picture.

    Args:
        least: Pixels that the picture's shorter side must have.

    Returns:
        uint8 (size, size, 3).

    Raises:
        PictureError: As from `read_rgb`, or the picture is smaller.
    """

    def pixels(image: Image.Image, turn: Image.Transpose | None) -> np.ndarray:
        side = min(image.size)
        if side < least:
            raise PictureError(f"{image.width} x {image.height} pixels, expected {least} x {least} or more")
        left, top = (image.width - side) // 2, (image.height - side) // 2
        return _array(_turned(squeezed(image.crop((left, top, left + side, top + side)), size), turn))

    return decoded(source, size, DEFAULT_LIMITS, 10, pixels)


def read_within(source: Path | bytes, side: int) -> np.ndarray:
    """Read a picture made small enough for its longer side to have so many pixels; a small one keeps its size.

    Returns:
        uint8 (H, W, 3).

    Raises:
        PictureError: As from `read_rgb`.
    """

    def pixels(image: Image.Image, turn: Image.Transpose | None) -> np.ndarray:
        image.thumbnail((side, side), Image.Resampling.BICUBIC)
        return _array(_turned(image, turn))

    return decoded(source, side, DEFAULT_LIMITS, 10, pixels)


def read_squares(source: Path | bytes, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read a picture three times over, decoded once: squeezed to a square, as by `read_rgb`, and its ends.

    Returns:
        uint8 (size, size, 3) each; the last two are of the squares at the left and the right end, or top and bottom.
    """

    def squares(image: Image.Image, turn: Image.Transpose | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        whole = _array(_turned(squeezed(image, size), turn))
        image = _turned(image, turn)
        (width, height), side = image.size, min(image.size)
        boxes = ((0, 0, side, side), (width - side, height - side, width, height))
        first, last = (_array(squeezed(image.crop(box), size)) for box in boxes)
        return whole, first, last

    return decoded(source, size, DEFAULT_LIMITS, 10, squares)


def read_rgba(source: Path | bytes, size: int) -> np.ndarray:
    """Read a picture with its transparency, in the middle of a square; EXIF orientation is applied.

    Returns:
        uint8 (size, size, 4): red, green, blue, opacity; see `squared`.

    Raises:
        PictureError: As from `read_rgb`.
    """

    def pixels(image: Image.Image, turn: Image.Transpose | None) -> np.ndarray:
        return squared(_turned(image, turn), size)

    return decoded(source, size, DEFAULT_LIMITS, 20, pixels, lambda image: image.convert("RGBA"))


def squared(image: Image.Image, size: int) -> np.ndarray:
    """An RGBA picture in the middle of a square, scaled with antialiasing; transparent pixels are zero in all four.

    Returns:
        uint8 (size, size, 4).
    """
    side = max(image.size)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    pixels = np.array(square.resize((size, size), Image.Resampling.LANCZOS))  # Pillow weighs colours by opacity
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def small_jpeg(source: Path | bytes, side: int, quality: int) -> bytes:
    """A picture made small enough for its longer side to have so many pixels, as JPEG; a small one keeps its size."""

    def jpeg(image: Image.Image, turn: Image.Transpose | None) -> bytes:
        image.thumbnail((side, side))
        file = io.BytesIO()
        _turned(image, turn).convert("RGB").save(file, "JPEG", quality=quality)
        return file.getvalue()

    return decoded(source, 2 * side, DEFAULT_LIMITS, 1, jpeg)


def squeezed(image: Image.Image, size: int) -> Image.Image:
    """The whole picture as a square of `size` pixels a side, as the encoders see it."""
    return image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _cut(image: Image.Image, part: tuple[float, float, float, float]) -> Image.Image:
    """A part of a picture, at least a pixel of it."""
    left, top = (min(side - 1, round(side * share)) for side, share in zip(image.size, part[:2], strict=True))
    right, bottom = (round(side * share) for side, share in zip(image.size, part[2:], strict=True))
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


def _turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def _array(image: Image.Image) -> np.ndarray:
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))  # (H, W, 3)
