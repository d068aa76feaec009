"""Vectors that were computed once: what a training still does to them before a fusion sees them.

    vectors (B, D) -> each brought to mean 0 and deviation 1 over its D numbers, or left -> dropout -> (B, D)

The encoders' vectors are of very different size (a sentence of MiniLM about 0.3 a number, a picture of EfficientNet
0 to 6), and so would be the steps of one learning rate on both. Ours.
"""

import torch
from torch import nn

from feelscope.encoders.quick_dropout import QuickDropout


def scaling(width: int, normalise: bool) -> nn.Module:
    """Vectors (B, D) brought to mean 0 and deviation 1, each over its own numbers, or left as they are."""
    return nn.LayerNorm(width, elementwise_affine=False) if normalise else nn.Identity()


class FixedVectors(nn.Module):
    """Vectors to vectors of the same width.

    Args:
        width: D.
        normalise: Whether each vector is brought to mean 0 and deviation 1.
        dropout: Share of the numbers that a training step leaves out.
    """

    def __init__(self, width: int, *, normalise: bool, dropout: float):
        super().__init__()
        self.width = width
        self.steps = nn.Sequential(scaling(width, normalise), QuickDropout(dropout))

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Vectors (B, D) to vectors (B, D)."""
        return self.steps(vectors)  # (B, D)
