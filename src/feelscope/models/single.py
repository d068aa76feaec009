"""One modality alone: a linear layer on its vector; `text_only`, `image_only` and the models of `late` are made of it.

    vector (B, D) -> linear -> logits (B, K)

Source: Duong, Lebret, Aberer 2017, equations 5 and 6.
Relations: every fusion of the family is measured against it. A post that lacks the modality gets the bias alone,
about how frequent each emotion is.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.models.presence import zeros_where_absent


class SingleModality(nn.Module):
    """Vectors of one modality to logits over K emotions.

    Args:
        name: Of the modality; whatever else a post has is not looked at.
        width: Of its vectors.
    """

    def __init__(self, name: str, width: int, emotions: int):
        super().__init__()
        self.name = name
        self.head = nn.Linear(width, emotions)

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes of the same, (B, D): the vector itself."""
        return zeros_where_absent(vectors[self.name], present[self.name])

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K)."""
        return self.head(self.features(vectors, present))  # (B, K)
