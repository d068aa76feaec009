"""An encoder of words, given posts without their emoji: where emoji are a modality, no words tell them too."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoder import TextEncoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.further.emoji import words_of
from feelscope.post import Post
from feelscope.progress import Progress


class WithoutEmoji(TextEncoder):
    """As the encoder, of the words alone.

    Args:
        encoder: Of words; what it learnt of posts before, a vocabulary say, is to be of `words_of` them too.
    """

    def __init__(self, encoder: TextEncoder):
        self._encoder = encoder
        self.width, self.tokens = encoder.width, encoder.tokens
        self.pairs, self.reading = encoder.pairs, encoder.reading

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """What the encoder makes of the words; a post of emoji alone has none."""
        return self._encoder.encode([words_of(post) for post in posts], progress, refuse)

    def embedder(self) -> nn.Module:
        """The encoder's."""
        return self._encoder.embedder()

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        """As the encoder does."""
        return self._encoder.augment(inputs, draws)

    def describe(self, embedder: nn.Module) -> str:
        """As the encoder does."""
        return self._encoder.describe(embedder)

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """The encoder's networks."""
        return self._encoder.write(folder, embedder, [words_of(post) for post in posts])
