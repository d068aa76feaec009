"""What every encoder of a modality does: from posts to tensors, to an embedder that is trained, to a saved network.

    posts --encode--> inputs (N, ...), presence (N,) --embedder, a module of the network--> vectors (B, D) --> a fusion

What never changes in a training is done once, in `encode`; what learns is the embedder's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn

from feelscope.encoders.feature_cache import Refuse
from feelscope.post import Post
from feelscope.progress import Progress


@dataclass(frozen=True, slots=True)
class Resources:
    """The files that encoders are made of, and where their outputs are kept.

    Args:
        cache: The folder of the feature caches; made if missing.
        words: A file of word vectors, for a recipe that reads words by them.
        weights: A folder with the encoders' published weights; None looks in installed packages, then on the hub. Of a
            recipe with Inception also its file.
        emoji: A file of emoji vectors, for a recipe that reads emoji; None knows them by their names alone.
    """

    cache: Path
    words: Path | None = None
    weights: Path | None = None
    emoji: Path | None = None


class Encoder(Protocol):
    """One modality of a recipe; its vectors are `width` wide."""

    width: int

    @property
    def served_width(self) -> int:
        """F, how wide the vectors are that `fusion.onnx` is given of this modality."""
        return self.width

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """What the embedder takes of N posts, and presence (N,), 1 or 0.

        Returns:
            Vectors float32 (N, D), token ids int64 (N, T) padded with 0, or rows of a feature cache int32 (N, 1).
        """

    def embedder(self) -> nn.Module:
        """A new embedder of what `encode` gives: (B, ...) to vectors (B, D)."""

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        """What a training step sees in place of inputs (B, ...): another view of a picture, say."""
        return inputs

    def describe(self, embedder: nn.Module) -> str:
        """What reads the modality, for people, by what was built: part of a sentence, as "an LSTM over ..."."""

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write the modality's networks into a model folder; returns what is left to be done inside `fusion.onnx`.

        Args:
            posts: Of the training, to scale integers by.
        """


class TextEncoder(Encoder, Protocol):
    """An encoder of words, with what a saved model must know of its tokenizer."""

    tokens: int  # the most that are read of a post
    pairs: bool  # whether title and text are two sequences
    reading: str  # one of `tokenizer.READINGS`


class ImageEncoder(Encoder, Protocol):
    """An encoder of pictures."""

    size: int  # pixels a side of the square that a picture is brought to
