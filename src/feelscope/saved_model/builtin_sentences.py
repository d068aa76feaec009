"""Sentence vectors by the built-in model's text network: what an answer model reads a text by.

The network ships anyway, so an answer model adds nothing but its own small layers.
"""

from dataclasses import replace

import numpy as np

from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.post import Post
from feelscope.saved_model.folder import BUILTIN, read_labels, read_object
from feelscope.saved_model.reader import OwnReader
from feelscope.text.without_emoji import without_emoji


class BuiltinSentences:
    """Texts without their emoji to vectors. Safe to call from many threads.

    Attributes:
        width: S, of a vector.
        identity: SHA-256 of the network; equal for equal vectors.

    Raises:
        ModelError: The built-in model is damaged.
    """

    def __init__(self) -> None:
        labels = replace(read_labels(BUILTIN), modalities=("text",))
        self._reader, self._tokens = OwnReader(BUILTIN, labels), labels.tokens
        self.width = self._reader.widths["text"]
        self.identity = str(read_object(BUILTIN, "manifest.json")["text.onnx"])  # which `read_labels` has checked

    def tokens(self, text: str) -> Tokens | None:
        """What the network reads of a text; None where it has no words besides emoji."""
        post = Post("", without_emoji(text))
        return self._reader.encode(*texts_for_tokens(post, self._tokens)) if post.has_text else None

    def vector(self, tokens: Tokens) -> np.ndarray:
        """float32 (S,)."""
        return self._reader.vectors(tokens.ids, None)["text"]
