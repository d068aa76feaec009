"""Emoji as a modality: the vectors of a post's emoji side by side, for an attention to join.

numbers (B, F) of emoji, 0 for none --rows of a table that does not learn--> vectors (B, F * D)

The table has what is known of each emoji beforehand, its name as the built-in text network reads it and perhaps a
vector from a file such as emoji2vec, so an emoji that no training post has is known too.

Source: Illendula and Sheth 2019, "Multimodal Emotion Classification", whose emoji vectors were learnt elsewhere too;
vectors by names are as in Eisner et al. 2016, "emoji2vec".
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from feelscope.encoders.emoji_vectors import join, reduce
from feelscope.encoders.further.emoji import Emoji
from feelscope.encoders.further_encoder import FurtherEncoder

WIDTH = 100  # D at most, of an emoji's vector; ours


class EmojiEncoder(FurtherEncoder):
    """Posts to numbers of emoji (N, F), and these to vectors (B, F * D).

    Args:
        modality: All emoji that may be known; those without a vector are not.
        parts: Vectors of emoji, of one width each; what is known of an emoji is all of them, joined.
    """

    def __init__(self, modality: Emoji, parts: Sequence[Mapping[str, np.ndarray]]):
        emoji = [one for one in modality.emoji if any(one in part for part in parts)]
        self.modality = modality.only(emoji)
        self._table = torch.from_numpy(reduce(join(emoji, parts), WIDTH))  # (E, D)
        self.width = self.modality.width * self._table.shape[1]

    @property
    def served_width(self) -> int:
        """F: the table of vectors is in `fusion.onnx`."""
        return self.modality.width

    def embedder(self) -> nn.Module:
        """A new embedder of numbers (B, F)."""
        return EmojiRows(self._table)

    def describe(self, embedder: nn.Module) -> str:
        """How many emoji are known, and how those of a post are joined."""
        known, width = self._table.shape
        return f"vectors of {known:,} emoji (width {width}), taken out of the words and joined by an attention"


class EmojiRows(nn.Module):
    """Numbers (B, F) of emoji to their vectors side by side (B, F * D), zeros for 0.

    Args:
        table: (E, D); the first row is that of the number 1.

    Attributes:
        width: D.
    """

    def __init__(self, table: torch.Tensor):
        super().__init__()
        self.width = table.shape[1]
        self.register_buffer("table", torch.cat([torch.zeros(1, table.shape[1]), table]))  # (E + 1, D)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """(B, F) to (B, F * D)."""
        table = self.get_buffer("table")
        return table[numbers.long()].flatten(1)  # (B, F, D) -> (B, F * D)
