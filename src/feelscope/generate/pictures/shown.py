"""Pictures to learn to draw, and what each would be asked for by."""

from dataclasses import dataclass

import torch

from feelscope.train.row_batches import identity


@dataclass(frozen=True, slots=True)
class ShownPictures:
    """N pictures.

    Args:
        pixels: uint8 (N, 3, S, S).
        conditions: float (N, F), each of length 1; (N, 0) where nothing is asked for.
        emotions: Of the F columns, where an emotion is asked for.
        source: Where they are from, for people.
        reader: Identity of the network that reads texts, where a text is asked for.
    """

    pixels: torch.Tensor
    conditions: torch.Tensor
    source: str
    emotions: tuple[str, ...] = ()
    reader: str = ""

    @property
    def digest(self) -> str:
        """Equal for equal pictures and conditions."""
        return identity("shown", self.pixels, self.conditions)

    def __len__(self) -> int:
        return len(self.pixels)
