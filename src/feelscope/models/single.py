"""One modality alone: a linear layer on its vector; `text_only`, `image_only` and the models of `late` are made of it.

    vector (B, D) --------------------------------------> linear -> logits (B, K)
    vector (B, D) -> linear, activation -> hidden (B, H) -> linear -> logits (B, K)    where there is an activation

Source: Duong, Lebret, Aberer 2017, equations 5 and 6; with a hidden layer, thesis of Hu 2017, A.3.2.
Relations: every fusion of the family is measured against it. A post that lacks the modality gets the bias alone,
about how frequent each emotion is.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.models.hidden import describe_layers, through_hidden_space
from feelscope.models.presence import zeros_where_absent
from feelscope.models.settings import DUONG


class SingleModality(nn.Module):
    """Vectors of one modality to logits over K emotions.

    Args:
        name: Of the modality; whatever else a post has is not looked at.
        width: Of its vectors.
        hidden: Width H of the hidden layer, where there is an activation.
        activation: See `hidden.ACTIVATIONS`; `none` has no hidden layer.

    Raises:
        ConfigError: No activation has this name.
    """

    source = DUONG

    def __init__(self, name: str, width: int, emotions: int, hidden: int = 0, activation: str = "none"):
        super().__init__()
        self.name = name
        layers = nn.Sequential(nn.Linear(width, emotions))
        if activation != "none":
            layers = through_hidden_space(width, hidden, emotions, activation)
        self.hidden, self.head = layers[:-1], layers[-1]

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes of the same: the vector itself (B, D), or the hidden layer (B, H)."""
        return self.hidden(zeros_where_absent(vectors[self.name], present[self.name]))

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K)."""
        return self.head(self.features(vectors, present))  # (B, K)

    def describe(self) -> str:
        """What it is, for people, by its layers."""
        return describe_layers(nn.Sequential(*self.hidden.children(), self.head))
