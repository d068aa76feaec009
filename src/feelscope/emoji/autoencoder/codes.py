"""Codes to draw from: the author's grids, a walk between two emoji, samples by the inverse normal distribution.

Source: Wolf 2017, "Neurally embedded emojis", "Generate emojis" and "Convolutional variational autoencoders". His
grids are for 16 numbers; of another width, A has two halves and B and C repeat. His percentiles, 0 to 1, begin and end
at infinity; ours are the middles of N equal parts. He gives all numbers of a code the same percentile; ours are
shuffled for each number.
"""

import torch

from feelscope.config import did_you_mean, shown
from feelscope.errors import ConfigError

GRIDS = ("A", "B", "C")
TICKS, EXTENT = 20, 2.0  # values along each side of a grid, from -2 to 2


def grid(kind: str, width: int, ticks: int = TICKS) -> torch.Tensor:
    """The codes (ticks, ticks, Z) of a grid over [-2, 2]: A is aaaa..bbbb.., B is abab.., C is aabbaabb...

    Raises:
        ConfigError: There is no such grid.
    """
    if kind not in GRIDS:
        raise ConfigError(f"{shown(kind)} is no grid; {did_you_mean(kind, GRIDS)}")
    place = torch.arange(width)
    second = {"A": place >= (width + 1) // 2, "B": place % 2 == 1, "C": place % 4 >= 2}[kind]  # (Z,)
    axis = torch.linspace(-EXTENT, EXTENT, ticks)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")  # (ticks, ticks) each
    return torch.where(second, columns[..., None], rows[..., None])  # (ticks, ticks, Z)


def walk(start: torch.Tensor, end: torch.Tensor, steps: int) -> torch.Tensor:
    """Codes (steps, Z) in a straight line from one code (Z,) to another, both included."""
    return torch.lerp(start, end, torch.linspace(0, 1, steps)[:, None])


def samples(count: int, width: int, seed: int) -> torch.Tensor:
    """Codes (N, Z) whose numbers are spread as a standard normal distribution is: each column has every percentile."""
    generator = torch.Generator().manual_seed(seed)
    percentiles = (torch.arange(count, dtype=torch.float64) + 0.5) / count  # (N,)
    columns = [percentiles[torch.randperm(count, generator=generator)] for _ in range(width)]
    return torch.special.ndtri(torch.stack(columns, dim=1)).float()
