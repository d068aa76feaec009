"""A post that a model is asked about again and again, with parts of it left out: what was computed once is kept."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import replace
from itertools import islice

import numpy as np

from feelscope.encoders.further.emoji import words_of
from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.image_text.read import with_words
from feelscope.post import IMAGE_TEXT, Post, Prediction
from feelscope.saved_model.folder import Labels
from feelscope.saved_model.reader import Read, Reader

_AT_ONCE = 16  # pictures of at most 2048 x 2048 pixels: 200 MB


class Parts:
    """See `explain.post.Asked`, whose methods these are.

    Args:
        post: With its own words alone, and without emoji where the model reads those apart.
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
        self.own, self.image_text = post, read.image_text
        self.post = with_words(post, read.image_text) if read.image_text else post
        self._moving = read.moving
        picture = read.rgb if read.moving is None else read.moving.rgb
        self.prediction, self.picture, self.emotions = prediction, picture, labels.emotions
        self._no_emoji = "emoji" in labels.modalities
        self._tokens, self._reading = labels.tokens, labels.reading
        self._reader, self._row, self._pool = reader, row, pool
        self._vectors = {**read.known, **reader.vectors(read.ids, read.rgb)} if read.used else {}
        self._words_from = {frozenset(read.words_from): self._vectors.get("text")}  # vectors (F,), None without words

    def fits(self, post: Post) -> bool:
        """Whether the model reads a post's words to their end."""
        return not self._encoded(post).cut

    def of_modalities(self, combinations: Iterable[Collection[str]]) -> np.ndarray:
        """Probabilities (C, K) of the post with each of these combinations of modalities."""
        return self._map(lambda combination: self._answered(self._of_modalities(combination)), combinations)

    def _of_modalities(self, combination: Collection[str]) -> Read:
        known = {name: vector for name, vector in self._vectors.items() if name in combination and name != "text"}
        words = self._words_vector(frozenset({"text", IMAGE_TEXT}.intersection(combination)))
        return Read(known=known if words is None else {"text": words, **known})

    def _words_vector(self, sources: frozenset[str]) -> np.ndarray | None:
        """The vector (F,) of the post's own words, of those in its picture, or of both."""
        if not sources:
            return None
        if sources not in self._words_from:
            other = (
                self.own
                if IMAGE_TEXT not in sources
                else with_words(replace(self.own, title="", text=""), self.image_text)
            )
            ids = self._encoded(other).ids
            self._words_from[sources] = self._reader.vectors(ids, None)["text"] if any(ids) else None
        return self._words_from[sources]

    def of_words(self, posts: Iterable[Post]) -> np.ndarray:
        """Probabilities (C, K) of the post with the words of each of these in place of its own."""
        return self._map(self._with_words, posts)

    def of_pictures(self, pictures: Iterable[np.ndarray]) -> np.ndarray:
        """Probabilities (C, K) of the post with each of these pictures, (H, W, 3), in place of its own.

        Of one that moves it is the frame to be shown, beside which the others stay as they are.
        """
        return self._map(self._with_picture, pictures)

    def _with_picture(self, rgb: np.ndarray) -> np.ndarray:
        others = self._without("image")
        if self._moving is None:
            return self._answered(replace(others, rgb=rgb))
        vector = self._moving.mean(self._reader.vectors(None, rgb)["image"])
        return self._answered(replace(others, known={**others.known, "image": vector}))

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
