"""Sentence vectors by the built-in model's text network, each computed once and kept in the feature cache."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from feelscope.encoders.feature_cache import FeatureCache
from feelscope.encoders.tokenizer import Tokens
from feelscope.progress import Progress
from feelscope.saved_model.builtin_sentences import BuiltinSentences


def sentence_vectors(texts: Sequence[str], encoder: BuiltinSentences, cache: Path, progress: Progress) -> torch.Tensor:
    """float32 (N, S), zeros for a text without words; computed once by the text's tokens.

    Args:
        cache: The folder of the feature cache.
    """

    def compute(some: list[Tokens]) -> np.ndarray:
        return np.stack([encoder.vector(tokens) for tokens in some])

    known: FeatureCache[Tokens, Tokens] = FeatureCache(
        cache,
        f"answer-sentences-{encoder.identity[:12]}",
        (encoder.width,),
        np.float32,
        key=lambda tokens: hashlib.sha256(np.array(tokens.ids, np.int32).tobytes()).hexdigest(),
        read=lambda tokens: tokens,
        compute=compute,
        per_step=16,
    )
    read = [encoder.tokens(text) for text in texts]
    worded = [tokens for tokens in read if tokens is not None]
    rows = known.rows(worded, partial(progress, "reading texts"), lambda number, error: None)
    vectors = torch.zeros(len(texts), encoder.width)
    vectors[[number for number, tokens in enumerate(read) if tokens is not None]] = torch.from_numpy(
        known.array()[rows]
    )
    return vectors
