"""Packed files: .gz, .bz2, .xz and .zst, read as what is in them."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from feelscope.errors import TableError, needs_extra, one_line
from feelscope.table.quarantine import PACKINGS

WINDOW = 2**31  # bytes that zstd may look back, and so what a .zst can take of memory
_BLOCK = 2**20


def is_packed(path: Path) -> bool:
    """Whether the name of a file says that it is packed."""
    return path.suffix.lower() in PACKINGS


def inner_ending(path: Path) -> str:
    """The ending of what is in a file, such as .csv of `posts.csv.gz`, in small letters."""
    return (path.with_suffix("") if is_packed(path) else path).suffix.lower()


def packing_of(beginning: bytes) -> str:
    """How a file is packed that begins so, as the ending of its name; empty for one that is not."""
    return next((ending for ending, mark in _MARKS.items() if beginning.startswith(mark)), "")


def open_unpacked(path: Path, packing: str | None = None) -> BinaryIO:
    """Open a file for reading; of a packed one, what is in it.

    Args:
        packing: As `packing_of` gives it; None goes by the name of the file.

    Raises:
        TableError: It is packed, and here or while it is read shows to be damaged.
    """
    packing = path.suffix.lower() if packing is None else packing
    opener = _OPENERS.get(packing)
    if opener is None:
        return path.open("rb")
    return io.BufferedReader(_Unpacked(path, packing, opener(path)), _BLOCK)


class _Unpacked(io.RawIOBase):
    """What is in a packed file; whatever its unpacker raises is a `TableError` of one line."""

    def __init__(self, path: Path, packing: str, inner: Any) -> None:
        self._path, self._packing, self._inner = path, packing, inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._inner.read(len(buffer))
        except (EOFError, OSError, MemoryError, ValueError, lzma.LZMAError, zlib.error) as error:
            said = f"damaged or cut short {self._packing} ({one_line(error)})"
            raise TableError(f"{self._path}: {said}; unpack it, or fetch it again") from error
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Zstd:
    """A .zst, one frame after another."""

    def __init__(self, path: Path) -> None:
        with needs_extra("reading .zst", "collect"):
            import zstandard
        self._file = path.open("rb")
        self._error = zstandard.ZstdError
        self._start = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj
        self._frame, self._waiting, self._is_begun = self._start(), b"", False

    def read(self, size: int) -> bytes:
        while len(self._waiting) < size:
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._is_begun = self._start(), False
            packed = packed or self._file.read(_BLOCK // 8)
            if not packed:
                if self._is_begun:
                    raise EOFError("its last frame is not complete")
                break
            self._is_begun = True
            try:
                self._waiting += self._frame.decompress(packed)
            except self._error as error:
                raise ValueError(one_line(error)) from error
        content, self._waiting = self._waiting[:size], self._waiting[size:]
        return content

    def close(self) -> None:
        self._file.close()


_MARKS: Mapping[str, bytes] = {
    ".gz": b"\x1f\x8b",
    ".bz2": b"BZh",
    ".xz": b"\xfd7zXZ\0",
    ".zst": b"\x28\xb5\x2f\xfd",
}
_OPENERS: Mapping[str, Callable[[Path], Any]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _Zstd,
}
