"""Joint fusion: every modality in one space, where they are pooled; what is missing is not in the pool.

    text  (B, D) ---------------------------------\\
    image (B, E) -> linear -> (B, D) --------------+--> max or mean over what is there -> post (B, D)
    tags  (B, F) -> linear -> (B, D), and so on --/     -> linear -> (B, H) -> linear -> logits (B, K)

The first modality named keeps its space and the others are projected into it: in the paper the picture, whose vector
is the longer one, into that of the words.

Source: Duong, Lebret, Aberer 2017, equations 10 and 11 (equation 12 is the cross entropy it is trained with); the
hidden space is of section 5.4.
Relations: as `early`, but a post with one modality is pooled from that one, so that it needs no stand-in. Nothing makes
the vectors of two modalities alike, and the classifier may lean on one: that is what `common_space` adds.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.encoders.pooling import find_pooling, name_of
from feelscope.models.hidden import describe_layers, through_hidden_space
from feelscope.models.settings import DUONG


class JointFusion(nn.Module):
    """Vectors of any modalities to logits over K emotions.

    Args:
        widths: Of the vectors, by modality; the first one's is the width of the common space.
        hidden: Width H of the hidden space.
        pooling: `max` or `mean`, over the modalities, component by component.
        activation: Of the hidden space; see `hidden.ACTIVATIONS`.

    Raises:
        ConfigError: No pooling or activation has this name.
    """

    source = DUONG

    def __init__(
        self, widths: Mapping[str, int], emotions: int, hidden: int, pooling: str = "max", activation: str = "none"
    ):
        super().__init__()
        first, *others = widths
        self.names = (first, *others)
        self.project = nn.ModuleDict({name: nn.Linear(widths[name], widths[first]) for name in others})
        self.pool = find_pooling(pooling)
        self.head = through_hidden_space(widths[first], hidden, emotions, activation)

    def projected(self, name: str, vectors: torch.Tensor) -> torch.Tensor:
        """Vectors (B, E) of a modality in the common space (B, D); those of the first are there already (eq. 11)."""
        return vectors if name == self.names[0] else self.project[name](vectors)

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes, (B, H), of the same."""
        side_by_side = torch.stack([self.projected(name, vectors[name]) for name in self.names], dim=1)  # (B, M, D)
        there = torch.stack([present[name] for name in self.names], dim=1).unsqueeze(2) > 0.5  # (B, M, 1)
        return self.head[:-1](self.pool(side_by_side, there))  # (B, D) -> (B, H)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K)."""
        return self.head[-1](self.features(vectors, present))  # (B, K)

    def describe(self) -> str:
        """What it is, for people, by its layers."""
        return f"joint fusion: {self.describe_space()}"

    def describe_space(self) -> str:
        """The common space and what follows it."""
        width, pooled = self.head[0].in_features, name_of(self.pool)
        return (
            f"the vectors in one space of width {width:,}, their {pooled} component by component, then "
            f"{describe_layers(self.head)}"
        )
