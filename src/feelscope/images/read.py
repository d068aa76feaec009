"""Picture files and bytes to RGB arrays. Whatever a decoder does with foreign bytes, it does within `_fenced`."""

import errno
import hashlib
import io
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from feelscope.errors import PictureError, one_line
from feelscope.files import open_regular
from feelscope.images.frames import seek_fullest
from feelscope.images.header import READERS, Header, format_of, other_format
from feelscope.images.opaque import STRIP, opaque
from feelscope.memory import BUDGET, Share, give_back_freed


def _open_heic(file: io.BytesIO) -> ImageFile.ImageFile:
    import pillow_heif

    opened: ImageFile.ImageFile = pillow_heif.HeifImageFile(file)
    return opened


# The plug-ins are called directly, not through `Image.open`: it tries every installed format, and warns about
# "decompression bombs" by its own limit, in a way that cannot be silenced per thread.
OPENERS: Mapping[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "HEIC": _open_heic,
}
TO_UPRIGHT: Mapping[int, Image.Transpose] = {  # EXIF orientation: what makes the stored picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TOO_BIG = "too big"  # the kind of an error
_LARGE = 16_000_000  # bytes: what a picture took that is worth a millisecond to give back

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a picture may cost; checked before any pixel is decoded. Its memory is bounded by `BUDGET`."""

    max_bytes: int = 50_000_000  # of the file
    max_pixels: int = 50_000_000  # width times height
    least_side: int = 1  # pixels of the shorter side
    max_seconds: float = 4.0  # of processor time, at most as estimated by the header; that is high
    formats: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIC")  # by content, not by name


DEFAULT_LIMITS = PictureLimits()


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

    def pixels(image: Image.Image, turn: Image.Transpose | None) -> np.ndarray:
        if part is not None:
            image, turn = _cut(_turned(image, turn), part), None
        if size is not None:
            image = squeezed(image, size)
        return _array(_turned(image, turn))  # turned after resizing, where it is cheap; of a square that is the same

    least = size
    if size is not None and part is not None:
        least = math.ceil(size / min(part[2] - part[0], part[3] - part[1]))
    return _decoded(source, least, limits, 1 if size is not None and part is None else 10, pixels, tell=tell)


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

    return _decoded(source, size, DEFAULT_LIMITS, 10, pixels)


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

    return _decoded(source, side, DEFAULT_LIMITS, 10, pixels)


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

    return _decoded(source, size, DEFAULT_LIMITS, 10, squares)


def read_rgba(source: Path | bytes, size: int) -> np.ndarray:
    """Read a picture with its transparency, in the middle of a square; EXIF orientation is applied.

    Returns:
        uint8 (size, size, 4): red, green, blue, opacity; see `squared`.

    Raises:
        PictureError: As from `read_rgb`.
    """

    def pixels(image: Image.Image, turn: Image.Transpose | None) -> np.ndarray:
        return squared(_turned(image, turn), size)

    return _decoded(source, size, DEFAULT_LIMITS, 20, pixels, lambda image: image.convert("RGBA"))


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

    return _decoded(source, 2 * side, DEFAULT_LIMITS, 1, jpeg)


def digest(source: Path | bytes) -> str:
    """The SHA-256 of a picture's content, in hexadecimal; `PictureError` as from `content`."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with _open(source, DEFAULT_LIMITS) as (file, _):
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def content(source: Path | bytes, limits: PictureLimits = DEFAULT_LIMITS) -> Iterator[bytes]:
    """The content of a picture's file, whose memory is counted while it is held.

    Raises:
        PictureError: It is no regular file, cannot be read, or is too big.
    """
    with ExitStack() as held:
        if isinstance(source, bytes):
            data = source
            if len(data) > limits.max_bytes:
                raise PictureError(f"{_name(source)}: over {limits.max_bytes / 1e6:g} MB; save it smaller", _TOO_BIG)
        else:
            with _open(source, limits) as (file, size):
                held.enter_context(_take(BUDGET.contents, size, _name(source)))
                data = file.read(size)
        yield data


def ending(source: Path | bytes) -> str:
    """The file ending that fits a picture's content, such as .jpg; empty for a format that is not read here.

    Raises:
        PictureError: It is no regular file, cannot be read, or is too big.
    """
    if isinstance(source, bytes):
        start = source
    else:
        with _open(source, DEFAULT_LIMITS) as (file, _):
            start = file.read(16)
    format = format_of(start).lower()
    return f".{'jpg' if format == 'jpeg' else format}" if format else ""


def _decoded(
    source: Path | bytes,
    least: int | None,
    limits: PictureLimits,
    further_bytes: int,
    use: Callable[[Image.Image, Image.Transpose | None], T],
    form: Callable[[Image.Image], Image.Image] | None = None,
    tell: Callable[[str], None] | None = None,
) -> T:
    """What `use` makes of a picture, decoded to 8-bit grey or RGB, and of what turns it upright.

    Args:
        least: Pixels per side that are enough; None takes all.
        further_bytes: What `use` takes, of each pixel that is decoded.
        form: Brings what was decoded to another mode, in place of grey or RGB.
        tell: See `read_rgb`.
    """
    name = _name(source)
    with content(source, limits) as data:
        header = _fenced(name, data, lambda: _checked(data, limits))
        cost = _cost(header, least, further_bytes)

        def pixels() -> T:
            opened = OPENERS[header.format](io.BytesIO(b"".join(header.parts)))
            size = (header.width, header.height)
            if opened.size not in ((size, size[::-1]) if header.format == "HEIC" else (size,)):
                raise ValueError(f"{opened.size} pixels where its header has {header.width, header.height}")
            if least is not None:
                # A big JPEG is decoded at 1/2, 1/4 or 1/8, never below `least`; other formats have no draft mode.
                opened.draft(None, (least, least))
            opened.load()
            shown = seek_fullest(opened, header.frames)
            if header.is_animated and tell is not None:
                tell(f"the picture is an animation, of which frame {shown + 1} was read")
            return use((form or opaque)(opened), TO_UPRIGHT.get(header.orientation))

        with _take(BUDGET.decoding, cost, name):
            try:
                return _fenced(name, data, pixels)
            finally:
                if cost > _LARGE:
                    give_back_freed()


def _fenced(name: str, data: bytes, work: Callable[[], T]) -> T:
    """What a parser of foreign bytes makes of them; whatever it raises is a `PictureError` of one line."""
    try:
        return work()
    except PictureError as error:
        raise PictureError(f"{name}: {error}", error.kind) from None
    except Exception as error:  # noqa: BLE001 - parsers raise what they like: a fence that names some has holes
        said = f"damaged or cut short {format_of(data)} picture ({one_line(error)})"
        # Without the traceback, whose frames would hold the pixels for as long as the error is held.
        raise PictureError(f"{name}: {said}") from error.with_traceback(None)


def _checked(data: bytes, limits: PictureLimits) -> Header:
    """The header of a picture that costs no more than it may."""
    if not data:
        raise PictureError("the file is empty")
    if (format := format_of(data)) not in limits.formats:
        known = ", ".join(limits.formats)
        other = other_format(data)
        hint = f", as {other} does; save it as JPEG or PNG" if other else ""
        raise PictureError(f"expected a picture ({known}), its content begins with {data[:8]!r}{hint}")
    if format == "HEIC" and find_spec("pillow_heif") is None:
        raise PictureError('HEIC needs pillow_heif: pip install "feelscope[heic]", or save it as JPEG')
    header = READERS[format](data)
    size = f"{header.width} x {header.height} pixels"
    if header.width < 1 or header.height < 1:
        raise PictureError(f"the picture is {size}")
    if min(header.width, header.height) < limits.least_side:
        raise PictureError(f"{size}, which shows nothing; give one of {limits.least_side} pixels a side or more")
    if header.width * header.height > limits.max_pixels:
        raise PictureError(f"{size}, over {limits.max_pixels / 1e6:g} million; save it smaller", _TOO_BIG)
    if header.seconds > limits.max_seconds:
        raise PictureError(f"{size} that would take over {limits.max_seconds:g} s to decode; save it again", _TOO_BIG)
    return header


def _cost(header: Header, least: int | None, further_bytes: int) -> int:
    """The bytes that decoding a picture takes, at the scale that it is decoded at."""
    scale = 1
    if header.format == "JPEG" and least is not None:
        most = min(header.width, header.height) // least
        scale = next(scale for scale in (8, 4, 2, 1) if most >= scale or scale == 1)  # as Pillow's `draft` chooses
    pixels = -(-header.width // scale) * -(-header.height // scale)
    further = header.fixed_bytes + sum(map(len, header.parts)) + 16 * max(STRIP, header.width)
    return pixels * (header.pixel_bytes + further_bytes) + further


def _take(share: Share, size: int, name: str) -> AbstractContextManager[None]:
    """Hold some of the budget's bytes, once they are free."""
    if size > share.size:
        enough = f"save it smaller, or allow more with --memory {BUDGET.enough(size, share)}"
        raise PictureError(f"{name}: needs {size / 1e6:.0f} MB of memory to be read; {enough}", _TOO_BIG)
    return share.take(size)


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


@contextmanager
def _open(path: Path, limits: PictureLimits) -> Iterator[tuple[io.BufferedReader, int]]:
    """Open a regular file that is not too big, and say how many bytes it has."""
    name = _name(path)
    try:
        with open_regular(path, limits.max_bytes) as file:
            yield file, os.fstat(file.fileno()).st_size
    except FileNotFoundError as error:
        raise PictureError(f"{name}: no such file") from error
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise PictureError(f"{name}: {error.strerror}; save it smaller", _TOO_BIG) from error
        raise PictureError(f"{name}: cannot be read ({error.strerror or error})") from error


def _name(source: Path | bytes) -> str:
    """Name a picture in one short line."""
    if isinstance(source, bytes):
        return f"a picture given as {len(source)} bytes"
    name = str(source)
    if len(name) > 300:
        name = f"{name[:300]}..."
    return name if name.isprintable() else ascii(name)
