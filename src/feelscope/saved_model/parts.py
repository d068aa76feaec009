"""A post that a model is asked about again and again, with parts of it left out: what was computed once is kept."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import replace
from itertools import islice

import numpy as np

from feelscope.encoders.further.emoji import words_of
from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.post import Post, Prediction
from feelscope.saved_model.folder import Labels
from feelscope.saved_model.reader import Read, Reader

_AT_ONCE = 16  # pictures of at most 2048 x 2048 pixels: 200 MB


class Parts:
    """See `explain.post.Asked`, whose methods these are.

    Args:
        read: Of the whole post; so is `prediction`.
        row: From what was read to probabilities (K,).
        pool: Where the networks run side by side.
    """

    def __init__(
        self,
        post: Post,
        read: Read,
        prediction: Prediction,
        labels: Labels,
        reader: Reader,
        row: Callable[[Read], np.ndarray],
        pool: Executor,
    ):
        self.post, self.prediction, self.picture, self.emotions = post, prediction, read.rgb, labels.emotions
        self._no_emoji = "emoji" in labels.modalities
        self._tokens, self._reading = labels.tokens, labels.reading
        self._reader, self._row, self._pool = reader, row, pool
        self._vectors = {**read.known, **reader.vectors(read.ids, read.rgb)} if read.used else {}

    def fits(self, post: Post) -> bool:
        """Whether the model reads a post's words to their end."""
        return not self._encoded(post).cut

    def of_modalities(self, combinations: Iterable[Collection[str]]) -> np.ndarray:
        """Probabilities (C, K) of the post with each of these combinations of modalities."""
        return self._map(
            self._answered,
            (
                Read(known={name: vector for name, vector in self._vectors.items() if name in combination})
                for combination in combinations
            ),
        )

    def of_words(self, posts: Iterable[Post]) -> np.ndarray:
        """Probabilities (C, K) of the post with the words of each of these in place of its own."""
        return self._map(self._with_words, posts)

    def of_pictures(self, pictures: Iterable[np.ndarray]) -> np.ndarray:
        """Probabilities (C, K) of the post with each of these pictures, (H, W, 3), in place of its own."""
        others = self._without("image")
        return self._map(lambda rgb: self._answered(replace(others, rgb=rgb)), pictures)

    def _with_words(self, post: Post) -> np.ndarray:
        read = self._without("text")
        if post.has_text:
            ids = self._encoded(post).ids
            read = replace(read, ids=ids if any(ids) else None)
        return self._answered(read)

    def _encoded(self, post: Post) -> Tokens:
        words = words_of(post) if self._no_emoji else post
        return self._reader.encode(*texts_for_tokens(words, self._tokens, self._reading))

    def _without(self, modality: str) -> Read:
        return Read(known={name: vector for name, vector in self._vectors.items() if name != modality})

    def _answered(self, read: Read) -> np.ndarray:
        """Probabilities (K,); the same for all emotions where nothing is left to read."""
        return self._row(read) if read.used else np.full(len(self.emotions), 1 / len(self.emotions))

    def _map(self, ask: Callable, things: Iterable) -> np.ndarray:
        """Answers (C, K); only so many things wait at a time, as each may be a picture."""
        rows: list[np.ndarray] = []
        left = iter(things)
        while some := [*islice(left, _AT_ONCE)]:
            rows += self._pool.map(ask, some)
        return np.array(rows, float).reshape(-1, len(self.emotions))
