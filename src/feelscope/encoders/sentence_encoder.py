"""Texts by a frozen sentence network: it reads each text once, and its vectors are kept on disk.

text --tokenizer--> token ids --network, once a text, kept on disk--> (N, D) --normalise, dropout--> (B, D)
"""

import hashlib
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoder import TextEncoder
from feelscope.encoders.feature_cache import FeatureCache, Refuse
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.sentence_networks import SentenceNetwork
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.post import Post
from feelscope.progress import Progress

_TEXTS_AT_ONCE = 16
_VERSION = 1  # raise it when what is done to token ids changes


class SentenceEncoder(TextEncoder):
    """Texts to sentence vectors (N, D).

    Args:
        network: Its tokenizer is used as a saved model will use it.
        cache: The folder of the feature cache.
    """

    def __init__(self, network: SentenceNetwork, settings: TextSettings, cache: Path):
        self._network, self._settings = network, settings
        self.width, self.tokens, self.pairs = network.width, network.length, network.pairs
        self.reading = settings.reading
        with tempfile.TemporaryDirectory() as scratch:
            network.write_tokenizer(Path(scratch) / "tokenizer.json")
            self._tokenizer = Tokenizer(
                Path(scratch) / "tokenizer.json", network.length, network.pairs, settings.reading
            )
        self._cache: FeatureCache[list[int], list[int]] = FeatureCache(
            cache,
            f"sentences-v{_VERSION}-{network.identity}",
            (self.width,),
            np.float32,
            key=lambda ids: hashlib.sha256(np.array(ids, np.int32).tobytes()).hexdigest(),
            read=list,
            compute=network.run,
            per_step=_TEXTS_AT_ONCE,
        )

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, D), zeros without words, and presence (N,)."""
        texts = [self._tokenizer(post).ids if post.has_text else [] for post in posts]
        worded = [position for position, ids in enumerate(texts) if any(ids)]
        rows = self._cache.rows(
            [texts[position] for position in worded],
            partial(progress, "reading texts"),
            lambda number, error: refuse(worded[number], error),
        )
        vectors, present = torch.zeros(len(posts), self.width), torch.zeros(len(posts))
        vectors[worded] = torch.from_numpy(self._cache.array()[rows])  # (N, D)
        present[worded] = 1.0
        return vectors, present

    def embedder(self) -> nn.Module:
        """A new embedder of vectors (B, D)."""
        return FixedVectors(self.width, normalise=self._settings.normalise, dropout=self._settings.dropout)

    def describe(self, embedder: nn.Module) -> str:
        """The network, which did not learn."""
        return f"{self._network.title}, frozen"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx and tokenizer.json; the embedder is left for the fusion."""
        self._network.write(folder)
        self._network.write_tokenizer(folder / "tokenizer.json")
        return embedder
