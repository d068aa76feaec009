"""Gated fusion: for each feature, how much to believe the words and how much the picture.

Both vectors are projected to one width. A missing modality is replaced by a learnt vector of its own, so that
posts with only words, only a picture, or both go through the same weights.

    text  (B, 384)  -> norm, dropout, linear -> t (B, D) --\\
                                                            gate g = sigmoid(W [t; i]) (B, D)
    image (B, 1280) -> norm, dropout, linear -> i (B, D) --/
    h = g * t + (1 - g) * i (B, D) -> GELU, norm, dropout, linear -> logits (B, K)

Source: Arevalo et al. 2017, "Gated Multimodal Units", equations 1-5, with the stand-in vectors, normalisation and
the place of the non-linearity (after the sum) ours.
Relations: of two modalities only, unlike `joint`, as one gate says how much of each; for three, every gate would need
weights of its own and the two-modal weights would have no place among them. Prefer it where there is enough data to
learn the gate.
"""

from collections.abc import Mapping

import torch
from torch import nn


class GatedFusion(nn.Module):
    """Text and image vectors to logits over K emotions."""

    source = 'Arevalo et al. 2017, "Gated Multimodal Units"'

    def __init__(self, text_width: int, image_width: int, emotions: int, width: int, dropout: float):
        super().__init__()
        self.text = nn.Sequential(nn.LayerNorm(text_width), nn.Dropout(dropout), nn.Linear(text_width, width))
        self.image = nn.Sequential(nn.LayerNorm(image_width), nn.Dropout(dropout), nn.Linear(image_width, width))
        self.absent = nn.Parameter(torch.randn(2, width) * 0.02)
        self.gate = nn.Linear(2 * width, width)
        self.head = nn.Sequential(nn.GELU(), nn.LayerNorm(width), nn.Dropout(dropout), nn.Linear(width, emotions))

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes, (B, D), of the same."""
        t = _present(self.text(vectors["text"]), present["text"], self.absent[0])  # (B, D)
        i = _present(self.image(vectors["image"]), present["image"], self.absent[1])  # (B, D)
        gate = torch.sigmoid(self.gate(torch.cat([t, i], dim=1)))  # (B, D)
        return self.head[:-1](gate * t + (1 - gate) * i)  # (B, D)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """`text` (B, 384) and `image` (B, 1280), and presence (B,) of each, 1 or 0, to logits (B, K)."""
        return self.head[-1](self.features(vectors, present))  # (B, K)

    def describe(self) -> str:
        """What it is, for people, by its layers."""
        return (
            f"gated fusion: both projected to width {self.gate.out_features:,} and mixed by a learnt gate, a missing "
            "modality replaced by a learnt vector, then GELU and a linear layer"
        )


def _present(vectors: torch.Tensor, present: torch.Tensor, stand_in: torch.Tensor) -> torch.Tensor:
    """Vectors (B, D) where `present` (B,) is 1, the stand-in (D,) elsewhere."""
    return torch.where(present.unsqueeze(1) > 0.5, vectors, stand_in)  # (B, D)
