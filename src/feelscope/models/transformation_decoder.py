"""Transformation decoder: from the features of a picture and of the same picture transformed, what was done to it.

    features of x (B, ...)    --reader--> (B, D) --\\
                                                    concatenated (B, 2 D) --linear--> targets (B, T)
    features of t(x) (B, ...) --reader--> (B, D) --/

Each family of transformations has its own decoder, with a reader of its own: one that all share learns nothing, says
the released code. What the decoder cannot tell from the features the encoder has to learn.

Source: "EnAET", arXiv 1911.09265, section 3.2, and its released code: the reader is a copy of the last group of the
network, the linear layer starts with a bias of zero.
Relations: the features come from `encoders.wide_resnet`, or from any encoder whose features learn.
"""

from collections.abc import Callable, Mapping

import torch
from torch import nn


class TransformationDecoder(nn.Module):
    """Features of two pictures to the parameters of the transformation between them.

    Args:
        reader: Features (B, ...) to vectors (B, D), for both pictures.
        width: D.
        targets: T.
    """

    def __init__(self, reader: nn.Module, width: int, targets: int):
        super().__init__()
        self.reader = reader
        self.tell = nn.Linear(2 * width, targets)
        nn.init.zeros_(self.tell.bias)

    def forward(self, plain: torch.Tensor, transformed: torch.Tensor) -> torch.Tensor:
        """Features (B, ...) each, to targets (B, T)."""
        return self.tell(torch.cat([self.reader(plain), self.reader(transformed)], dim=1))


def decoders(targets: Mapping[str, int], reader: Callable[[], nn.Module], width: int) -> nn.ModuleDict:
    """A decoder for each family.

    Args:
        targets: T by family.
        reader: Makes a new reader, with weights of its own.
        width: D.
    """
    return nn.ModuleDict({name: TransformationDecoder(reader(), width, count) for name, count in targets.items()})
