"""Near-duplicate pictures: a perceptual hash of 64 bits, and groups of those that differ in few of them.

By hand: ImageHash's `phash` needs scipy and PyWavelets and takes twice as long for nearly the same groups of 4,000
MSED pictures; of pictures cropped by 2% it finds 0.999, this 0.994, but it also joins different ones, this none
(`python experiments/near_duplicates/libraries.py pictures images/ 4000`; README.md there).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from feelscope.text.union_find import UnionFind

SIZE, KEPT = 32, 8  # pixels of the grey picture, and the lowest frequencies in each direction that are kept
DISTANCE = 10  # bits of 64; ours, see experiments/near_duplicates
_CHUNKS = 11  # two hashes that differ in 10 bits are equal in at least one of 11 chunks


def perceptual_hash(pixels: np.ndarray) -> int:
    """64 bits that stay nearly the same when a picture is scaled, compressed or made brighter.

    Args:
        pixels: uint8 (SIZE, SIZE, 3).

    Source:
        Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", 3.2.1.
    """
    grey = pixels.astype(np.float64) @ (0.299, 0.587, 0.114)  # (SIZE, SIZE)
    place, frequency = np.arange(SIZE), np.arange(1, KEPT + 1)[:, None]
    cosines = np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIZE))  # (KEPT, SIZE), without the constant row
    low = cosines @ grey @ cosines.T  # (KEPT, KEPT)
    bits = (low > np.median(low)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes())


def group_hashes(hashes: Sequence[int | None]) -> list[int]:
    """Group pictures whose hashes differ in at most DISTANCE bits, directly or through others.

    Args:
        hashes: None where there is no picture.

    Returns:
        For each the position of the first in its group.
    """
    groups = UnionFind(range(len(hashes)))
    first: dict[int, int] = {}
    for position, value in enumerate(hashes):
        if value is not None:
            groups.join(first.setdefault(value, position), position)
    values = np.array(list(first), np.uint64)
    positions = list(first.values())
    edges = np.linspace(0, 64, _CHUNKS + 1).astype(int)
    for start, end in pairwise(edges):
        chunk = (values >> np.uint64(start)) & np.uint64((1 << int(end - start)) - 1)
        order = np.argsort(chunk, kind="stable")
        cuts = np.flatnonzero(np.diff(chunk[order])) + 1
        for members in np.split(order, cuts):
            for number, member in enumerate(members[:-1], 1):
                others = members[number:]
                near = np.bitwise_count(values[others] ^ values[member]) <= DISTANCE
                for other in others[near]:
                    groups.join(positions[member], positions[int(other)])
    return groups.firsts()


def join(groups: Sequence[int], others: Sequence[int]) -> list[int]:
    """The groups of two groupings joined where they overlap; each is named by its first."""
    joined = UnionFind(groups)
    for position, first in enumerate(others):
        joined.join(position, first)
    return joined.firsts()
