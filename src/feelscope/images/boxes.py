"""AVIF and HEIC before they are decoded: sizes and turns, in the boxes of ISO/IEC 14496-12 and 23008-12."""

import struct
from collections.abc import Iterator

_MOST_BOXES = 10_000
_HOLDERS = {b"iprp": 0, b"ipco": 0, b"meta": 4}  # boxes that hold others, after so many bytes
# Turn to the left in quarters and mirror (none, axis 0, axis 1) as EXIF has them; as libavif reads both.
_ORIENTATIONS = ((1, 4, 2), (8, 5, 7), (3, 2, 4), (6, 7, 5))


def size_and_orientation(data: bytes) -> tuple[int, int, int]:
    """Width and height of the largest picture in a file, as stored, and which way is up, 1 to 8 as in EXIF.

    Raises:
        ValueError: It says no size.
    """
    sizes: list[tuple[int, int]] = []
    turn = mirror = 0
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"ispe" and end - start >= 12:
            sizes.append(struct.unpack_from(">II", data, start + 4))
        elif kind == b"irot" and end > start:
            turn = data[start] & 3
        elif kind == b"imir" and end > start:
            mirror = 1 + (data[start] & 1)
    if not sizes:
        raise ValueError("no size of a picture")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height, _ORIENTATIONS[turn][mirror]


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and start and end of the content, of each box and of those in the ones that describe pictures."""
    waiting, seen = [(start, end)], 0
    while waiting:
        place, end = waiting.pop()
        while place + 8 <= end:
            if (seen := seen + 1) > _MOST_BOXES:
                raise ValueError("too many boxes")
            length, kind = struct.unpack_from(">I4s", data, place)
            begin = place + 8
            if length == 1 and begin + 8 <= end:
                (length,) = struct.unpack_from(">Q", data, begin)
                begin += 8
            last = end if length == 0 else min(place + length, end)
            if last < begin:
                raise ValueError("a box shorter than its head")
            yield kind, begin, last
            if kind in _HOLDERS:
                waiting.append((begin + _HOLDERS[kind], last))
            place = last
