"""Near-duplicate pictures: a perceptual hash of 64 bits, and groups of those that differ in few of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from feelscope.text.union_find import UnionFind

SIZE, KEPT = 32, 8  # pixels of the grey picture, and the lowest frequencies of each direction that are kept
DISTANCE = 10  # bits of 64; ours, see experiments/near_duplicates
_CHUNKS = 11  # two hashes that differ in 10 bits are equal in at least one of 11 parts


def _cosines() -> np.ndarray:
    """The rows of a discrete cosine transform that are kept: float (KEPT, SIZE), without the constant one."""
    place, frequency = np.arange(SIZE), np.arange(1, KEPT + 1)[:, None]
    return np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIZE))


def perceptual_hash(pixels: np.ndarray) -> int:
    """64 bits that stay nearly the same when a picture is scaled, compressed or made brighter.

    Args:
        pixels: uint8 (SIZE, SIZE, 3).

    Source:
        Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", 3.2.1.
    """
    grey = pixels.astype(np.float64) @ (0.299, 0.587, 0.114)  # (SIZE, SIZE)
    cosines = _cosines()
    low = cosines @ grey @ cosines.T  # (KEPT, KEPT)
    bits = (low > np.median(low)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes())


def group_hashes(hashes: Sequence[int | None], distance: int = DISTANCE) -> list[int]:
    """Group pictures whose hashes differ in at most `distance` bits, directly or through others.

    Args:
        hashes: None where there is no picture.

    Returns:
        For each the index of its group's first.
    """
    joined = UnionFind(range(len(hashes)))
    first: dict[int, int] = {}
    for position, value in enumerate(hashes):
        if value is not None:
            joined.join(first.setdefault(value, position), position)
    values = np.array(list(first), np.uint64)
    places = list(first.values())
    edges = np.linspace(0, 64, _CHUNKS + 1).astype(int)
    for start, end in pairwise(edges):
        part = (values >> np.uint64(start)) & np.uint64((1 << int(end - start)) - 1)
        order = np.argsort(part, kind="stable")
        cuts = np.flatnonzero(np.diff(part[order])) + 1
        for members in np.split(order, cuts):
            for at, one in enumerate(members[:-1]):
                others = members[at + 1 :]
                near = np.bitwise_count(values[others] ^ values[one]) <= distance
                for other in others[near]:
                    joined.join(places[one], places[int(other)])
    return joined.firsts()


def join(groups: Sequence[int], others: Sequence[int]) -> list[int]:
    """Groups that are joined where either grouping joins them; each is named by its first."""
    joined = UnionFind(groups)
    for position, other in enumerate(others):
        joined.join(position, other)
    return joined.firsts()
