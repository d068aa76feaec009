"""Attention over the emoji of a post: the words say which of them count.

    text  (B, S)     -> linear -> query (B, H), or a learnt one where there are no words
    emoji (B, F * D) -> F vectors (B, F, D) -> linear -> keys (B, F, H)
    weights = softmax(query keys / sqrt(H)) over the emoji that are there (B, F)
    joined  = sum of weights * vectors (B, D), which a fusion takes like the vector of any modality

"so happy 😂😭": that it is 😂 and not 😭 that tells the emotion is for the words to say.

Source: Illendula and Sheth 2019, "Multimodal Emotion Classification": what an emoji means depends on the text. Their
form of it is not known to us; scaled dot products are those of Vaswani et al. 2017, and the learnt query is ours.
Relations: a fusion joins modalities, this joins what one modality has several of.
"""

from collections.abc import Mapping

import torch
from torch import nn

WIDTH = 64  # H; ours


class EmojiAttention(nn.Module):
    """The emoji of each post to one vector.

    Args:
        width: D, of an emoji's vector.
        text_width: S; 0 where words are not read.
    """

    def __init__(self, width: int, text_width: int):
        super().__init__()
        self.width = width
        self.query = nn.Linear(text_width, WIDTH) if text_width else None
        self.wordless = nn.Parameter(torch.randn(WIDTH) * 0.02)
        self.key = nn.Linear(width, WIDTH, bias=False)

    def weights(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """How much each emoji counts, (B, F): zeros where there is none, else summing to one over those there."""
        emoji = self._apart(vectors["emoji"])  # (B, F, D)
        query = self.wordless.expand(len(emoji), -1)  # (B, H)
        if self.query is not None:
            query = torch.where(present["text"].unsqueeze(1) > 0.5, self.query(vectors["text"]), query)  # (B, H)
        scores = (self.key(emoji) * query.unsqueeze(1)).sum(dim=2) / WIDTH**0.5  # (B, F)
        there = (emoji != 0).any(dim=2)  # (B, F)
        # The greatest is taken off, so that no exponential is infinite, and a post without emoji has no 0 / 0.
        scores = scores.masked_fill(~there, -1e4)
        counts = (scores - scores.amax(dim=1, keepdim=True)).exp() * there  # (B, F)
        return counts / counts.sum(dim=1, keepdim=True).clamp(min=1e-9)

    def forward(self, vectors: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """`emoji` (B, F * D), `text` (B, S) where words are read, and presence (B,), to (B, D)."""
        weights = self.weights(vectors, present).unsqueeze(2)  # (B, F, 1)
        return (weights * self._apart(vectors["emoji"])).sum(dim=1)  # (B, D)

    def _apart(self, emoji: torch.Tensor) -> torch.Tensor:
        return emoji.unflatten(1, (-1, self.width))  # (B, F * D) -> (B, F, D)
