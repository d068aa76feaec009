"""Tags, emoji or numbers as a modality of their own: their vectors are what `modalities` makes of a post."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import further as modalities
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.post import Post
from feelscope.progress import Progress


class FurtherInput:
    """Posts to vectors (N, F).

    Args:
        kind: As `modalities.fit` takes it.
        posts: Of the training.

    Raises:
        ConfigError, TableError: There is no such kind, or the posts have nothing of it.
    """

    def __init__(self, kind: str, posts: Sequence[Post]):
        self.modality = modalities.fit(kind, posts)
        self.width = self.modality.width

    def encode(
        self,
        posts: Sequence[Post],
        progress: Progress,
        refuse: Callable[..., None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, F), zeros for posts without, and presence (N,)."""
        found = [self.modality.vector(post) for post in posts]
        nothing = np.zeros(self.width, np.float32)
        rows = [nothing if vector is None else vector for vector in found]
        vectors = torch.from_numpy(np.stack(rows)) if rows else torch.zeros(0, self.width)
        return vectors, torch.tensor([float(vector is not None) for vector in found])

    def reader(self) -> nn.Module:
        """A new reader of vectors (B, F): it leaves them as they are."""
        return FixedVectors(self.width, normalise=False, dropout=0.0)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write nothing: labels.json has it all; the reader is left."""
        return reader
