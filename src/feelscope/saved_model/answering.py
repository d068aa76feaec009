"""Answers to posts: what is read of each, its words before its picture, and the prediction that rests on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from feelscope.emotions import NEUTRAL, meaning
from feelscope.post import Post, Prediction
from feelscope.saved_model.calibration import Calibrations
from feelscope.saved_model.embeddings import FUSED
from feelscope.saved_model.post_reader import PostReader
from feelscope.saved_model.reader import Read, Reader

Embedded = tuple[Prediction, Mapping[str, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Answering:
    """Reads posts and answers them.

    Args:
        emotions: In the order of the probabilities.
        skip_pictures: How sure the model has to be of a feeling in a post's words for its picture not to be read.
    """

    posts: PostReader
    reader: Reader
    emotions: Sequence[str]
    calibration: Calibrations
    skip_pictures: float

    def answers(self, posts: list[Post]) -> list[Prediction]:
        """Predictions of posts, each computed alone; those without pictures are handed to the reader together."""
        if all(post.image is None for post in posts):
            return self._answer_reads(posts, self.posts.read_all(posts))
        by_words = self._by_words(posts)
        return [
            prediction
            for post, words in zip(posts, by_words, strict=True)
            for prediction in self._answer_reads([post], [self._read(post, words)])
        ]

    def read(self, post: Post) -> Read:
        """What is read of a post: its words, and its picture where they are not sure enough."""
        return self._read(post, self._by_words([post])[0])

    def answer(self, id: str, read: Read) -> Prediction:
        """The prediction of a post of which so much was read."""
        return self._prediction(id, read, self.row(read) if read.used else None)

    def row(self, read: Read) -> np.ndarray:
        """Probabilities (K,)."""
        return self._calibrated(read, self.reader.probabilities(read.ids, read.rgb, read.known))

    def vectors(self, posts: list[Post], *, fused: bool) -> list[Embedded]:
        """Predictions of posts, and the vectors (D,) by modality that they rest on; no picture is skipped."""
        found: list[Embedded] = []
        for post in posts:
            read = self.posts.read(post)
            vectors = {**read.known, **self.reader.vectors(read.ids, read.rgb)} if read.used else {}
            prediction = self.answer(post.id, replace(read, ids=None, rgb=None, known=vectors))
            if fused and vectors and len(one := self.reader.fused(vectors)):
                vectors = {**vectors, FUSED: one}
            found.append((prediction, vectors))
        return found

    def _answer_reads(self, posts: Sequence[Post], reads: Sequence[Read]) -> list[Prediction]:
        asked = [(read.ids, read.rgb, read.known) for read in reads if read.used]
        rows = iter(self.reader.probabilities_all(asked) if asked else ())
        return [
            self._prediction(post.id, read, self._calibrated(read, next(rows)) if read.used else None)
            for post, read in zip(posts, reads, strict=True)
        ]

    def _by_words(self, posts: Sequence[Post]) -> list[Read | None]:
        """Of each post what is read but for its picture, with the vector of its words; None where that is not asked.

        Where the model is sure enough of a feeling by these words, a warning says that the picture was left out. Words
        without one say nothing of the picture.
        """
        asked = [self.skip_pictures < 1 and post.image is not None and post.has_text for post in posts]
        reads = iter(self.posts.read_all([post.words_alone for post in compress(posts, asked)]))
        return [self._sure(next(reads)) if is_asked else None for is_asked in asked]

    def _sure(self, read: Read) -> Read | None:
        """What was read without a picture; None if no word of it is known."""
        if read.ids is None:
            return None
        read = replace(read, ids=None, known={**read.known, **self.reader.vectors(read.ids, None)})
        row = self.row(read)
        confidence, found = float(row.max()), self.emotions[int(row.argmax())]
        if confidence <= self.skip_pictures or not read.understood or meaning(found) == NEUTRAL:
            return read
        skipped = f"the picture was not read: the words alone are sure enough, {confidence:.1%}"
        return replace(read, warnings=(*read.warnings, skipped), skipped=True)

    def _read(self, post: Post, words: Read | None) -> Read:
        """What is read of a post, of which `_by_words` read so much."""
        if words is None:
            return self.posts.read(post)
        if words.skipped:
            return words
        read = self.posts.read(post)
        if read.image_text:  # which are among its words now
            return read
        return replace(read, ids=None, known={**read.known, "text": words.known["text"]})

    def _prediction(self, id: str, read: Read, row: np.ndarray | None) -> Prediction:
        """The prediction of a post of which so much was read, by its probabilities (K,)."""
        if row is None:
            return Prediction(id, None, {}, (), read.warnings)
        numbers = row.tolist()
        confidence = max(numbers)
        emotion = self.emotions[numbers.index(confidence)]
        doubt = self.calibration.doubt(emotion, confidence, read.said)
        warnings = (*read.warnings, doubt) if doubt else read.warnings
        return Prediction(id, emotion, dict(zip(self.emotions, numbers, strict=True)), read.said, warnings)

    def _calibrated(self, read: Read, row: np.ndarray) -> np.ndarray:
        return self.calibration.calibrated(row, read.used)
