"""Words by their n-grams and those of their characters: TF-IDF, with a vector for each n-gram that learns.

text --tokenizer--> ids of n-grams (N, T) --weighed sum of learnt vectors, each step--> (B, D)
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from feelscope.encoders.encoder import TextEncoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.ngram_sum import NGramSum
from feelscope.encoders.ngram_tokenizer import NGramTokenizer, write_ngrams
from feelscope.encoders.ngrams import fit
from feelscope.encoders.onnx import export_network
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.tokenizer import pad, texts_for_tokens
from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.progress import Progress

_MOST_IDS = 100_000  # of one text in a saved model; 512 words of 40 characters have fewer


class NGramEncoder(TextEncoder):
    """Texts to ids of n-grams, and an embedder of them.

    Args:
        posts: Whose n-grams are known.

    Raises:
        TableError: No two of the posts share a word.
    """

    pairs = True

    def __init__(self, posts: Sequence[Post], settings: TextSettings):
        self._settings, self.tokens, self.width = settings, settings.tokens, settings.width
        self.reading = settings.reading
        texts = (texts_for_tokens(post, settings.tokens, self.reading)[0] for post in posts if post.has_text)
        ngrams, self.weights = fit(texts, settings.vocabulary, settings.tokens)
        if not ngrams and any(post.has_text for post in posts):
            raise TableError(
                "no two posts share a word or a part of one, so there is nothing to learn; give more posts"
            )
        self.tokenizer = NGramTokenizer(ngrams, settings.tokens, self.reading)

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids (N, T) padded with 0, and presence (N,): a text of which no n-gram is known is absent."""
        progress("reading n-grams", 0, 0, "")
        ids = pad([self.tokenizer(post).ids if post.has_text else [] for post in posts])
        return ids, (ids > 0).any(dim=1).float()

    def embedder(self) -> nn.Module:
        """A new embedder of ids (B, T), whose vectors are zeros."""
        settings, words = self._settings, len(self.tokenizer.ngrams.words)
        weights = torch.tensor(self.weights)
        return NGramSum(weights, words, settings.width, dropout=settings.dropout, normalise=settings.normalise)

    def describe(self, embedder: nn.Module) -> str:
        """How many n-grams it knows, and of what width their vectors are."""
        assert isinstance(embedder, NGramSum)
        known = self.tokenizer.ngrams
        return (
            f"TF-IDF of {len(known.words):,} words and pairs and {len(known.characters):,} runs of characters, each "
            f"with a learnt vector of width {embedder.width}"
        )

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx, which is the whole embedder, and tokenizer.json."""
        example = torch.ones(1, 8, dtype=torch.long)
        export_network(embedder, example, "ids", folder / "text.onnx", longest=_MOST_IDS)
        write_ngrams(self.tokenizer.ngrams, folder / "tokenizer.json")
        return nn.Identity()
