"""What an image embedder has to do besides making vectors, so that transformations can teach it (`objectives/enaet`).

    inputs (P, ...) --views--> several (P, C, H, W) of each picture, which its layers take
    (P, C, H, W) --maps--> (P, C', H', W'), of which decoders tell the transformation --pooled--> vectors (P, D)

`forward` of an embedder is `opened`, `maps` and `pooled` in turn, and zeros for posts without a picture. These methods
are given posts with a picture alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class Views:
    """Several views of P pictures, each float32 (P, C, H, W), what the layers that learn take.

    Args:
        augmented: Ordinary views, whose answers should agree; a transformation is told from the first one.
        transformed: By family, the transformed view and the targets, float32 (P, targets of the family).
        mosaic: Another view, part of which is a square of its mean colour; None where none is asked for.
    """

    augmented: tuple[torch.Tensor, ...]
    transformed: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    mosaic: torch.Tensor | None = None


@runtime_checkable
class Transforming(Protocol):
    """An image embedder that learns, of which transformations can be asked.

    Args:
        reader_width: Of the vectors of readers.
    """

    reader_width: int

    def opened(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs (P, ...), as `encode` or `augment` gave them, to what the layers that learn take, (P, C, H, W)."""

    def views(
        self, inputs: torch.Tensor, families: Sequence[str], draws: np.random.Generator, *, mosaic: bool
    ) -> Views:
        """Views of pictures whose inputs are as `encode` gave them."""

    def maps(self, opened: torch.Tensor) -> torch.Tensor:
        """(P, C, H, W) to what decoders read, (P, C', H', W')."""

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        """What decoders read, to vectors (P, D)."""

    def reader(self) -> nn.Module:
        """A new reader for a decoder: maps (P, C', H', W') to vectors (P, `reader_width`)."""
