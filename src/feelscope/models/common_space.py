"""Common space fusion: joint fusion whose training also brings the modalities of one post together.

    text (B, D), image -> projected (B, D) --> joint's pooling and layers --> logits (B, K)
         \\           /
          distances (B,) of a post's own pair, small, and to texts of other emotions (B, g), large

The network is joint's; the second task is a loss (`objectives/common_space.py`, equations 13 and 14), and this file
gives it the vectors in the common space.

Source: Duong, Lebret, Aberer 2017, section 4.3.
Relations: `joint` without the second task. Prefer this one where posts lack a modality: a picture alone then lands
where the words of such posts are, and the layers above know that place. The price is what one modality has and the
other lacks.
"""

from collections.abc import Mapping

import torch
from torch import nn

from feelscope.models.joint import JointFusion
from feelscope.models.settings import DUONG


class CommonSpaceFusion(nn.Module):
    """Vectors of any modalities to logits over K emotions; arguments and errors as of `JointFusion`."""

    source = DUONG

    def __init__(
        self, widths: Mapping[str, int], emotions: int, hidden: int, pooling: str = "max", activation: str = "none"
    ):
        super().__init__()
        self.joint = JointFusion(widths, emotions, hidden, pooling, activation)

    @property
    def anchor(self) -> str:
        """The modality whose space is the common one, and of which negatives are drawn: the first named, the text."""
        return self.joint.names[0]

    def in_common_space(self, vectors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Vectors (B, D), by modality, of one width."""
        return {name: self.joint.projected(name, vectors[name]) for name in self.joint.names}

    def features(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """What the last layer takes, (B, H), of the same."""
        return self.joint.features(vectors, present)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Vectors (B, D) and presence (B,), 1 or 0, by modality, to logits (B, K)."""
        return self.joint(vectors, present)

    def describe(self) -> str:
        """What it is, for people, by its layers."""
        return (
            f"common space fusion: {self.joint.describe_space()}; the training brings the vectors of one post together"
        )
