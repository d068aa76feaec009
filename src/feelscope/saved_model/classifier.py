"""EmotionClassifier: load, predict, explain, save. What is served is what was tested."""

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from itertools import chain, compress, islice
from pathlib import Path

import numpy as np

from feelscope.config import processors
from feelscope.encoders import further as modalities
from feelscope.encoders.further.emoji import words_in_place, words_of
from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.errors import ConfigError, FeelscopeError, ModelError, PictureError, TableError
from feelscope.explain.explanation import Explanation
from feelscope.explain.post import Settings, explain_post
from feelscope.image_text.read import PictureWords, with_words
from feelscope.images import read_rgb
from feelscope.memory import BUDGET, batches, post_size
from feelscope.post import IMAGE_TEXT, Post, Prediction
from feelscope.saved_model import calibration
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.locate import locate
from feelscope.saved_model.parts import Parts
from feelscope.saved_model.reader import OwnReader, Read, Reader

_POSTS_PER_JOB = 2  # a post takes a millisecond or more, handing over far less; ten posts keep every core busy too
_MOST_PER_JOB = 64  # posts of a model that takes less
_QUICK_JOB, _SLOW_JOB = 0.02, 0.1  # seconds on the clock: the next jobs have more posts, or fewer
_JOBS_TIMED = 8
_BYTES_PER_JOB = 1_000_000  # a post with its picture in the table may be a job alone
_JOBS_PER_WORKER = 32  # that wait in memory at most, and no more bytes than the budget's queue


class EmotionClassifier:
    """Reads the emotion of posts with words, a picture, or both.

    Args:
        folder: A saved model; use `load`.
        workers: Posts computed side by side, at least 1; None is one for each processor this process may use.
        read_pictures: Whether words in pictures, of memes and screenshots, are read too.

    Attributes:
        name: The model's.
        emotions: Those it answers with, in the order of the probabilities.
        calibration: How its probabilities are scaled, by combination of modalities; see `saved_model.calibration`.
    """

    def __init__(self, folder: Path, workers: int | None = None, read_pictures: bool = False):
        self.folder = folder
        self._labels = model_folder.read_labels(folder)
        self.name, self.emotions = self._labels.name, self._labels.emotions
        if read_pictures and "text" not in self._labels.modalities:
            raise ModelError(
                f"{folder}: this model reads no words ({', '.join(self._labels.modalities)} alone), so those in "
                "pictures tell it nothing; leave out --read-pictures"
            )
        self.calibration = calibration.read(folder, self._labels)
        self._further = _open_further(self._labels, folder)
        self._workers = processors() if workers is None else workers
        self._picture_words = PictureWords() if read_pictures else None
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

    @property
    def reads_pictures(self) -> bool:
        """Whether words in pictures are read too."""
        return self._picture_words is not None

    @classmethod
    def load(
        cls, model: str | Path = "builtin", *, workers: int | None = None, read_pictures: bool = False
    ) -> "EmotionClassifier":
        """Load the built-in model, a folder that `feelscope train` or `save` wrote, or `hub:OWNER/NAME[@REVISION]`.

        Args:
            read_pictures: Whether words in pictures, of memes and screenshots, are read too.

        Raises:
            ModelError: The folder, or a file of it, is missing or altered; or the hub cannot give it; or its words are
                to be read in pictures, and it reads none.
            ConfigError: As `locate`.
            MissingExtra: As `locate`, or for what reads words in pictures.
        """
        return cls(locate(model), workers, read_pictures)

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
        pace = _Pace()
        chunks = pace.chunks(chain(first, source))
        jobs: deque[tuple[Future[list[Prediction]], int]] = deque()
        held = 0  # bytes of the posts that wait for their answers
        with ThreadPoolExecutor(self._workers, thread_name_prefix="feelscope") as pool:
            try:
                while True:
                    while not jobs or (len(jobs) < self._workers * _JOBS_PER_WORKER and held < BUDGET.queue):
                        chunk, size = next(chunks, ([], 0))
                        if not chunk:
                            break
                        jobs.append((pool.submit(pace.timed, self._answer, chunk), size))
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
            FeelscopeError: There is nothing to read in the post, the model knows no such emotion, or it reads words
                in pictures.

        Example:
            >>> found = EmotionClassifier.load().explain(Post(id="1", text="What a lovely day!"))
            >>> max(found.words, key=lambda word: word.weight)
            Word(field='text', start=7, end=13, ...)
        """
        if self.reads_pictures:
            raise FeelscopeError("words in pictures cannot be explained yet: load the model without read_pictures")
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
        """Predictions of posts, each computed alone; those without pictures are handed to the reader together."""
        if len(posts) > 1 and any(post.image is not None for post in posts):
            return [prediction for post in posts for prediction in self._answer([post])]
        reads = self._read_all(posts)
        asked = [(read.ids, read.rgb, read.known) for read in reads if read.used]
        rows = iter(self._reader.probabilities_all(asked) if asked else ())
        return [
            self._prediction(post.id, read, self._calibrated(read, next(rows)) if read.used else None)
            for post, read in zip(posts, reads, strict=True)
        ]

    def _read(self, post: Post) -> Read:
        return self._read_all([post])[0]

    def _read_all(self, posts: Sequence[Post]) -> list[Read]:
        labels = self._labels
        reads_words = "text" in labels.modalities
        words = [self._words(post) for post in posts]
        has_tokens = [reads_words and one.post.has_text for one in words]
        asked = [texts_for_tokens(one.post, labels.tokens, labels.reading) for one in compress(words, has_tokens)]
        tokens = iter(self._reader.encode_all(asked) if asked else ())
        return [
            self._read_one(post, one, next(tokens) if has else None)
            for post, one, has in zip(posts, words, has_tokens, strict=True)
        ]

    def _words(self, post: Post) -> "_Words":
        """The words of a post: without emoji, if the model reads those apart, and with those in its picture."""
        words = words_of(post) if "emoji" in self._further else post
        if self._picture_words is None or post.image is None:
            return _Words(words)
        try:
            in_picture = self._picture_words.read(post.image)
        except PictureError as error:
            return _Words(words, fault=f"the words in the picture were not read: {error}")
        if not in_picture:
            return _Words(words)
        return _Words(with_words(words, in_picture), ("text", IMAGE_TEXT) if words.has_text else (IMAGE_TEXT,))

    def _read_one(self, post: Post, words: "_Words", tokens: Tokens | None) -> Read:
        """What is read of a post whose words have these tokens."""
        warnings = [*post.warnings]
        ids = rgb = None
        for name, present in (
            ("text", words.post.has_text),
            ("image", post.image is not None and IMAGE_TEXT not in words.sources),
        ):
            if present and name not in self._labels.modalities:
                warnings.append(f"the {name} was not used: this model was trained without any")
        if tokens is not None:
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
        if words.fault and (rgb is not None or "image" not in self._labels.modalities):
            warnings.append(words.fault)
        further = self._read_further(post, warnings)
        if ids is None and rgb is None and not further:
            warnings.append("there is nothing to read in this post")
        return Read(ids, rgb, further, tuple(warnings), words.sources)

    def _answer_read(self, id: str, read: Read) -> Prediction:
        return self._prediction(id, read, self._row(read) if read.used else None)

    def _prediction(self, id: str, read: Read, row: np.ndarray | None) -> Prediction:
        """The prediction of a post of which so much was read, by its probabilities (K,)."""
        if row is None:
            return Prediction(id, None, {}, (), read.warnings)
        numbers = row.tolist()
        emotion = self.emotions[numbers.index(max(numbers))]
        return Prediction(id, emotion, dict(zip(self.emotions, numbers, strict=True)), read.said, read.warnings)

    def _row(self, read: Read) -> np.ndarray:
        """Probabilities (K,)."""
        return self._calibrated(read, self._reader.probabilities(read.ids, read.rgb, read.known))

    def _calibrated(self, read: Read, row: np.ndarray) -> np.ndarray:
        return self.calibration.calibrated(row, read.used)

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


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a post as a model reads them, and where they are from."""

    post: Post
    sources: tuple[str, ...] = ("text",)
    fault: str = ""  # why those in its picture were not read


class _Pace:
    """How many posts are a job: more of a model so quick that handing them over takes longer than reading them."""

    def __init__(self) -> None:
        self._most = _POSTS_PER_JOB
        self._seconds: list[float] = []  # of the last jobs of so many posts

    def chunks(self, posts: Iterable[Post]) -> Iterator[tuple[list[Post], int]]:
        """The posts of each job, and their bytes."""
        return batches(posts, lambda: self._most, _BYTES_PER_JOB, post_size)

    def timed(self, answer: Callable[[list[Post]], list[Prediction]], chunk: list[Post]) -> list[Prediction]:
        """The answers to a job, by whose time later ones are made."""
        start = time.perf_counter()
        answers = answer(chunk)
        if len(chunk) == self._most:
            self._seconds.append(time.perf_counter() - start)
        if len(self._seconds) >= _JOBS_TIMED:
            seconds = min(self._seconds)  # meanwhile other programs may have had the processor
            self._seconds = []
            if seconds < _QUICK_JOB:
                self._most = min(2 * self._most, _MOST_PER_JOB)
            elif seconds > _SLOW_JOB:
                self._most = max(self._most // 2, _POSTS_PER_JOB)
        return answers


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
