"""Early fusion: the vectors of all modalities side by side, as one long vector of the post.

    text (B, D), image (B, E), ... -> concatenate -> (B, D + E + ...) -> linear -> (B, H) -> linear -> logits (B, K)

Source: Duong, Lebret, Aberer 2017, equation 3 and example 1; the hidden space is of section 5.4.
Relations: the plainest way to let weights see all modalities at once, and no vector has to be projected for it. A
missing modality is zeros, which no post of the training may have shown: prefer `joint`, or train with modality dropout,
where posts lack modalities.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.models.hidden import describe_layers, through_hidden_space
from feelscope.models.presence import zeros_where_absent
from feelscope.models.settings import DUONG


class EarlyFusion(nn.Module):
    """Vectors of any modalities to logits over K emotions.

    Args:
        widths: Of the vectors, by modality.
        hidden: Width H of the hidden space.
        activation: Of the hidden space; see `hidden.ACTIVATIONS`.
    """

    source = DUONG

    def __init__(self, widths: Mapping[str, int], emotions: int, hidden: int, activation: str = "none"):
        super().__init__()
        self.names = tuple(widths)
        self.head = through_hidden_space(sum(widths.values()), hidden, emotions, activation)

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes, (B, H), of the same."""
        together = torch.cat([zeros_where_absent(vectors[name], present[name]) for name in self.names], dim=1)
        return self.head[:-1](together)  # (B, D + E + ...) -> (B, H)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K)."""
        return self.head[-1](self.features(vectors, present))  # (B, K)

    def describe(self) -> str:
        """What it is, for people, by its layers."""
        width = self.head[0].in_features
        return f"early fusion: the vectors side by side ({width:,} numbers), then {describe_layers(self.head)}"
