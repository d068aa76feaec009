"""Picture files and bytes to RGB arrays: the only place that opens pictures; it checks the header before decoding."""

import io
import os
import stat
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import BmpImagePlugin, GifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from feelscope.errors import PictureError, one_line

# The plug-ins are called directly, not through `Image.open`: it tries every installed format, and warns about
# "decompression bombs" by its own limit, in a way that cannot be silenced per thread.
OPENERS: Mapping[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
# What these raise on broken files, found by damaging every byte of a file of each format.
DECODING_ERRORS = (
    *(OSError, SyntaxError, ValueError, IndexError, EOFError, OverflowError, MemoryError),
    *(struct.error, Image.DecompressionBombError),
)
ORIENTATION_TAG = 0x0112
TO_UPRIGHT: Mapping[int, Image.Transpose] = {  # EXIF 2.32, tag Orientation: what makes the stored picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a picture may cost; checked before any pixel is decoded."""

    max_bytes: int = 50_000_000  # of the file
    max_pixels: int = 50_000_000  # width times height: 150 MB as RGB
    max_scans: int = 200  # of a progressive JPEG; cameras and tools write about 10, each costs a pass over all pixels
    formats: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "GIF", "BMP")  # by content, not by name


DEFAULT_LIMITS = PictureLimits()


def read_rgb(source: Path | bytes, size: int | None = None, limits: PictureLimits = DEFAULT_LIMITS) -> np.ndarray:
    """Read the first frame of a picture; transparency becomes white, EXIF orientation is applied.

    Args:
        source: A file or its content.
        size: The whole picture is resized to `size` x `size` pixels, whatever its shape; None keeps its size.
        limits: What is refused.

    Returns:
        uint8 (H, W, 3), contiguous and writable.

    Raises:
        PictureError: One line that names the file and says what is wrong with it.
    """
    image, transpose = _read(source, size, limits)
    return _pixels(image, transpose, size)


def read_both(source: Path | bytes, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Read a picture twice over, decoded once: resized to a square, as by `read_rgb`, and in its own shape.

    Returns:
        uint8 (size, size, 3) and (H, W, 3); a big JPEG is scaled down by 2, 4 or 8 in the latter, but no side is below
        `size`.
    """
    image, transpose = _read(source, size, DEFAULT_LIMITS)
    return _pixels(image, transpose, size), _pixels(image, transpose, None)


def _read(source: Path | bytes, least: int | None, limits: PictureLimits) -> tuple[Image.Image, Image.Transpose | None]:
    """Decode a picture to 8-bit grey or RGB, and find what makes it upright.

    Args:
        least: Pixels per side that are enough; None takes all.
    """
    name, data = _name(source), read_content(source, limits)
    if not data:
        raise PictureError(f"{name}: the file is empty")
    if len(data) > limits.max_bytes:
        raise PictureError(f"{name}: over {limits.max_bytes / 1e6:g} MB; save it smaller")
    format = _format(data)
    if format not in limits.formats:
        known = ", ".join(limits.formats)
        raise PictureError(f"{name}: expected a picture ({known}), its content begins with {data[:8]!r}")
    try:
        if format in EARLY_SIZES:
            _check_pixels(EARLY_SIZES[format](data), limits, name)
        if format == "JPEG" and data.count(b"\xff\xda") > limits.max_scans:
            raise PictureError(f"{name}: over {limits.max_scans} scans in one JPEG; save it again")
        opened = OPENERS[format](io.BytesIO(data))
        _check_pixels(opened.size, limits, name)
        if least is not None:
            # A big JPEG is decoded at 1/2, 1/4 or 1/8, never below `least`; other formats have no draft mode.
            opened.draft(None, (least, least))
        opened.load()
        transpose = _to_upright(opened)
        return _opaque(opened), transpose
    except DECODING_ERRORS as error:
        raise PictureError(f"{name}: damaged or cut short {format} picture ({one_line(error)})") from error


def read_content(source: Path | bytes, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
    """The content of a picture's file, if it is a regular one and not too big; `PictureError` otherwise."""
    if isinstance(source, bytes):
        return source
    name, most = _name(source), f"{limits.max_bytes / 1e6:g} MB; save it smaller"
    try:
        with open(source, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise PictureError(f"{name}: not a regular file")
            if status.st_size > limits.max_bytes:
                raise PictureError(f"{name}: {status.st_size / 1e6:.1f} MB, over {most}")
            return file.read(status.st_size + 1)
    except FileNotFoundError as error:
        raise PictureError(f"{name}: no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise PictureError(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def ending(data: bytes) -> str:
    """The file ending that fits a picture's content, such as .jpg; empty for a format that is not read here."""
    format = _format(data).lower()
    return f".{'jpg' if format == 'jpeg' else format}" if format else ""


def _pixels(image: Image.Image, transpose: Image.Transpose | None, size: int | None) -> np.ndarray:
    if size is not None:
        image = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if transpose is not None:  # after resizing, where it is cheap; for a square the order does not matter
        image = image.transpose(transpose)
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))  # (H, W, 3)


def _opaque(image: Image.Image) -> Image.Image:
    """Bring any mode to 8-bit grey or RGB; transparency becomes white."""
    if image.mode.startswith("I"):  # Pillow's own conversion would clip 16 bits at 255
        deep = np.asarray(image).astype(np.uint32)  # (H, W)
        if isinstance(clear := image.info.get("transparency"), int):
            deep[deep == clear] = 65535
        return Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    if image.has_transparency_data:
        transparent = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(transparent, mask=transparent.getchannel("A"))
        return white
    return image if image.mode in ("RGB", "L") else image.convert("RGB")


def _to_upright(image: Image.Image) -> Image.Transpose | None:
    """Find in the EXIF orientation what makes the picture upright; None if it has none or is upright."""
    if image.format == "JPEG" and "exif" not in image.info and "xmp" not in image.info:
        return None
    try:
        return TO_UPRIGHT.get(image.getexif().get(ORIENTATION_TAG, 1))
    except DECODING_ERRORS:
        return None  # broken EXIF beside sound pixels: shown as stored, as browsers do


def _format(data: bytes) -> str:
    """Tell the format by the first bytes; empty for one that is not read here."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    return "BMP" if data.startswith(b"BM") else ""


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read the size from a WebP header, because opening one already takes memory for its pixels."""
    chunk, head = data[12:16], data[20:30].ljust(10, b"\0")
    if chunk == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _gif_size(data: bytes) -> tuple[int, int]:
    """Read the size of a GIF with its first frame, because Pillow warns about a big one while opening it.

    A frame may lie outside the canvas; Pillow then makes the canvas larger.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # after the palette
    while data[place] not in b",;":  # the first frame, the end
        if data[place] == ord("!"):  # an extension: its type, then blocks that begin with their length, the last with 0
            place += 2
            while length := data[place]:
                place += length + 1
        place += 1
    if data[place] == ord(","):
        left, top, frame_width, frame_height = struct.unpack_from("<HHHH", data, place + 1)
        width, height = max(width, left + frame_width), max(height, top + frame_height)
    return width, height


EARLY_SIZES: Mapping[str, Callable[[bytes], tuple[int, int]]] = {"WEBP": _webp_size, "GIF": _gif_size}


def _check_pixels(size: tuple[int, int], limits: PictureLimits, name: str) -> None:
    """Refuse what would take too much memory."""
    width, height = size
    if width < 1 or height < 1:
        raise PictureError(f"{name}: the picture is {width} x {height} pixels")
    if width * height > limits.max_pixels:
        most = limits.max_pixels / 1e6
        raise PictureError(f"{name}: {width} x {height} pixels, over {most:g} million; save it smaller")


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without blocking, even a pipe that nobody writes to; Windows has neither the flag nor such files."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _name(source: Path | bytes) -> str:
    """Name a picture in one short line."""
    if isinstance(source, bytes):
        return f"a picture given as {len(source)} bytes"
    name = str(source)
    if len(name) > 300:
        name = f"{name[:300]}..."
    return name if name.isprintable() else ascii(name)
