"""What an autoencoder has to beat: principal components, the mean picture, the nearest training picture.

All are fitted on the training pictures, and give an error for each held-out one. Components are cut to 0..1, as any
picture is, which can only help them.
"""

import torch

from feelscope.models.emoji_autoencoder import principal_components

_AT_ONCE = 256  # pictures that are compared at a time


def components_errors(training: torch.Tensor, held_out: torch.Tensor, *counts: int) -> list[torch.Tensor]:
    """The mean squared error (M,) of held-out pictures from so many principal components of the training pictures.

    Args:
        training, held_out: float (N, 4, 36, 36) and (M, 4, 36, 36), 0 to 1.
        counts: Numbers of components; one result for each.
    """
    mean, components, _ = principal_components(training.flatten(1), max(counts))  # (D,), (K, D)
    rows = held_out.flatten(1)  # (M, D)
    errors = []
    for first in (components[:count] for count in counts):
        again = ((rows - mean) @ first.T @ first + mean).clamp(0, 1)  # (M, D)
        errors.append((again - rows).square().mean(dim=1))
    return errors


def mean_errors(training: torch.Tensor, held_out: torch.Tensor) -> torch.Tensor:
    """The same of the mean training picture."""
    return (held_out - training.mean(dim=0)).square().mean(dim=(1, 2, 3))


def nearest_errors(training: torch.Tensor, held_out: torch.Tensor) -> torch.Tensor:
    """The same of the nearest training picture, which is no code: how much a split lets leak."""
    rows, known = held_out.flatten(1), training.flatten(1)
    squares = known.square().sum(dim=1)  # (N,)
    nearest = [
        (part.square().sum(dim=1, keepdim=True) - 2 * part @ known.T + squares).min(dim=1).values
        for part in rows.split(_AT_ONCE)
    ]
    return torch.cat(nearest).clamp(min=0) / rows.shape[1]
