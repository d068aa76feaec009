"""The maximum or the mean of what is there: of a text's known words, of a post's modalities.

    vectors (B, N, D), there (B, N, 1) -> over the N, component by component, what is not there left out -> (B, D)

Source: Duong, Lebret, Aberer 2017, equations 8 and 9 (words) and 10 (modalities).
"""

from collections.abc import Callable

import torch

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError

Pooling = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def max_of_present(vectors: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """The maximum of each component: vectors (B, N, D), there (B, N, 1), to (B, D); zeros where none is there."""
    greatest = torch.where(there, vectors, torch.full_like(vectors, -torch.inf)).amax(dim=1)  # (B, D)
    return torch.where(there.any(dim=1), greatest, torch.zeros_like(greatest))  # (B, D)


def mean_of_present(vectors: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """The mean of each component: vectors (B, N, D), there (B, N, 1), to (B, D); zeros where none is there."""
    total = torch.where(there, vectors, torch.zeros_like(vectors)).sum(dim=1)  # (B, D)
    return total / there.sum(dim=1).clamp(min=1)  # (B, D)


POOLINGS: dict[str, Pooling] = {"max": max_of_present, "mean": mean_of_present}


def find_pooling(name: str) -> Pooling:
    """The pooling of a name.

    Raises:
        ConfigError: None has it.
    """
    if name not in POOLINGS:
        raise ConfigError(f"no pooling is named {name!r}; {did_you_mean(name, POOLINGS)}")
    return POOLINGS[name]


def name_of(pooling: Pooling) -> str:
    """What a pooling is called, for people."""
    called: dict[Pooling, str] = {max_of_present: "maximum", mean_of_present: "mean"}
    return called[pooling]
