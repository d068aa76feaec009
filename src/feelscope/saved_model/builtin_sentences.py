"""Sentence vectors by the built-in model's text network: what an answer model reads a text by."""

import numpy as np

from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.post import Post
from feelscope.saved_model.builtin_network import BuiltinNetwork
from feelscope.text.without_emoji import without_emoji


class BuiltinSentences(BuiltinNetwork):
    """Texts without their emoji to vectors of S = `width` numbers."""

    def __init__(self) -> None:
        super().__init__("text")

    def tokens(self, text: str) -> Tokens | None:
        """What the network reads of a text; None where it has no words besides emoji."""
        post = Post("", without_emoji(text))
        return (
            self.reader.encode(*texts_for_tokens(post, self.labels.tokens, self.labels.reading))
            if post.has_text
            else None
        )

    def vector(self, tokens: Tokens) -> np.ndarray:
        """float32 (S,)."""
        return self.reader.vectors(tokens.ids, None)["text"]
