"""A set of ids, on disk where there are many, so that any table can be checked for duplicates in little memory.

    id -> digest -> a filter of fixed size: never seen, or perhaps
                 -> the newest million, in memory -> when they are many, a file that goes when it is closed

Nearly every id is new, and of most of those the filter says so. What is asked for is looked up in one of 16,384 parts,
of the newest and of each block of the file; eight blocks become one, so that they stay few.

Source: Bloom 1970, "Space/time trade-offs in hash coding with allowable errors"; all bits of an id in one word is ours.
"""

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import Self

from feelscope.errors import TableError

_IN_MEMORY = 200_000  # ids, of about 80 bytes each
_NEWEST = 1_000_000  # ids beyond those that wait for the file, of about 20 bytes each
_WORDS = 2**21  # of the filter, of 64 bits: 16 MB. Of 10 million ids 1% are looked up, of 50 million half
_PARTS = 2**14
_MERGED = 8
_BYTES_AT_ONCE = 2**20
_SIZE = 16  # bytes of a digest


class SeenIds:
    """Ids that came by, kept as 16-byte digests: 200,000 as a set, more as parts of a file."""

    def __enter__(self) -> Self:
        self._first: set[bytes] = set()
        self._many: _ManyDigests | None = None
        return self

    def add(self, id: str) -> bool:
        """Add an id; False where it was there.

        Raises:
            TableError: There are many, and the disk is full or no folder for temporary files is there.
        """
        digest = blake2b(id.encode(), digest_size=_SIZE).digest()
        if self._many is not None:
            return self._many.add(digest)
        first = self._first
        before = len(first)
        first.add(digest)
        if before == _IN_MEMORY < len(first):
            self._many = _ManyDigests()
            for digest in first:
                self._many.add(digest)
            first.clear()
            return True
        return len(first) > before

    def __exit__(self, *error: object) -> None:
        if self._many is not None:
            self._many.close()


class _ManyDigests:
    """Digests in parts, the newest in memory and the others in blocks of a file."""

    def __init__(self) -> None:
        self._filter = array("Q", bytes(8 * _WORDS))
        self._newest = [bytearray() for _ in range(_PARTS)]
        self._count = 0  # of the newest
        self._blocks: list[tuple[int, array[int]]] = []  # how often each was merged, and where its parts start
        with _room():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (until `close`)
        self._end = 0

    def add(self, digest: bytes) -> bool:
        mixed = hash(digest)  # differs from run to run, so that nobody can choose ids that fall together
        place, part = mixed & _WORDS - 1, mixed >> 21 & _PARTS - 1
        bits = 1 << (mixed >> 35 & 63) | 1 << (mixed >> 41 & 63) | 1 << (mixed >> 47 & 63)
        word = self._filter[place]
        if word & bits == bits:
            if self._has(digest, part):
                return False
        else:
            self._filter[place] = word | bits
        self._newest[part] += digest
        self._count += 1
        if self._count == _NEWEST:
            self._write()
        return True

    def close(self) -> None:
        with suppress(OSError):  # a full disk, which was told before
            self._file.close()

    def _has(self, digest: bytes, part: int) -> bool:
        return _is_in(digest, self._newest[part]) or any(_is_in(digest, self._read(at, part)) for _, at in self._blocks)

    def _read(self, starts: "array[int]", part: int) -> bytes:
        self._file.seek(starts[part])
        return self._file.read(starts[part + 1] - starts[part])

    def _write(self) -> None:
        """Move the newest to the file, and make one block of eight alike."""
        with _room():
            self._blocks.append((0, self._written(self._newest)))
            for part in self._newest:
                part.clear()
            self._count = 0
            while len(self._blocks) >= _MERGED and len({merged for merged, _ in self._blocks[-_MERGED:]}) == 1:
                alike = self._blocks[-_MERGED:]
                together = (b"".join(self._read(starts, part) for _, starts in alike) for part in range(_PARTS))
                self._blocks[-_MERGED:] = [(alike[0][0] + 1, self._written(together))]

    def _written(self, parts: Iterable[bytes | bytearray]) -> "array[int]":
        """Where each of some parts is, once they are at the end of the file; the last number is where they end."""
        starts, waiting = array("Q", [self._end]), bytearray()
        for part in parts:
            waiting += part
            starts.append(starts[-1] + len(part))
            if len(waiting) >= _BYTES_AT_ONCE or len(starts) > _PARTS:
                self._file.seek(self._end)
                self._file.write(waiting)
                self._end += len(waiting)
                waiting.clear()
        self._file.flush()  # here, where a full disk is told
        return starts


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TableError(f"no room to check for duplicate ids ({error.strerror}); free space or set TMPDIR") from error


def _is_in(digest: bytes, part: bytes | bytearray) -> bool:
    start = part.find(digest)
    while start >= 0 and start % _SIZE:  # the end of one digest and the beginning of another
        start = part.find(digest, start + 1)
    return start >= 0
