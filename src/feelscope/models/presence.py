"""What a missing modality is worth, whatever its vector holds."""

import torch


def zeros_where_absent(vectors: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Vectors (B, D) where `present` (B,) is 1, zeros elsewhere."""
    return torch.where(present.unsqueeze(1) > 0.5, vectors, torch.zeros_like(vectors))  # (B, D)
