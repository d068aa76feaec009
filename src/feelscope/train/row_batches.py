"""Batches of row numbers, for tasks whose data are tensors in memory."""

import hashlib
from collections.abc import Iterator

import numpy as np
import torch


class RowBatches:
    """Batches of row numbers in an order that the seed and the epoch decide.

    Args:
        count: Rows.
        size: Of a batch; the last of an epoch may be smaller.
    """

    def __init__(self, count: int, size: int, seed: int):
        self._count, self._size, self._seed = count, size, seed
        self.per_epoch = -(-count // size)

    def epoch(self, number: int, skip: int) -> Iterator[torch.Tensor]:
        """The batches (B,) of an epoch without the first `skip`; each row once."""
        order = np.random.default_rng((self._seed, number)).permutation(self._count)
        yield from list(torch.from_numpy(order).split(self._size))[skip:]


def identity(what: str, *tensors: torch.Tensor) -> str:
    """Equal for the same description and the same tensors, in shape and values; see `loop.Task`."""
    digest = hashlib.sha256(what.encode())
    for tensor in tensors:
        digest.update(str(tuple(tensor.shape)).encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
