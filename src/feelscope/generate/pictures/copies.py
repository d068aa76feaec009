"""Whether a generator copies: the training pictures that are nearest to what it draws.

Nearest in pixels, as the paper looks at it. A single distance says little, so it is set beside that of training
pictures to the nearest other one: a generator whose pictures are much nearer copies.

Source: Radford, Metz and Chintala 2016, section 4.1, for the question; the ratio is ours.
"""

from dataclasses import dataclass

import torch

_AT_ONCE = 256  # pictures that are compared at a time


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest training picture of each of N others.

    Args:
        rows: int (N,).
        distances: float (N,), root mean squared difference of their bytes.
    """

    rows: torch.Tensor
    distances: torch.Tensor


def nearest(pictures: torch.Tensor, training: torch.Tensor, *, themselves: torch.Tensor | None = None) -> Nearest:
    """The nearest of training pictures uint8 (M, 3, S, S) to each of others (N, 3, S, S).

    Args:
        themselves: int (N,): where the others are training pictures, their own rows, which do not count.
    """
    known = training.flatten(1).float()  # (M, D)
    squares = known.square().sum(dim=1)  # (M,)
    rows, distances = [], []
    for first in range(0, len(pictures), _AT_ONCE):
        some = pictures[first : first + _AT_ONCE].flatten(1).float()  # (B, D)
        found = some.square().sum(dim=1, keepdim=True) - 2 * some @ known.T + squares  # (B, M)
        if themselves is not None:
            found[torch.arange(len(some)), themselves[first : first + _AT_ONCE]] = torch.inf
        best = found.min(dim=1)
        rows.append(best.indices)
        distances.append((best.values.clamp(min=0) / known.shape[1]).sqrt())
    return Nearest(torch.cat(rows), torch.cat(distances))
