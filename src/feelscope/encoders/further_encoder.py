"""Tags or numbers as a modality of their own: their vectors are what `encoders.further` makes of a post."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import further
from feelscope.encoders.encoder import Encoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.post import Post
from feelscope.progress import Progress


class FurtherEncoder(Encoder):
    """Posts to vectors (N, F).

    Args:
        kind: As `further.fit` takes it.
        posts: Of the training.

    Raises:
        ConfigError, TableError: There is no such kind, or the posts have nothing of it.
    """

    def __init__(self, kind: str, posts: Sequence[Post]):
        self.modality: further.Modality = further.fit(kind, posts)
        self.width = self.modality.width

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, F), zeros for posts without, and presence (N,)."""
        vectors = [self.modality.vector(post) for post in posts]
        present = torch.tensor([float(vector is not None) for vector in vectors])
        nothing = np.zeros(self.modality.width, np.float32)
        rows = [nothing if vector is None else vector for vector in vectors]
        return torch.from_numpy(np.stack(rows)) if rows else torch.zeros(0, self.modality.width), present

    def embedder(self) -> nn.Module:
        """A new embedder of vectors (B, F): it leaves them as they are."""
        return FixedVectors(self.width, normalise=False, dropout=0.0)

    def describe(self, embedder: nn.Module) -> str:
        """How many numbers are known of a post."""
        return f"a vector of width {self.width}"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write nothing: labels.json has it all; the embedder is left."""
        return embedder
