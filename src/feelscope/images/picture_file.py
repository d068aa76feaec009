"""The content of a picture's file, whose memory is counted while it is held; what a picture may cost."""

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from feelscope.errors import PictureError
from feelscope.files import open_regular
from feelscope.images.header import format_of
from feelscope.memory import BUDGET, Share

TOO_BIG = "too big"  # the kind of an error
START = 512  # bytes that tell the format


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a picture may cost; checked before any pixel is decoded. Its memory is bounded by `BUDGET`."""

    max_bytes: int = 50_000_000  # of the file
    max_pixels: int = 50_000_000  # width times height
    least_side: int = 1  # pixels of the shorter side
    max_seconds: float = 4.0  # of processor time, at most as estimated by the header; that is high
    max_video_bytes: int = 2_000_000_000  # of a video's file, which is never held as a whole
    max_video_pixels: int = 9_500_000  # of its frames; 4K has 8.8 million
    formats: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIC")  # by content, not by name


DEFAULT_LIMITS = PictureLimits()


def digest(source: Path | bytes) -> str:
    """The SHA-256 of a picture's content, in hexadecimal; `PictureError` as from `content`."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with opened(source, DEFAULT_LIMITS.max_video_bytes) as (file, _):
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
                raise PictureError(f"{name_of(source)}: over {limits.max_bytes / 1e6:g} MB; save it smaller", TOO_BIG)
        else:
            with opened(source, limits.max_bytes) as (file, size):
                held.enter_context(take(BUDGET.contents, size, name_of(source)))
                data = file.read(size)
        yield data


def ending(source: Path | bytes) -> str:
    """The file ending that fits the content of a picture or a video, such as .jpg; empty for what is not read here.

    Raises:
        PictureError: It is no regular file, cannot be read, or is too big.
    """
    if isinstance(source, bytes):
        start = source
    else:
        with opened(source, DEFAULT_LIMITS.max_video_bytes) as (file, _):
            start = file.read(START)
    format = format_of(start[:START]).lower()
    return f".{'jpg' if format == 'jpeg' else format}" if format else ""


def take(share: Share, size: int, name: str) -> AbstractContextManager[None]:
    """Hold some of the budget's bytes, once they are free."""
    if size > share.size:
        enough = f"save it smaller, or allow more with --memory {BUDGET.enough(size, share)}"
        raise PictureError(f"{name}: needs {size / 1e6:.0f} MB of memory to be read; {enough}", TOO_BIG)
    return share.take(size)


@contextmanager
def opened(path: Path, most: int = DEFAULT_LIMITS.max_video_bytes) -> Iterator[tuple[io.BufferedReader, int]]:
    """Open a regular file that is not too big, and say how many bytes it has.

    Raises:
        PictureError: It is none, cannot be read, or is too big.
    """
    name = name_of(path)
    try:
        with open_regular(path, most) as file:
            yield file, os.fstat(file.fileno()).st_size
    except FileNotFoundError as error:
        raise PictureError(f"{name}: no such file") from error
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise PictureError(f"{name}: {error.strerror}; save it smaller", TOO_BIG) from error
        raise PictureError(f"{name}: cannot be read ({error.strerror or error})") from error


def name_of(source: Path | bytes) -> str:
    """Name a picture in one short line."""
    if isinstance(source, bytes):
        return f"a picture given as {len(source)} bytes"
    name = str(source)
    if len(name) > 300:
        name = f"{name[:300]}..."
    return name if name.isprintable() else ascii(name)
