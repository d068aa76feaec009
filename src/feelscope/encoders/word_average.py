"""Word vectors of a text aggregated to one: a lookup, dropout, then the mean or the maximum over the words.

    word ids (B, T) -> lookup -> (B, T, D) -> dropout -> mean or max over the known words -> (B, D)

Id 0 is padding and every unknown word, and is left out; a text of nothing else becomes zeros, and whoever asks must
say that it is absent. Words of the training posts may learn, further words of the file keep their vectors.

Source: Duong, Lebret, Aberer 2017, equations 7 to 9; dropout after the lookup is of section 5.4.
"""

import numpy as np
import torch
from torch import nn

from feelscope.encoders.fixed_vectors import scaling
from feelscope.encoders.pooling import find_pooling, name_of
from feelscope.encoders.quick_dropout import QuickDropout


class WordLookup(nn.Module):
    """Word ids (B, T) to their vectors (B, T, D).

    Args:
        table: float32 (V + 1, D); row 0 is for padding and unknown words.
        learnt: The first rows, as many as this, that may learn; the others never do.
        train: Whether they do.
        sparse: Whether gradients name only the words of a batch, as gradient descent without momentum can take them;
            the steps are the same, and much faster.
    """

    def __init__(self, table: np.ndarray, learnt: int, *, train: bool, sparse: bool = False):
        super().__init__()
        self.sparse = sparse
        self.vectors = nn.Parameter(torch.from_numpy(table[:learnt].copy()), requires_grad=train)  # (L, D)
        rest = table[learnt:] if learnt < len(table) else np.zeros((1, table.shape[1]), np.float32)
        self.rest: torch.Tensor
        self.register_buffer("rest", torch.from_numpy(rest.copy()))  # (V + 1 - L, D)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Ids (B, T) to vectors (B, T, D)."""
        learnt = len(self.vectors)
        own = nn.functional.embedding(ids.clamp(max=learnt - 1), self.vectors, sparse=self.sparse)  # (B, T, D)
        other = nn.functional.embedding((ids - learnt).clamp(min=0), self.rest)  # (B, T, D)
        return torch.where((ids < learnt).unsqueeze(2), own, other)  # (B, T, D)


class WordAverage(nn.Module):
    """Word ids to vectors of the width that the word vectors have.

    Args:
        table, learnt, train, sparse: As for `WordLookup`.
        dropout: Share of the numbers after the lookup that a training step leaves out.
        pooling: `mean` or `max`.
        normalise: Whether a text's vector is brought to mean 0 and deviation 1 over its D numbers.

    Raises:
        ConfigError: No pooling has this name.
    """

    def __init__(
        self,
        table: np.ndarray,
        learnt: int,
        *,
        train: bool,
        dropout: float,
        pooling: str,
        sparse: bool = False,
        normalise: bool = False,
    ):
        super().__init__()
        self.width = table.shape[1]
        self.lookup = WordLookup(table, learnt, train=train, sparse=sparse)
        self.dropout = QuickDropout(dropout)
        self.pool = find_pooling(pooling)
        self.scale = scaling(self.width, normalise)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Ids (B, T) to vectors (B, D)."""
        return self.scale(self.pool(self.dropout(self.lookup(ids)), (ids > 0).unsqueeze(2)))  # (B, D)

    def describe(self) -> str:
        """What it is, for people, up to the words it reads."""
        return f"the {name_of(self.pool)} of"
