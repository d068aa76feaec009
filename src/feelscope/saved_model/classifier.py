"""EmotionClassifier: load, predict, explain, save. What is served is what was tested."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from feelscope.config import processors
from feelscope.encoders import further as modalities
from feelscope.encoders.further.emoji import words_in_place, words_of
from feelscope.encoders.tokenizer import texts_for_tokens
from feelscope.errors import ConfigError, ModelError, PictureError, TableError
from feelscope.explain.explanation import Explanation
from feelscope.explain.post import Settings, explain_post
from feelscope.images import read_rgb
from feelscope.memory import BUDGET, batches, post_size
from feelscope.post import Post, Prediction
from feelscope.saved_model import calibration
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.parts import Parts
from feelscope.saved_model.reader import OwnReader, Read, Reader

_POSTS_PER_JOB = 2  # a post takes a millisecond or more, handing over far less; ten posts keep every core busy too
_BYTES_PER_JOB = 1_000_000  # a post with its picture in the table may be a job alone
_JOBS_PER_WORKER = 32  # that wait in memory at most, and no more bytes than the budget's queue


class EmotionClassifier:
    """Reads the emotion of posts with words, a picture, or both.

    Args:
        folder: A saved model; use `load`.
        workers: Posts computed side by side, at least 1; None is one for each processor this process may use.

    Attributes:
        name: The model's.
        emotions: Those it answers with, in the order of the probabilities.
        calibration: How its probabilities are scaled, by combination of modalities; see `saved_model.calibration`.
    """

    def __init__(self, folder: Path, workers: int | None = None):
        self.folder = folder
        self._labels = model_folder.read_labels(folder)
        self.name, self.emotions = self._labels.name, self._labels.emotions
        self.calibration = calibration.read(folder, self._labels)
        self._further = _open_further(self._labels, folder)
        self._workers = processors() if workers is None else workers
        self._reader = _open_reader(folder, self._labels, self._workers)
        for name, modality in self._further.items():
            if self._reader.widths.get(name) != modality.width:
                raise ModelError(
                    f"{folder}: fusion.onnx does not fit the {name} of labels.json; train or copy it again"
                )

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it reads of a post: `text`, `image` and further ones."""
        return self._labels.modalities

    @classmethod
    def load(cls, model: str | Path = "builtin", *, workers: int | None = None) -> "EmotionClassifier":
        """Load the built-in model, or a folder that `feelscope train` or `save` wrote.

        Raises:
            ModelError: The folder, or a file of it, is missing or altered.
        """
        return cls(model_folder.locate(model), workers)

    def predict(self, posts: Sequence[Post]) -> list[Prediction]:
        """One prediction a post, in the same order.

        Example:
            >>> EmotionClassifier.load().predict([Post(id="1", text="What a lovely day!")])[0].emotion
            'happiness'
        """
        return list(self.stream(posts))

    def stream(self, posts: Iterable[Post]) -> Iterator[Prediction]:
        """Predictions as posts come, in the same order and in constant memory."""
        source = iter(posts)
        first = list(islice(source, 2))
        if len(first) <= 1:  # one post needs no threads
            yield from self._answer(first)
            return
        chunks = batches(chain(first, source), _POSTS_PER_JOB, _BYTES_PER_JOB, post_size)
        jobs: deque[tuple[Future[list[Prediction]], int]] = deque()
        held = 0  # bytes of the posts that wait for their answers
        with ThreadPoolExecutor(self._workers, thread_name_prefix="feelscope") as pool:
            try:
                while True:
                    while not jobs or (len(jobs) < self._workers * _JOBS_PER_WORKER and held < BUDGET.queue):
                        chunk, size = next(chunks, ([], 0))
                        if not chunk:
                            break
                        jobs.append((pool.submit(self._answer, chunk), size))
                        held += size
                    if not jobs:
                        return
                    answers, size = jobs.popleft()
                    yield from answers.result()
                    held -= size
            finally:
                pool.shutdown(cancel_futures=True)

    def embed(self, posts: Iterable[Post]) -> Iterator[tuple[Prediction, Mapping[str, np.ndarray]]]:
        """Each post's prediction, and the vectors (D,) by modality that it rests on; none of a post without any."""
        for post in posts:
            read = self._read(post)
            vectors = {**read.known, **self._reader.vectors(read.ids, read.rgb)} if read.used else {}
            yield self._answer_read(post.id, replace(read, ids=None, rgb=None, known=vectors)), vectors

    def explain(self, post: Post, emotion: str | None = None, settings: Settings | None = None) -> Explanation:
        """Why the model answers an emotion to a post; by default, why the one that it does answer.

        Args:
            emotion: By whichever of its names.
            settings: What may be asked, and how; by default, what `feelscope explain post` asks.

        Raises:
            FeelscopeError: There is nothing to read in the post, or the model knows no such emotion.

        Example:
            >>> found = EmotionClassifier.load().explain(Post(id="1", text="What a lovely day!"))
            >>> max(found.words, key=lambda word: word.weight)
            Word(field='text', start=7, end=13, ...)
        """
        read = self._read(post)
        prediction = self._answer_read(post.id, read)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="feelscope") as pool:
            words = words_in_place(post) if "emoji" in self._further else post
            parts = Parts(words, read, prediction, self._labels, self._reader, self._row, pool)
            return explain_post(parts, emotion, settings or Settings())

    def uncalibrated(self) -> "EmotionClassifier":
        """The same model as its networks answer, without what calibration.json says."""
        other = copy(self)
        other.calibration = calibration.Calibrations()
        return other

    def save(self, folder: str | Path) -> None:
        """Copy the model to a new or empty folder, from which `load` reads it again.

        Raises:
            ModelError: The folder holds files already.
        """
        model_folder.copy(self.folder, Path(folder))

    def _answer(self, posts: list[Post]) -> list[Prediction]:
        return [self._answer_one(post) for post in posts]

    def _answer_one(self, post: Post) -> Prediction:
        return self._answer_read(post.id, self._read(post))

    def _read(self, post: Post) -> Read:
        warnings: list[str] = []
        ids = rgb = None
        words = words_of(post) if "emoji" in self._further else post
        for name, present in (("text", words.has_text), ("image", post.image is not None)):
            if present and name not in self._labels.modalities:
                warnings.append(f"the {name} was not used: this model was trained without any")
        if words.has_text and "text" in self._labels.modalities:
            tokens = self._reader.encode(*texts_for_tokens(words, self._labels.tokens, self._labels.reading))
            if any(tokens.ids):  # 0 is padding and, of a model of whole words, every unknown word
                ids = tokens.ids
            else:
                warnings.append("the text was not used: this model knows none of its words")
            if tokens.cut:
                warnings.append(f"only the first {self._labels.tokens} tokens of the text were read")
        if post.image is not None and "image" in self._labels.modalities:
            try:
                rgb = read_rgb(post.image, self._labels.size)
            except PictureError as error:
                warnings.append(f"the picture was not used: {error}")
        further = self._read_further(post, warnings)
        if ids is None and rgb is None and not further:
            warnings.append("there is nothing to read in this post")
        return Read(ids, rgb, further, tuple(warnings))

    def _answer_read(self, id: str, read: Read) -> Prediction:
        if not read.used:
            return Prediction(id, None, {}, (), read.warnings)
        row = self._row(read)
        probabilities = dict(zip(self.emotions, map(float, row), strict=True))
        return Prediction(id, self.emotions[int(row.argmax())], probabilities, read.used, read.warnings)

    def _row(self, read: Read) -> np.ndarray:
        """Probabilities (K,)."""
        return self.calibration.calibrated(self._reader.probabilities(read.ids, read.rgb, read.known), read.used)

    def _read_further(self, post: Post, warnings: list[str]) -> dict[str, np.ndarray]:
        """The vectors of what a post has beside words and picture, by modality."""
        vectors: dict[str, np.ndarray] = {}
        for name, modality in self._further.items():
            try:
                vector = modality.vector(post)
            except TableError as error:
                warnings.append(f"{name}: not used, {error}")
            else:
                if vector is not None:
                    vectors[name] = vector
        return vectors


def _open_reader(folder: Path, labels: model_folder.Labels, workers: int) -> Reader:
    """The built-in model in this process, any other apart from it."""
    if folder == model_folder.BUILTIN or os.name != "posix":
        return OwnReader(folder, labels)
    from feelscope.saved_model.foreign_reader import ForeignReader

    return ForeignReader(folder, labels, workers)


def _open_further(labels: model_folder.Labels, folder: Path) -> dict[str, modalities.Modality]:
    """The modalities beside words and picture, by name."""
    try:
        return {
            str(fitted["kind"]): modalities.from_json(json.dumps(fitted), str(folder / "labels.json"))
            for fitted in labels.further
        }
    except ConfigError as error:
        raise ModelError(str(error)) from error
