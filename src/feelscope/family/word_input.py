"""Words by their vectors: the lookup and aggregation of the `paper` recipes.

The vocabulary is the words of the posts that the file has, then the first of the file's others, so that a saved model
knows words that its training did not show; only the former learn.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.word_average import WordAverage
from feelscope.encoders.word_recurrence import RECURRENCES, WordRecurrence
from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.saved_model.export import export_network
from feelscope.text.tokens import words_of
from feelscope.train.fusion_recipe import FusionRecipe
from feelscope.words.load import load
from feelscope.words.tokenizer_file import write_tokenizer


class WordInput:
    """Texts to word ids and a reader of them.

    Args:
        file: Of word vectors.
        posts: Whose words may learn.

    Raises:
        WordsError: The file cannot be read.
        TableError: The posts have words, and none of them is in the file.
    """

    def __init__(self, file: Path, posts: Sequence[Post], recipe: FusionRecipe):
        self._recipe = recipe
        self.tokens, self.pairs = recipe.tokens, True
        vectors = load(file)
        said = {word for post in posts for word in words_of(post)}
        own = [word for word in vectors.words if word in said]
        if said and not own:
            some = ", ".join(repr(word) for word in sorted(said)[:3])
            raise TableError(
                f"{file}: has no vector for any word of the posts ({some}, ...); give vectors of their language"
            )
        others = [word for word in vectors.words if word not in said][: max(0, recipe.vocabulary - len(own))]
        self.words = (*own, *others)
        self._learnt = len(own) + 1
        zeros = np.zeros((1, vectors.width), np.float32)
        self._table = np.concatenate([zeros, vectors.vectors[vectors.rows(self.words)]])  # (V + 1, D)
        self.width = recipe.units if recipe.aggregate in RECURRENCES else vectors.width
        with tempfile.TemporaryDirectory() as scratch:
            self._write_tokenizer(Path(scratch))
            self._tokenizer = Tokenizer(Path(scratch) / "tokenizer.json", recipe.tokens)

    def encode(
        self,
        posts: Sequence[Post],
        progress: Progress,
        refuse: Callable[..., None],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Word ids (N, T) padded with 0, and presence (N,): a text of unknown words alone is absent."""
        progress("encoding words", 0, 0, "")
        found = [self._tokenizer(post).ids if post.has_text else [] for post in posts]
        ids = torch.zeros(len(posts), max(1, *map(len, found), 1), dtype=torch.long)  # (N, T)
        for row, one in enumerate(found):
            ids[row, : len(one)] = torch.tensor(one, dtype=torch.long)
        return ids, (ids > 0).any(dim=1).float()

    def reader(self) -> nn.Module:
        """A new reader of ids (B, T), with the file's vectors."""
        recipe, table, learnt = self._recipe, self._table, self._learnt
        train, dropout, how = recipe.train_words, recipe.text_dropout, recipe.aggregate
        if how in RECURRENCES:
            return WordRecurrence(table, learnt, train=train, dropout=dropout, kind=how, units=recipe.units)
        sparse = recipe.optimizer == "sgd" and not (recipe.momentum or recipe.weight_decay or recipe.clip)
        return WordAverage(table, learnt, train=train, dropout=dropout, aggregate=how, sparse=sparse)

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx, which is the whole reader, and tokenizer.json."""
        example = torch.ones(1, 8, dtype=torch.long)
        export_network(reader, example, "ids", folder / "text.onnx", longest=self.tokens)  # looking up is cheap
        self._write_tokenizer(folder)
        return nn.Identity()

    def _write_tokenizer(self, folder: Path) -> None:
        write_tokenizer(self.words, folder / "tokenizer.json")
