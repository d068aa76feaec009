"""Whether a generator copies: the training pictures that are nearest to what it draws.

Nearest in pixels, as the paper looks at it. A single distance says little, so it is set beside that of training
pictures to the nearest other one: a generator whose pictures are much nearer copies.

Source: Radford, Metz and Chintala 2016, section 4.1, for the question; the ratio is ours.
"""

from dataclasses import dataclass

import torch

_AT_ONCE = 1024  # training pictures that are compared at a time


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
    asked = pictures.flatten(1).float()  # (N, D)
    squares = asked.square().sum(dim=1, keepdim=True)  # (N, 1)
    best = torch.full((len(asked),), torch.inf)
    rows = torch.zeros(len(asked), dtype=torch.long)
    for first in range(0, len(training), _AT_ONCE):
        known = training[first : first + _AT_ONCE].flatten(1).float()  # (B, D)
        found = squares - 2 * asked @ known.T + known.square().sum(dim=1)  # (N, B)
        if themselves is not None:
            within = (themselves >= first) & (themselves < first + len(known))
            found[within, themselves[within] - first] = torch.inf
        least = found.min(dim=1)
        rows = torch.where(least.values < best, least.indices + first, rows)
        best = torch.minimum(best, least.values)
    return Nearest(rows, (best.clamp(min=0) / asked.shape[1]).sqrt())
