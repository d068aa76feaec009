"""Words by their vectors: looked up, then their mean or maximum, or read in their order.

    text --tokenizer--> word ids (N, T) --lookup, then mean, max or a recurrence, each step--> (B, D)

The vocabulary is the words of the posts that the file has, then the first of the file's others, so that a saved model
knows words that its training did not show; only the former learn.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoder import TextEncoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.onnx import export_network
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.tokenizer import READINGS, Tokenizer, pad
from feelscope.encoders.word_average import WordAverage
from feelscope.encoders.word_recurrence import RECURRENCES, WordRecurrence
from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.text.tokens import words_of
from feelscope.words.load import load
from feelscope.words.tokenizer_file import write_tokenizer


class WordEncoder(TextEncoder):
    """Texts to word ids, and an embedder of them.

    Args:
        file: Of word vectors.
        posts: Whose words may learn.
        sparse: Whether gradients name only the words of a batch; see `WordLookup`.

    Raises:
        WordsError: The file cannot be read.
        TableError: The posts have words, and none of them is in the file.
    """

    pairs, reading = True, READINGS[0]

    def __init__(self, file: Path, posts: Sequence[Post], settings: TextSettings, *, sparse: bool):
        self._settings, self._sparse, self.tokens = settings, sparse, settings.tokens
        vectors = load(file)
        said = {word for post in posts for word in words_of(post)}
        own = [word for word in vectors.words if word in said]
        if said and not own:
            examples = ", ".join(repr(word) for word in sorted(said)[:3])
            raise TableError(
                f"{file}: has no vector for any word of the posts ({examples}, ...); give vectors of their language"
            )
        others = [word for word in vectors.words if word not in said][: max(0, settings.vocabulary - len(own))]
        self.words = (*own, *others)
        self._learnt = len(own) + 1
        zeros = np.zeros((1, vectors.width), np.float32)
        self._table = np.concatenate([zeros, vectors.vectors[vectors.rows(self.words)]])  # (V + 1, D)
        self.width = settings.hidden_size if settings.pooling in RECURRENCES else vectors.width
        with tempfile.TemporaryDirectory() as scratch:
            self._write_tokenizer(Path(scratch))
            self._tokenizer = Tokenizer(Path(scratch) / "tokenizer.json", settings.tokens)

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids of known words (N, T) padded with 0, and presence (N,): a text of unknown words alone is absent."""
        progress("encoding words", 0, 0, "")
        texts = [self._tokenizer(post).ids if post.has_text else [] for post in posts]
        ids = pad([[word for word in text if word] for text in texts])  # an embedder would leave the others out
        return ids, (ids > 0).any(dim=1).float()

    def embedder(self) -> nn.Module:
        """A new embedder of ids (B, T), with the file's vectors."""
        table, learnt, settings = self._table, self._learnt, self._settings
        if settings.pooling in RECURRENCES:
            return WordRecurrence(
                table,
                learnt,
                train=settings.train_words,
                dropout=settings.dropout,
                kind=settings.pooling,
                hidden_size=settings.hidden_size,
                normalise=settings.normalise,
            )
        return WordAverage(
            table,
            learnt,
            train=settings.train_words,
            dropout=settings.dropout,
            pooling=settings.pooling,
            sparse=self._sparse,
            normalise=settings.normalise,
        )

    def describe(self, embedder: nn.Module) -> str:
        """The layer over the word vectors, and whether these learnt."""
        assert isinstance(embedder, WordAverage | WordRecurrence)
        learnt = f"of which the {self._learnt - 1:,} of the training posts learnt too"
        trained = learnt if embedder.lookup.vectors.requires_grad else "which stayed as their file has them"
        return f"{embedder.describe()} word vectors of width {self._table.shape[1]}, {trained}"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx, which is the whole embedder, and tokenizer.json."""
        example = torch.ones(1, 8, dtype=torch.long)
        if isinstance(embedder, WordRecurrence):
            embedder = embedder.for_onnx()
        export_network(embedder, example, "ids", folder / "text.onnx", longest=self.tokens)  # looking up is cheap
        self._write_tokenizer(folder)
        return nn.Identity()

    def _write_tokenizer(self, folder: Path) -> None:
        write_tokenizer(self.words, folder / "tokenizer.json")
