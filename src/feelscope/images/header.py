"""What a picture's bytes say before any pixel is decoded: its size, what decoding costs, and which way is up.

A decoder is given only the parts that make pixels of the first frame, and of an animation those of the few frames
that are looked at. So none of its parsers of EXIF, XMP, colour profiles and comments ever runs, and no part beside the
pixels can be a bomb.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from feelscope.errors import PictureError
from feelscope.images.boxes import size_and_orientation
from feelscope.images.frames import MOST, looked_at
from feelscope.images.moving_png import MovingPng

MOST_PARTS = 20_000  # chunks or segments of a file; libpng writes 8 kB in each, so a file of 50 MB has 6,000
_HEIC = re.compile(rb"hei[cxms]|hev[cx]|mif1|msf1")  # brands
VIDEOS: Mapping[str, str] = {"MP4": "mov", "WEBM": "matroska", "AVI": "avi", "MTS": "mpegts"}  # FFmpeg's names
_TRANSPORT = 188  # bytes of a packet of MPEG-TS, each of which begins with 0x47
_OTHERS = {
    "FLV video": (b"flv\x01",),
    "WMV video": (b"0&\xb2u\x8ef\xcf\x11",),
    "MPEG video": (b"\0\0\x01\xba", b"\0\0\x01\xb3"),
    "Ogg": (b"oggs",),
    "TIFF": (b"ii*\0", b"mm\0*"),
    "JPEG XL": (b"\xff\n", b"\0\0\0\x0cjxl "),
    "JPEG 2000": (b"\0\0\0\x0cjp  ",),
    "SVG": (b"<svg", b"<?xml"),
    "a web page": (b"<!doctype html", b"<html", b"<head"),
    "PDF": (b"%pdf",),
}
_FRAMES_BYTES = 12  # of a pixel: Pillow keeps the frame before, what comes in its place, and a frame as RGB
_ORIENTATION_TAG = 0x0112  # EXIF 2.32
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])")
_MARKER = re.compile(rb"\xff([^\x00\xff])", re.DOTALL)
_MARKER_AFTER_SCAN = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)

Parts = list[bytes | memoryview]


@dataclass(frozen=True, slots=True)
class Header:
    """A picture before it is decoded.

    Args:
        width, height: As stored; the first frame's, or the canvas's where that is larger.
        parts: What makes the pixels; joined, a file of its own.
        pixel_bytes: What a pixel takes while it is decoded and brought to 8-bit grey or RGB.
        fixed_bytes: What decoding takes besides, whatever the scale.
        seconds: Of processor time that decoding takes about, on a processor of 2020.
        orientation: 1 to 8 as in EXIF; 1 is upright.
        is_animated: Whether there are several frames.
        frames: How many of them are looked at.
    """

    format: str
    width: int
    height: int
    parts: Parts
    pixel_bytes: int
    fixed_bytes: int
    seconds: float
    orientation: int = 1
    is_animated: bool = False
    frames: int = 1


def format_of(data: bytes) -> str:
    """Tell the format by the first bytes, of pictures and videos; empty for one that is not read here."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brands = data[8 : min(int.from_bytes(data[:4]), 64)]
        return "AVIF" if b"avi" in brands else "HEIC" if _HEIC.search(brands) else _video(data)
    return "BMP" if data.startswith(b"BM") else _video(data)


def _video(data: bytes) -> str:
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):  # without ftyp: QuickTime before 2001
        return "" if data[8:11] in (b"jp2", b"jpx", b"jxl", b"crx") else "MP4"
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "WEBM"
    if data.startswith(b"RIFF") and data[8:12] == b"AVI ":
        return "AVI"
    return "MTS" if data[:1] == b"G" and data[_TRANSPORT : _TRANSPORT + 1] == b"G" else ""


def other_format(data: bytes) -> str:
    """What a content is that is not read here; empty where that is not known."""
    start = data[:64].lstrip().lower()
    return next((name for name, starts in _OTHERS.items() if start.startswith(starts)), "")


def _png(data: bytes) -> Header:
    kept: Parts = [data[:8]]
    upright, clear, has_palette, moving = Upright(), False, False, MovingPng()
    for kind, start, end in _chunks(data, 8, big=True):
        body = memoryview(data)[start + 8 : end - 4]
        if (kind == b"IHDR") != (len(kept) == 1):
            raise ValueError("IHDR is not the first chunk, and no other")
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(memoryview(data)[start:end])
            clear |= kind == b"tRNS"
            has_palette |= kind == b"PLTE"
        elif kind == b"eXIf":
            upright.exif(body)
        elif kind == b"iTXt" and bytes(body[:17]) == b"XML:com.adobe.xmp":
            upright.xmp(body)
        moving.add(kind, memoryview(data)[start:end])
        if kind == b"IEND":
            break
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    if colour == 3 and not has_palette:
        raise ValueError("no palette")
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 4)
    row = width * channels * depth // 8 + 1
    # Pillow keeps a pixel of one channel in 1 byte, of 16 bits in 2, and any other in 4; the copy without transparency
    # or palette takes 4 more.
    pixel_bytes = (1 if channels == 1 else 4) + (depth == 16) + 4 * (clear or colour not in (0, 2) or depth not in (8,))
    seconds = width * height * 35e-9 + row * height * 7e-9
    frames = moving.frames
    if frames > 1:
        kept = [data[:8], *moving.parts]
        pixel_bytes, seconds = pixel_bytes + _FRAMES_BYTES, seconds * _times(frames)
    return Header(
        *("PNG", width, height, kept, pixel_bytes, 3 * row, seconds, upright.orientation),
        is_animated=moving.is_animated,
        frames=frames,
    )


def _jpeg(data: bytes) -> Header:
    kept: Parts = [data[:2]]
    upright, frame, several, scans, place, parts = Upright(), b"", False, 0, 2, 0
    while found := _MARKER.search(data, place):
        kind, start, place = found[1][0], found.start(), found.end()
        _count(parts := parts + 1)
        if kind == 0xD9:
            kept.append(data[start:place])
            break
        if kind < 0xC0 or 0xD0 <= kind <= 0xD8:  # without a length; libjpeg skips or refuses it
            continue
        end = place + int.from_bytes(data[place : place + 2])
        body = memoryview(data)[place + 2 : end]
        place = end
        if kind == 0xDA:
            scans += 1
            several |= bool(frame) and body[0] < frame[5]
            after = _MARKER_AFTER_SCAN.search(data, end)
            place = after.start() if after else len(data)
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            if frame:
                raise ValueError("two frame headers")
            frame, several = bytes(body), kind in (0xC2, 0xC6, 0xCA, 0xCE)
        elif kind == 0xE1:
            if bytes(body[:6]) == b"Exif\0\0":
                upright.exif(body)
            else:
                upright.xmp(body)
        if kind in (0xE0, 0xEE) or not (0xE1 <= kind <= 0xEF or kind == 0xFE):
            kept.append(memoryview(data)[start:place])
    height, width, channels = struct.unpack_from(">HHB", frame, 1)
    sampling = [(factors >> 4, factors & 15) for factors in frame[7 : 6 + 3 * channels : 3]]
    across, down = max(x for x, _ in sampling), max(y for _, y in sampling)
    blocks = -(-width // (8 * across)) * -(-height // (8 * down)) * sum(x * y for x, y in sampling)
    fixed = 64 * width * channels + 128 * blocks * several  # 64 coefficients of 2 bytes until the last scan is read
    # Each scan of a progressive JPEG is a pass over all pixels, however few bytes it has.
    seconds = blocks * 64 * 10e-9 + several * (scans * max(blocks * 64, 100_000) * 1.5e-9 + len(data) * 40e-9)
    pixel_bytes = {1: 1, 3: 4}.get(channels, 8)
    return Header("JPEG", width, height, kept, pixel_bytes, fixed, seconds, upright.orientation)


def _gif(data: bytes) -> Header:
    """A frame may lie outside the canvas; Pillow then makes the canvas larger."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # after the palette
    start, control, parts = place, b"", 0
    while data[place] not in b",;":  # the first frame, the end
        begin = place
        if data[place] == ord("!"):  # an extension: its type, then blocks that begin with their length, the last with 0
            place += 2
            while length := data[place]:
                place += length + 1
                _count(parts := parts + 1)
        place += 1
        _count(parts := parts + 1)
        if data[begin : begin + 2] == b"!\xf9":  # which colour is transparent
            control = data[begin:place]
    if data[place] == ord(","):
        left, top, frame_width, frame_height = struct.unpack_from("<HHHH", data, place + 1)
        width, height = max(width, left + frame_width), max(height, top + frame_height)
    kept: Parts = [data[:start], control, memoryview(data)[place:]]
    most = looked_at(MOST, width, height)
    frames = _gif_frames(data, place, width, height, max(most, 2))
    seconds = width * height * 20e-9 * _times(min(frames, most)) + len(data) * 20e-9
    pixel_bytes = 6 + (_FRAMES_BYTES if min(frames, most) > 1 else 0)
    return Header("GIF", width, height, kept, pixel_bytes, 0, seconds, is_animated=frames > 1, frames=min(frames, most))


def _gif_frames(data: bytes, place: int, width: int, height: int, most: int) -> int:
    """How many frames follow one another within the canvas, as far as they are counted; at least 1."""
    frames = parts = 0
    try:
        while frames < most and parts < MOST_PARTS and data[place] != 0x3B:  # the end
            if data[place] == 0x2C:
                left, top, across, down, flags = struct.unpack_from("<HHHHB", data, place + 1)
                if left + across > width or top + down > height:
                    break
                frames += 1
                place += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
            else:  # an extension
                place += 2
            while length := data[place]:
                place, parts = place + length + 1, parts + 1
            place, parts = place + 1, parts + 1
    except (IndexError, struct.error):
        pass
    return max(frames, 1)


def _webp(data: bytes) -> Header:
    """Whatever a chunk claims is counted, as opening a WebP already takes memory for its canvas."""
    data = data[: 8 + int.from_bytes(data[4:8], "little")]
    kept: Parts = []
    upright, sizes, claimed, clear, frames, most = Upright(), [(0, 0)], 4, False, 0, 1
    for kind, start, end in _chunks(data, 12, big=False):
        chunk, body = memoryview(data)[start:end], memoryview(data)[start + 8 : end]
        head = bytes(body[:10]).ljust(10, b"\0")
        if kind == b"EXIF":
            upright.exif(body)
        elif kind == b"XMP ":
            upright.xmp(body)
        if kind not in (b"VP8X", b"ALPH", b"ANIM", b"VP8 ", b"VP8L", b"ANMF"):
            continue
        if frames and (kind != b"ANMF" or frames >= most or end > len(data)):
            frames += kind == b"ANMF"
            continue
        if kind == b"VP8X":
            clear |= bool(head[0] & 0x10)
            sizes.append((1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")))
            # Without the flags of what is left out: colour profile, EXIF, XMP
            chunk = memoryview(bytes(chunk[:8]) + bytes([head[0] & ~0x2C]) + bytes(body[1:]))
        elif kind == b"VP8L":
            clear, bits = True, int.from_bytes(head[1:5], "little")
            sizes.append((1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)))
        elif kind == b"VP8 ":
            across, down = struct.unpack("<HH", head[6:10])
            sizes.append((across & 0x3FFF, down & 0x3FFF))
        kept.append(chunk)
        claimed += end - start
        frames += kind in (b"VP8 ", b"VP8L", b"ANMF")
        if kind == b"ANMF" and frames == 1:
            most = looked_at(MOST, *map(max, zip(*sizes, strict=True)))
    width, height = max(x for x, _ in sizes), max(y for _, y in sizes)
    kept = [b"RIFF", struct.pack("<I", claimed), b"WEBP", *kept]
    # libwebp holds two canvases and a copy of one, Pillow the picture; 4 bytes a pixel each.
    seconds = width * height * 100e-9 * _times(min(frames, most))
    return Header(
        *("WEBP", width, height, kept, 17 if clear else 16, 0, seconds, upright.orientation),
        is_animated=frames > 1,
        frames=max(1, min(frames, most)),
    )


def _bmp(data: bytes) -> Header:
    old = data[14:18] == struct.pack("<I", 12)
    width, height, depth = struct.unpack_from("<HH2xH" if old else "<Ii2xH", data, 18)
    compression = 0 if old else int.from_bytes(data[30:34], "little")
    if compression not in (1, 2):  # run lengths
        pixel_bytes = {16: 4, 24: 4, 32: 8}.get(depth, 5)  # 8 or 5 with the copy without transparency or palette
        return Header("BMP", width, abs(height), [data], pixel_bytes, 4 * width, width * abs(height) * 20e-9)
    # Pillow unpacks these in Python.
    seconds = width * abs(height) * 100e-9 + len(data) * 130e-9
    return Header("BMP", width, abs(height), [data], 10, 255 * width, seconds)


def _avif(data: bytes) -> Header:
    width, height, orientation = size_and_orientation(data)
    # dav1d holds up to 6 bytes of a pixel, libavif 4, Pillow 4 and 4 with the copy without transparency.
    is_animated = data[8:12] == b"avis"
    frames = looked_at(MOST, width, height) if is_animated else 1
    seconds = width * height * 60e-9 * _times(frames)
    return Header("AVIF", width, height, [data], 18, 2**20, seconds, orientation, is_animated, frames)


def _heic(data: bytes) -> Header:
    """libheif turns the picture itself."""
    width, height, _ = size_and_orientation(data)
    return Header("HEIC", width, height, [data], 18, 2**20, width * height * 60e-9)


READERS: Mapping[str, Callable[[bytes], Header]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "BMP": _bmp,
    "AVIF": _avif,
    "HEIC": _heic,
}


class Upright:
    """Find which way is up, in EXIF or else in XMP; broken ones beside sound pixels say nothing, as in browsers."""

    def __init__(self) -> None:
        self._exif = self._xmp = 0

    @property
    def orientation(self) -> int:
        """1 to 8 as in EXIF."""
        return self._exif or self._xmp or 1

    def exif(self, data: memoryview) -> None:
        """Look into the first directory of EXIF."""
        block = bytes(data[:6]) == b"Exif\0\0"
        data = data[6:] if block else data
        order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]), "")
        if self._exif or not order or len(data) < 10:
            return
        (start,) = struct.unpack_from(f"{order}I", data, 4)
        if start + 2 > len(data):
            return
        (count,) = struct.unpack_from(f"{order}H", data, start)
        last = min(start + 2 + 12 * count, len(data) - 11)
        for place in range(start + 2, last, 12):
            tag, kind = struct.unpack_from(f"{order}HH", data, place)
            if tag == _ORIENTATION_TAG:
                (value,) = struct.unpack_from(f"{order}{'I' if kind == 4 else 'H'}", data, place + 8)
                self._exif = value if 1 <= value <= 8 else 1
                return

    def xmp(self, data: memoryview) -> None:
        """Look for TIFF's orientation in XMP."""
        if not self._xmp and (found := _XMP_ORIENTATION.search(data)):
            self._xmp = int(found[1])


def _times(frames: int) -> int:
    """How often a frame is decoded: each that is looked at, and those up to the one that is read once more."""
    return 1 if frames < 2 else 2 * frames


def _chunks(data: bytes, place: int, *, big: bool) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk of PNG (`big`) or RIFF; the last may end after the data."""
    parts = 0
    while place + 8 <= len(data):
        first, second = struct.unpack_from("4s4s", data, place)
        kind, length = (second, int.from_bytes(first)) if big else (first, int.from_bytes(second, "little"))
        end = place + length + (12 if big else 8 + length % 2)
        yield kind, place, end
        _count(parts := parts + 1)
        place = end


def _count(parts: int) -> None:
    if parts > MOST_PARTS:
        raise PictureError(f"over {MOST_PARTS:,} parts in one file; save it again")
