"""Tokenizer and networks of a model, and whether they fit each other and labels.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Protocol

import numpy as np

from feelscope.encoders.e5_sentences import E5Sentences
from feelscope.encoders.ngram_tokenizer import open_tokenizer
from feelscope.encoders.tokenizer import TEXT_READERS, Tokens
from feelscope.errors import ModelError
from feelscope.images.within_frame import Box
from feelscope.post import IMAGE_TEXT, MODALITIES
from feelscope.saved_model.folder import BUILTIN, Labels, files
from feelscope.saved_model.onnx_file import check_alone
from feelscope.saved_model.runtime import NETWORKS, Runtime


@dataclass(frozen=True, slots=True)
class Moving:
    """The frames of a video or an animation, whose mean vector is the picture's.

    Args:
        rgb: The one to be shown, uint8 (H, W, 3); `name` is what it is called.
        others: The sum of the vectors (F,) of the others, and how many these are.
    """

    rgb: np.ndarray
    name: str
    others: tuple[np.ndarray, int]

    def mean(self, vector: np.ndarray) -> np.ndarray:
        """The picture's vector (F,) where the frame to be shown has this one."""
        total, count = self.others
        mean: np.ndarray = ((total + vector) / (count + 1)).astype(np.float32)
        return mean


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a post, as the networks take it.

    Args:
        ids: Token ids; None without words.
        rgb: The picture, uint8 (H, W, 3) at the model's size; None without a picture.
        known: Vectors (F,) of what else there is, by modality; of words and picture too where they were kept.
        warnings: What was left out or cut, one sentence each.
        words_from: Where its words are from: the post's own (`text`), its picture (`image_text`), or both.
        image_text: The words of its picture: its alt text, and those that were read in it.
        understood: Whether its words are in a language of the model, as far as can be told.
        skipped: Whether its picture was left out, as its words are sure enough.
        part: Of the picture, what was read; None for all of it.
        moving: Where several frames of it were read, whose mean is among `known`; then `rgb` is None.
    """

    ids: list[int] | None = None
    rgb: np.ndarray | None = None
    known: Mapping[str, np.ndarray] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    words_from: tuple[str, ...] = ("text",)
    image_text: str = ""
    understood: bool = True
    skipped: bool = False
    part: Box | None = None
    moving: Moving | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """The modalities, words and picture first."""
        there = (self.ids is not None or "text" in self.known, self.rgb is not None or "image" in self.known)
        first = tuple(compress(MODALITIES, there))
        return first + tuple(name for name in self.known if name not in first) if self.known else first

    @property
    def said(self) -> tuple[str, ...]:
        """The modalities as a prediction says them: words are the post's own, `image_text` those of its picture."""
        if "text" not in self.used or IMAGE_TEXT not in self.words_from:
            return self.used
        own = self.used if "text" in self.words_from else self.used[1:]
        return (*own, IMAGE_TEXT)


Asked = tuple[list[int] | None, np.ndarray | None, Mapping[str, np.ndarray]]  # what `Reader.probabilities` takes


class Reader(Protocol):
    """What reads a post: `OwnReader` in this process, or `ForeignReader` in another. Safe to call from many threads."""

    widths: Mapping[str, int]  # of the vectors of each modality

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """Token ids of what `encoders.tokenizer.texts_for_tokens` gives; the model reads words."""

    def encode_all(self, asked: Sequence[tuple[list[str], bool]]) -> list[Tokens]:
        """What `encode` gives of each."""

    def vectors(self, ids: list[int] | None, rgb: np.ndarray | None) -> dict[str, np.ndarray]:
        """Vectors (F,) of words and picture, as `Runtime` gives them."""

    def fused(self, known: Mapping[str, np.ndarray]) -> np.ndarray:
        """One vector (F,) of all modalities, as `Runtime` gives it."""

    def probabilities(
        self, ids: list[int] | None, rgb: np.ndarray | None, known: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        """Probabilities (K,) of a post, as `Runtime` gives them."""

    def probabilities_all(self, asked: Sequence[Asked]) -> list[np.ndarray]:
        """What `probabilities` gives of each, computed one at a time."""


class OwnReader:
    """A model's tokenizer and networks, opened in this process.

    Raises:
        ModelError: A file cannot be opened or does not fit the others.
        MissingExtra: The package that reads its words is not there.
    """

    def __init__(self, folder: Path, labels: Labels):
        if folder != BUILTIN:  # that one is a part of the package
            for name in sorted({*files(labels)} & {*NETWORKS}):
                check_alone(folder / name)
        reads_words, elsewhere = "text" in labels.modalities, labels.text_reader != TEXT_READERS[0]
        words = E5Sentences(labels.tokens) if reads_words and elsewhere else None
        self._runtime = Runtime(folder, labels.modalities, words)
        self.widths: Mapping[str, int] = self._runtime.widths
        self.vectors, self.fused = self._runtime.vectors, self._runtime.fused
        self.probabilities = self._runtime.probabilities
        for name, found, wanted in (
            ("fusion", self._runtime.answers, len(labels.emotions)),
            ("image", self._runtime.size, labels.size),
        ):
            if found not in (None, wanted):
                what = f"it is made for {found}, and labels.json says {wanted}"
                raise ModelError(f"{folder / f'{name}.onnx'}: {what}; train or copy the model again")
        if reads_words:
            file = folder / "tokenizer.json"
            tokenizer = words or open_tokenizer(file, labels.tokens, labels.pairs, labels.reading)
            self.encode, self.encode_all = tokenizer.encode, tokenizer.encode_all

    def probabilities_all(self, asked: Sequence[Asked]) -> list[np.ndarray]:
        """Probabilities (K,) of each post."""
        return [self.probabilities(*one) for one in asked]
