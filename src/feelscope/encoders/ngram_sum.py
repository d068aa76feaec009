"""N-grams of a text to one vector: the sum of a learnt vector for each, weighed by how telling it is.

    ids (B, T) -> weights idf (B, T) -> over the length of words' weights, of characters' weights -> dropout
    ids (B, T) -> lookup (B, T, D) -> weighed sum (B, D) -> brought to mean 0 and deviation 1, or left

A linear layer on the text's tf-idf vector, of which only the few rows are computed that the text has. All rows are
zeros at first, so that an n-gram that taught nothing says nothing.

Source: Salton and Buckley 1988 (weights); Joulin et al. 2017, "Bag of tricks" (the learnt sum); dropout of n-grams is
ours.
Relations: as `word_average`, but of n-grams that nobody trained before, in thousands: it tells pairs and spellings
apart, and knows nothing of words that the posts do not have.
"""

import torch
from torch import nn

from feelscope.encoders.fixed_vectors import scaling
from feelscope.encoders.quick_dropout import QuickDropout


class NGramSum(nn.Module):
    """Ids (B, T), each once and padded with 0, to vectors (B, D).

    Args:
        weights: Of the ids from 1 on, float32 (V,).
        words: How many of the ids, the first ones, are words and pairs; the others are characters.
        width: D.
        dropout: Share of the n-grams that a training step leaves out.
        normalise: Whether each vector is brought to mean 0 and deviation 1.
    """

    def __init__(self, weights: torch.Tensor, words: int, width: int, *, dropout: float, normalise: bool):
        super().__init__()
        self.width, self._words = width, words
        self.idf: torch.Tensor
        self.register_buffer("idf", torch.cat([torch.zeros(1), weights]))  # (V + 1,)
        self.vectors = nn.Parameter(torch.zeros(len(weights) + 1, width))  # (V + 1, D)
        self.dropout = QuickDropout(dropout)
        self.scale = scaling(width, normalise)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Ids (B, T) to vectors (B, D); zeros for ids of 0 alone."""
        weights = self.dropout(tfidf(self.idf[ids], ids <= self._words))  # (B, T)
        vectors = nn.functional.embedding(ids, self.vectors)  # (B, T, D)
        return self.scale((weights.unsqueeze(1) @ vectors).squeeze(1))  # (B, D)


def tfidf(idf: torch.Tensor, are_words: torch.Tensor) -> torch.Tensor:
    """Weights (B, T) of a text's n-grams, zero for padding, with words and characters each of length 1."""
    squares = idf.square()  # (B, T)
    words = (squares * are_words).sum(dim=1, keepdim=True)  # (B, 1)
    characters = (squares * ~are_words).sum(dim=1, keepdim=True)  # (B, 1)
    return idf / torch.where(are_words, words, characters).clamp(min=1e-12).sqrt()  # (B, T)
