"""EmotionClassifier: load, predict, embed, explain, save. What is served is what was tested."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from feelscope.config import processors
from feelscope.encoders import further as modalities
from feelscope.encoders.e5_sentences import check_installed
from feelscope.encoders.further.emoji import words_in_place
from feelscope.encoders.tokenizer import TEXT_READERS
from feelscope.errors import ConfigError, ModelError
from feelscope.explain.explanation import Explanation
from feelscope.explain.post import Settings, explain_post
from feelscope.files import digest
from feelscope.image_text.read import PictureWords
from feelscope.post import MODALITIES, Post, Prediction
from feelscope.progress import Count, Watched
from feelscope.saved_model import calibration
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.answering import Answering, Embedded
from feelscope.saved_model.embeddings import FUSED, Embeddings
from feelscope.saved_model.locate import is_everywhere, locate
from feelscope.saved_model.manifest import MANIFEST
from feelscope.saved_model.parts import Parts
from feelscope.saved_model.post_reader import PostReader
from feelscope.saved_model.predictions import SHOWN, Predictions
from feelscope.saved_model.reader import OwnReader, Reader
from feelscope.saved_model.side_by_side import side_by_side
from feelscope.table.given_posts import posts_in
from feelscope.table.in_memory import length_of

T = TypeVar("T")


class EmotionClassifier:
    """Reads the emotion of posts with words, a picture, or both.

    Args:
        folder: A saved model; use `load`.
        workers: Posts computed side by side, at least 1; None is one for each processor this process may use.
        read_pictures: Whether words in pictures, of memes and screenshots, are read too.
        alt_text: Whether what authors say of their pictures is read too, a post's `alt_text`.
        skip_pictures: How sure the model has to be of a feeling in a post's words, 0 to 1, for its picture not to be
            read; 1 reads every picture, and None does what the model's labels.json says.

    Attributes:
        name: The model's.
        emotions: Those it answers with, in the order of the probabilities.
        skip_pictures: What holds.
        reads_alt_text: The same.
        calibration: How its probabilities are scaled, by combination of modalities; see `saved_model.calibration`.
    """

    def __init__(
        self,
        folder: Path,
        workers: int | None = None,
        read_pictures: bool = False,
        skip_pictures: float | None = None,
        alt_text: bool = False,
    ):
        self.folder = folder
        self._reload = Reload(str(folder.absolute()), workers, read_pictures, skip_pictures, alt_text)
        self._labels = model_folder.read_labels(folder)
        self.name, self.emotions = self._labels.name, self._labels.emotions
        for option, given in (("--read-pictures", read_pictures), ("--alt-text", alt_text)):
            if given and "text" not in self._labels.modalities:
                raise ModelError(
                    f"{folder}: this model reads no words ({', '.join(self._labels.modalities)} alone), so those of "
                    f"pictures tell it nothing; leave out {option}"
                )
        self.skip_pictures = self._labels.skip_pictures if skip_pictures is None else skip_pictures
        if not model_folder.is_share(self.skip_pictures):
            raise ConfigError(f"skip_pictures (--skip-pictures): expected a number from 0 to 1, found {skip_pictures}")
        if self.skip_pictures < 1 and (missing := [name for name in MODALITIES if name not in self.modalities]):
            raise ModelError(
                f"{folder}: this model reads no {missing[0]} ({', '.join(self.modalities)} alone), so there is no "
                "choice between words and picture; leave out --skip-pictures"
            )
        self.calibration = calibration.read(folder, self._labels)
        self._further = _open_further(self._labels, folder)
        self._workers = processors() if workers is None else workers
        self._picture_words = PictureWords() if read_pictures else None
        self.reads_alt_text = alt_text
        self._reader = _open_reader(folder, self._labels, self._workers)
        self._posts = PostReader(self._labels, self._reader, self._further, self._picture_words, alt_text)
        for name, modality in self._further.items():
            if self._reader.widths.get(name) != modality.width:
                raise ModelError(
                    f"{folder}: fusion.onnx does not fit the {name} of labels.json; train or copy it again"
                )

    @property
    def _answering(self) -> Answering:
        return Answering(self._posts, self._reader, self.emotions, self.calibration, self.skip_pictures)

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it reads of a post: `text`, `image` and further ones."""
        return self._labels.modalities

    @cached_property
    def widths(self) -> Mapping[str, int]:
        """How many numbers a vector of `embed` has, by modality; of `fused` 0 where the model has no such vector."""
        return {**self._reader.widths, FUSED: len(self._reader.fused({}))}

    @property
    def reads_pictures(self) -> bool:
        """Whether words in pictures are read too."""
        return self._picture_words is not None

    @classmethod
    def load(
        cls,
        model: str | Path = "builtin",
        *,
        workers: int | None = None,
        read_pictures: bool = False,
        skip_pictures: float | None = None,
        alt_text: bool = False,
    ) -> "EmotionClassifier":
        """Load `builtin`, `multilingual`, a folder that `train` or `save` wrote, or `hub:OWNER/NAME[@REVISION]`.

        Args:
            read_pictures, skip_pictures, alt_text: As of the class.

        Raises:
            ModelError: The folder, or a file of it, is missing or altered; or the hub cannot give it; or words are to
                be read in pictures, or pictures to be skipped, and it reads none.
            ConfigError: As `locate`; or `skip_pictures` is no share.
            MissingExtra: As `locate`, or for what reads words in pictures or of many languages.
        """
        made = cls(locate(model), workers, read_pictures, skip_pictures, alt_text)
        if is_everywhere(model):
            made._reload = replace(made._reload, model=str(model))
        return made

    def predict(
        self,
        posts: Any,
        *,
        columns: Mapping[str, str] | None = None,
        images: Path | str | None = None,
        progress: Count | bool | None = None,
    ) -> Predictions:
        """One prediction for each post, in the same order.

        Args:
            posts: A text, a picture (path, bytes, file, Pillow image or NumPy array), a `Post` or a dict; a list of
                these; a dict of columns, a DataFrame or Series of pandas or Polars, a table of PyArrow, a Hugging Face
                dataset; a `PostsTable`, or the `Path` of one. `None` and NaN are "nothing there"; a post without an id
                has its number.
            columns: Which column is which, such as `{"text": "Caption"}`, for those that are not recognised.
            images: The folder that pictures' paths start from and may not leave; by default they are taken as they are.
            progress: Called with the number done and the number of all, 0 where it is not known. True and None show a
                line on a terminal and in a notebook, once it takes longer; False shows none.

        Raises:
            PostsError: It is nothing that posts can be; also a `TypeError`.
            TableError: There is no column to read.

        Example:
            >>> EmotionClassifier.load().predict("What a lovely day!")[0].emotion
            'happiness'
        """
        first: list[Post] = []

        def given() -> Iterator[Post]:
            for post in posts_in(posts, columns, images=images):
                if len(first) < SHOWN:
                    first.append(post)
                yield post

        answers = [*_counted(self.stream(given()), "predicting", length_of(posts), progress)]
        return Predictions(answers, self.emotions, first)

    def predict_proba(
        self,
        posts: Any,
        *,
        columns: Mapping[str, str] | None = None,
        images: Path | str | None = None,
        progress: Count | bool | None = None,
    ) -> np.ndarray:
        """Probabilities, float64 (N, K), of each post in the order of `emotions`; see `predict`.

        A row of NaN is a post in which nothing could be read; `predict` says why.
        """
        return self.predict(posts, columns=columns, images=images, progress=progress).probabilities()

    def stream(self, posts: Iterable[Post]) -> Iterator[Prediction]:
        """Predictions as posts come, in the same order and in constant memory."""
        return side_by_side(posts, self._answering.answers, self._workers)

    def embed(
        self,
        posts: Any,
        *,
        columns: Mapping[str, str] | None = None,
        images: Path | str | None = None,
        progress: Count | bool | None = None,
    ) -> Embeddings:
        """The vectors that answers rest on: of words, picture and whatever else it reads, and one of all together.

        No picture is skipped. Takes what `predict` takes.

        Example:
            >>> EmotionClassifier.load().embed(["What a lovely day!"])["text"].shape
            (1, 384)
        """
        given = posts_in(posts, columns, images=images)
        answers = _counted(self.stream_vectors(given, fused=True), "reading", length_of(posts), progress)
        return Embeddings([(prediction.id, vectors) for prediction, vectors in answers], self.widths)

    def stream_vectors(self, posts: Iterable[Post], *, fused: bool = False) -> Iterator[Embedded]:
        """Each post's prediction, and the vectors (D,) by modality that it rests on; none of a post without any.

        No picture is skipped.

        Args:
            fused: Whether there is the vector of all together too, by the name `fused`; of models that have such.
        """
        return side_by_side(posts, partial(self._answering.vectors, fused=fused), self._workers)

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
        answering = self._answering
        read = answering.read(post)
        prediction = answering.answer(post.id, read)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="feelscope") as pool:
            own = words_in_place(post) if "emoji" in self._further else post
            parts = Parts(own, read, prediction, self._labels, self._reader, answering.row, pool)
            found = explain_post(parts, emotion, settings or Settings()).of_part(read.part)
            return found if read.moving is None else found.of_frame(read.moving.name)

    def of_whole_posts(self) -> "EmotionClassifier":
        """The same model, which reads every picture."""
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        other.skip_pictures = 1.0
        other._reload = replace(self._reload, skip_pictures=1.0)
        return other

    def uncalibrated(self) -> "EmotionClassifier":
        """The same model as its networks answer, without what calibration.json says, to whole posts."""
        other = self.of_whole_posts()
        other.calibration = calibration.Calibrations()
        other._reload = replace(other._reload, calibrated=False)
        return other

    def save(self, folder: str | Path) -> None:
        """Copy the model to a new or empty folder, from which `load` reads it again.

        Raises:
            ModelError: The folder holds files already.
        """
        model_folder.copy(self.folder, Path(folder))

    def __repr__(self) -> str:
        reads, emotions = " and ".join(self.modalities), ", ".join(self.emotions)
        return f"EmotionClassifier({self.name!r}: reads {reads}; answers {emotions})"

    def __reduce__(self) -> tuple[Any, ...]:
        """By its folder and options: whoever unpickles it opens the same files again."""
        return Reload.open, (replace(self._reload, digest=digest(self.folder / MANIFEST)),)

    def __deepcopy__(self, memo: object) -> "EmotionClassifier":
        return self  # nothing of it ever changes


def _counted(answers: Iterator[T], stage: str, total: int, progress: Count | bool | None) -> Iterator[T]:
    """Answers, told as they come."""
    if progress is False:
        yield from answers
        return
    tell: Count
    with Watched(stage, total) as watched:
        tell = watched if progress is None or progress is True else progress
        for done, answer in enumerate(answers, 1):
            yield answer
            tell(done, total)


@dataclass(frozen=True, slots=True)
class Reload:
    """How a pickled classifier is opened again.

    Args:
        model: As `locate` takes it: a folder, or a name that means the same everywhere.
        workers, read_pictures, skip_pictures, alt_text: As of the class.
        calibrated: Whether it answers as its calibration.json says.
        digest: Of its manifest, so that what is opened is what was pickled.
    """

    model: str
    workers: int | None
    read_pictures: bool
    skip_pictures: float | None
    alt_text: bool
    calibrated: bool = True
    digest: str = ""

    def open(self) -> EmotionClassifier:
        """The classifier.

        Raises:
            ModelError: Its folder is not on this machine, or has another model in it.
        """
        made = EmotionClassifier.load(
            self.model,
            workers=self.workers,
            read_pictures=self.read_pictures,
            skip_pictures=self.skip_pictures,
            alt_text=self.alt_text,
        )
        if digest(made.folder / MANIFEST) != self.digest:
            raise ModelError(f"{self.model}: this is not the model that was pickled; give both the same")
        return made if self.calibrated else made.uncalibrated()


def _open_reader(folder: Path, labels: model_folder.Labels, workers: int) -> Reader:
    """The built-in model in this process; any other, and any whose words an engine in C reads, apart from it."""
    if labels.text_reader != TEXT_READERS[0]:
        check_installed()  # here, so that it is said as it is
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
