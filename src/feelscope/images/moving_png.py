"""The chunks of an animated PNG (PNG 1.3 with the extension of Mozilla, APNG) that make its first frames."""

import struct

from feelscope.images.frames import looked_at

_OF_EVERY = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


class MovingPng:
    """Takes in a PNG's chunks in their order.

    Attributes:
        parts: Those that make the frames that are looked at.
        is_animated: Whether there are several frames.
    """

    def __init__(self) -> None:
        self.parts: list[bytes | memoryview] = []
        self.is_animated = False
        self._size = (0, 0)
        self._most = self._begun = self._sequence = 0
        self._is_sound = True

    @property
    def frames(self) -> int:
        """How many frames are looked at; 1 where what makes the further ones is broken."""
        return max(1, min(self._begun, self._most)) if self.is_animated and self._is_sound else 1

    def add(self, kind: bytes, chunk: memoryview) -> None:
        """Take in a chunk with its length, kind and checksum."""
        body = chunk[8:-4]
        if kind == b"IHDR" and len(body) >= 8:
            self._size = struct.unpack_from(">II", body)
        if kind in _OF_EVERY:
            self.parts.append(chunk)
        elif kind == b"acTL":
            self._begin(chunk)
        elif kind in (b"fcTL", b"fdAT") and self.is_animated:
            self._begun += kind == b"fcTL"
            if self._begun <= self._most and self._is_sound:
                self._is_sound = self._fits(kind, body)
                self._sequence += 1
                self.parts.append(chunk)

    def _begin(self, chunk: memoryview) -> None:
        body = chunk[8:-4]
        count = int.from_bytes(body[:4])
        self._is_sound &= len(body) == 8 and not self.is_animated and count < 2**31
        if len(body) == 8 and count > 1:
            self.is_animated = True
            self._most = looked_at(count, *self._size)
            self.parts.append(chunk)

    def _fits(self, kind: bytes, body: memoryview) -> bool:
        """Whether a chunk is the next of its kind, and its frame within the picture."""
        if len(body) < (26 if kind == b"fcTL" else 4) or int.from_bytes(body[:4]) != self._sequence:
            return False
        if kind == b"fdAT":
            return True
        width, height, left, top = struct.unpack_from(">IIII", body, 4)
        return bool(width and height and left + width <= self._size[0] and top + height <= self._size[1])
