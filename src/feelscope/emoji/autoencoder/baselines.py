"""What an autoencoder has to beat: principal components, the mean picture, the nearest training picture.

All are fitted on the training pictures, and give an error for each held-out one; `errors_by_method` sums them up.
Components are cut to 0..1, as any picture is, which can only help them.
"""

import numpy as np
import torch

from feelscope.metrics.intervals import draw, interval
from feelscope.models.emoji_autoencoder import principal_components

_AT_ONCE = 256  # pictures that are compared at a time
_RESAMPLES = 2000  # of base forms, for intervals


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


def errors_by_method(
    found: torch.Tensor, training: torch.Tensor, held_out: torch.Tensor, bases: list[str]
) -> dict[str, tuple[float, float, float]]:
    """The mean squared error on held-out pictures, of an autoencoder and of what it has to beat, and a difference.

    Args:
        found: (M,), the autoencoder's error of each.
        training, held_out: float (N, 4, 36, 36) and (M, 4, 36, 36), 0 to 1.
        bases: The base form of each of the M.

    Returns:
        By method the mean and its 95% interval, over base forms drawn with replacement.
    """
    few, more = components_errors(training, held_out, 16, 32)
    errors = {
        "autoencoder": found,
        "PCA, 16 components": few,
        "PCA, 32 components": more,
        "mean picture": mean_errors(training, held_out),
        "autoencoder less PCA, 32 components": found - more,
        "nearest training picture": nearest_errors(training, held_out),
    }
    return {name: mean_over_bases(values.numpy(), bases) for name, values in errors.items()}


def mean_over_bases(errors: np.ndarray, bases: list[str]) -> tuple[float, float, float]:
    """The mean of errors (M,) and its 95% interval; whole base forms are drawn, as their pictures are alike.

    Errors that are no numbers, of infinite codes, are left out.
    """
    is_number = np.isfinite(errors)
    if not is_number.any():
        return (float("nan"),) * 3
    _, group = np.unique(np.array(bases)[is_number], return_inverse=True)
    sums, counts = np.bincount(group, errors[is_number]), np.bincount(group)  # (G,) each
    draws = draw(len(sums), _RESAMPLES)  # (R + 1, G), the first of them the groups as they are
    means = (draws @ sums) / (draws @ counts)
    return (float(means[0]), *interval(means[1:]))
