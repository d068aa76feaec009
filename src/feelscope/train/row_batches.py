"""Batches of row numbers, for tasks whose data are tensors in memory."""

import hashlib
from collections.abc import Iterator

import numpy as np
import torch

_POOL = 20  # batches; ours


class RowBatches:
    """Batches of row numbers in an order that the seed and the epoch decide.

    Args:
        count: Rows.
        size: Of a batch; one of an epoch may be smaller.
        lengths: Of the rows (N,), for batches of rows that are about as long, so that little is computed of padding:
            of every `_POOL` batches' rows, the shortest come together, and so on.
    """

    def __init__(self, count: int, size: int, seed: int, lengths: np.ndarray | None = None):
        self._count, self._size, self._seed, self._lengths = count, size, seed, lengths
        self.per_epoch = -(-count // size)

    def epoch(self, number: int, skip: int) -> Iterator[torch.Tensor]:
        """The batches (B,) of an epoch without the first `skip`; each row once."""
        draws = np.random.default_rng((self._seed, number))
        order = draws.permutation(self._count)
        if self._lengths is None:
            yield from list(torch.from_numpy(order).split(self._size))[skip:]
            return
        batches = by_length(order, self._lengths[order], self._size, _POOL, draws)
        yield from [torch.from_numpy(batch) for batch in batches[skip:]]


def by_length(
    order: np.ndarray, lengths: np.ndarray, size: int, pool: int, draws: np.random.Generator
) -> list[np.ndarray]:
    """Batches of rows of about one length, so that little is computed of padding, and in no order of length.

    Args:
        order: The rows in an order that was drawn, (N, ...).
        lengths: Of each of them, (N,).
        size: Of a batch; one may be smaller.
        pool: As many batches' rows are sorted together; the more, the less padding, and the more alike is what comes
            together from epoch to epoch.
    """
    batches: list[np.ndarray] = []
    for at in range(0, len(order), pool * size):
        rows = order[at : at + pool * size]
        rows = rows[np.argsort(lengths[at : at + pool * size], kind="stable")]
        batches += [rows[first : first + size] for first in range(0, len(rows), size)]
    return [batches[place] for place in draws.permutation(len(batches))]


def identity(what: str, *tensors: torch.Tensor) -> str:
    """Equal for the same description and the same tensors, in shape and values; see `loop.Task`."""
    digest = hashlib.sha256(what.encode())
    for tensor in tensors:
        digest.update(str(tuple(tensor.shape)).encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
