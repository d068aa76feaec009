"""Texts by a frozen sentence encoder: it reads each text once, and its vectors are kept on disk."""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.feature_cache import KeptRows
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.family.sentence_encoders import SentenceEncoder
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.train.fusion_recipe import FusionRecipe

_TEXTS_AT_ONCE = 16
_VERSION = 1  # raise it when what is done to token ids changes


class SentenceInput:
    """Texts to sentence vectors (N, D).

    Args:
        encoder: Its tokenizer is used as a saved model will use it.
        cache: Where the vectors are kept.
    """

    def __init__(self, encoder: SentenceEncoder, recipe: FusionRecipe, cache: Path):
        self._encoder, self._recipe = encoder, recipe
        self.width, self.tokens, self.pairs = encoder.width, encoder.length, encoder.pairs
        with tempfile.TemporaryDirectory() as scratch:
            encoder.write_tokenizer(Path(scratch) / "tokenizer.json")
            self._tokenizer = Tokenizer(Path(scratch) / "tokenizer.json", encoder.length, encoder.pairs)
        self._kept: KeptRows[list[int], list[int]] = KeptRows(
            cache,
            f"sentences-v{_VERSION}-{encoder.identity}",
            (self.width,),
            np.float32,
            key=lambda ids: hashlib.sha256(np.array(ids, np.int32).tobytes()).hexdigest(),
            read=list,
            compute=encoder.run,
            per_step=_TEXTS_AT_ONCE,
        )

    def encode(
        self,
        posts: Sequence[Post],
        progress: Progress,
        refuse: Callable[..., None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, D), zeros without words, and presence (N,)."""
        found = [self._tokenizer(post).ids if post.has_text else [] for post in posts]
        worded = [row for row, ids in enumerate(found) if any(ids)]
        kept = self._kept.rows(
            [found[row] for row in worded], lambda done, total: progress("reading texts", done, total, ""), refuse
        )
        vectors, present = torch.zeros(len(posts), self.width), torch.zeros(len(posts))
        vectors[worded] = torch.from_numpy(self._kept.array()[kept])  # (N, D)
        present[worded] = 1.0
        return vectors, present

    def reader(self) -> nn.Module:
        """A new reader of vectors (B, D)."""
        return FixedVectors(self.width, normalise=self._recipe.normalise, dropout=self._recipe.text_dropout)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx and tokenizer.json; the reader is left for the fusion."""
        self._encoder.write(folder)
        self._encoder.write_tokenizer(folder / "tokenizer.json")
        return reader
