"""Texts by a frozen sentence encoder: MiniLM reads each text once, and its vectors are kept on disk."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders import minilm
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.kept_rows import KeptRows, weights_digest
from feelscope.encoders.weights import find
from feelscope.encoders.words import Tokenizer
from feelscope.export import export_text
from feelscope.fusion_recipe import FusionRecipe
from feelscope.post import Post

_TEXTS_AT_ONCE = 16
_VERSION = 1  # raise it when what is done to token ids changes


class SentenceInput:
    """Texts to sentence vectors (N, 384).

    Args:
        weights: A folder with the published weights; None looks in installed packages, then on the hub.
        cache: Where the vectors are kept.
    """

    width = minilm.WIDTH

    def __init__(self, recipe: FusionRecipe, weights: Path | None, cache: Path):
        self._recipe = recipe
        self._encoder = minilm.MiniLM.pretrained(weights).eval()
        self._tokenizer_file = find("minilm-tokenizer", weights)
        self._tokenizer = Tokenizer(self._tokenizer_file, recipe.tokens)
        self._kept: KeptRows[list[int], list[int]] = KeptRows(
            cache,
            f"minilm-v{_VERSION}-{weights_digest(self._encoder)[:12]}",
            (self.width,),
            np.float32,
            key=lambda ids: hashlib.sha256(np.array(ids, np.int32).tobytes()).hexdigest(),
            read=list,
            compute=self._run,
            per_step=_TEXTS_AT_ONCE,
        )

    def encode(
        self,
        posts: Sequence[Post],
        progress: Callable[[str, int, int, str], None],
        refuse: Callable[..., None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors (N, 384), zeros without words, and presence (N,)."""
        worded = [row for row, post in enumerate(posts) if post.has_text]
        ids = [self._tokenizer(posts[row]).ids for row in worded]
        kept = self._kept.rows(ids, lambda done, total: progress("reading texts", done, total, ""), refuse)
        vectors, present = torch.zeros(len(posts), self.width), torch.zeros(len(posts))
        vectors[worded] = torch.from_numpy(self._kept.array()[kept])  # (N, 384)
        present[worded] = 1.0
        return vectors, present

    @torch.inference_mode()
    def _run(self, texts: list[list[int]]) -> np.ndarray:
        """Ids of B texts to vectors (B, 384)."""
        longest = max(map(len, texts))
        ids = torch.tensor([one + [0] * (longest - len(one)) for one in texts])  # (B, T)
        mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in texts])  # (B, T)
        return self._encoder(ids, mask).numpy()

    def reader(self) -> nn.Module:
        """A new reader of vectors (B, 384)."""
        return FixedVectors(self.width, normalise=self._recipe.normalise, dropout=self._recipe.text_dropout)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx and tokenizer.json; the reader is left for the fusion."""
        export_text(self._encoder, folder)
        shutil.copyfile(self._tokenizer_file, folder / "tokenizer.json")
        return reader
