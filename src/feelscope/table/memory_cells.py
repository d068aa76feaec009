"""Cells of posts in memory as a file would give them: numbers of NumPy as numbers, pictures as bytes or a path."""

import io
import os
from collections.abc import Mapping
from typing import Any

from feelscope.errors import one_line
from feelscope.table.quarantine import Unreadable

_NOTHING = ("NAType", "NaTType")  # of pandas, which answer "unlike itself?" with neither yes nor no
_AS_THEY_ARE = (str, int, bool, bytes, type(None))
_MOST_PIXELS = 13_000_000  # that fit a picture's largest file as BMP
PICTURES = "a path, bytes, a file opened to read bytes, a Pillow image, or a NumPy array (height, width, 3) of uint8"


def plain(value: Any) -> object:
    """A cell without what only a library in memory has; NaN and NA are None."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return value if value == value else None
    if kind.__name__ in _NOTHING:
        return None
    if kind.__module__ == "numpy":
        return plain(value.item()) if not getattr(value, "ndim", 0) else [plain(part) for part in value.tolist()]
    if hasattr(value, "as_py"):  # of PyArrow
        return plain(value.as_py())
    if isinstance(value, tuple | set | frozenset):
        return [plain(part) for part in value]
    return value


def picture(value: Any) -> str | bytes | Unreadable | None:
    """A picture as the path or the bytes of its file; None for nothing.

    An array or a Pillow image becomes a file without loss, turned as its EXIF says.
    """
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, Mapping):  # as in Hugging Face data sets: the picture's bytes, or else its path
        return picture(value.get("bytes") or value.get("path"))
    try:
        if is_array(value):
            return _of_array(value)
        if is_image(value):
            return _encoded(value)
        if callable(getattr(value, "read", None)):
            content = value.getvalue() if isinstance(value, io.BytesIO) else value.read()
            return content if isinstance(content, bytes) else Unreadable("a file that was opened for text")
    except (OSError, ValueError, TypeError, SyntaxError) as error:  # of Pillow, as it decodes or encodes
        return Unreadable("pixels that cannot be read", one_line(error)[:200])
    if plain(value) is None:
        return None
    return Unreadable(f"expected {PICTURES}, found {type(value).__name__}")


def is_picture(value: Any) -> bool:
    """Whether a value by itself is a picture, not words."""
    kinds = os.PathLike | bytes | bytearray | memoryview | io.BufferedIOBase
    return isinstance(value, kinds) or is_image(value) or (is_array(value) and is_pixels(value))


def is_image(value: Any) -> bool:
    """Whether a value is an image of Pillow."""
    return any(kind.__module__ == "PIL.Image" and kind.__name__ == "Image" for kind in type(value).__mro__)


def is_array(value: Any) -> bool:
    """Whether a value is an array of NumPy."""
    return any(kind.__module__ == "numpy" and kind.__name__ == "ndarray" for kind in type(value).__mro__)


def is_pixels(array: Any) -> bool:
    """Whether an array is one picture: grey as uint8 (H, W), or (H, W, 1), (H, W, 3) or (H, W, 4)."""
    if array.ndim == 2:
        return array.dtype.name == "uint8"
    return array.ndim == 3 and array.shape[2] in (1, 3, 4) and array.dtype.kind in "uf"


def _of_array(array: Any) -> bytes | Unreadable:
    from PIL import Image

    shape = " x ".join(map(str, array.shape))
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))) or not array.size:
        return Unreadable(f"expected an array (height, width, 3), found {shape}")
    if array.dtype.kind == "f":
        if not (array.min() >= 0 and array.max() <= 1):  # NaN is neither
            return Unreadable(f"expected numbers from 0 to 1 in an array of {array.dtype}, or uint8 from 0 to 255")
        array = (array * 255).round().astype("uint8")
    if array.dtype.name != "uint8":
        return Unreadable(f"expected an array of uint8, or of floats from 0 to 1, found {array.dtype}")
    return _encoded(Image.fromarray(array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array))


def _encoded(image: Any) -> bytes:
    """The file of an image: BMP, which takes no time, or where it has transparency, PNG."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    is_clear = "A" in image.getbands() or "transparency" in image.info
    file = io.BytesIO()
    if is_clear or image.width * image.height > _MOST_PIXELS:
        image.convert("RGBA" if is_clear else "RGB").save(file, "PNG", compress_level=1)
    else:
        image.convert("RGB").save(file, "BMP")
    return file.getvalue()
