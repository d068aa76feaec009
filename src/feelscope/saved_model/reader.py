"""Tokenizer and networks of a model folder, and whether they fit each other and labels.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from feelscope.encoders.ngram_tokenizer import open_tokenizer
from feelscope.encoders.tokenizer import Tokens
from feelscope.errors import ModelError
from feelscope.post import MODALITIES
from feelscope.saved_model.folder import BUILTIN, Labels, files
from feelscope.saved_model.onnx_file import check_alone
from feelscope.saved_model.runtime import NETWORKS, Runtime


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a post, as the networks take it.

    Args:
        ids: Token ids; None without words.
        rgb: The picture, uint8 (H, W, 3) at the model's size; None without a picture.
        known: Vectors (F,) of what else there is, by modality; of words and picture too where they were kept.
        warnings: What was left out or cut, one sentence each.
    """

    ids: list[int] | None = None
    rgb: np.ndarray | None = None
    known: Mapping[str, np.ndarray] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """The modalities, words and picture first."""
        there = {*self.known, *(["text"] if self.ids is not None else []), *(["image"] if self.rgb is not None else [])}
        first = tuple(name for name in MODALITIES if name in there)
        return first + tuple(name for name in self.known if name not in first)


class Reader(Protocol):
    """What reads a post: `OwnReader` in this process, or `ForeignReader` in another. Safe to call from many threads."""

    widths: Mapping[str, int]  # of the vectors of each modality

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """Token ids of what `encoders.tokenizer.texts_for_tokens` gives; the model reads words."""

    def vectors(self, ids: list[int] | None, rgb: np.ndarray | None) -> dict[str, np.ndarray]:
        """Vectors (F,) of words and picture, as `Runtime` gives them."""

    def probabilities(
        self, ids: list[int] | None, rgb: np.ndarray | None, known: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        """Probabilities (K,) of a post, as `Runtime` gives them."""


class OwnReader:
    """A model's tokenizer and networks, opened in this process.

    Raises:
        ModelError: A file cannot be opened or does not fit the others.
    """

    def __init__(self, folder: Path, labels: Labels):
        if folder != BUILTIN:  # that one is a part of the package
            for name in sorted({*files(labels)} & {*NETWORKS}):
                check_alone(folder / name)
        self._runtime = Runtime(folder, labels.modalities)
        self.widths: Mapping[str, int] = self._runtime.widths
        self.vectors = self._runtime.vectors
        self.probabilities = self._runtime.probabilities
        for name, found, wanted in (
            ("fusion", self._runtime.answers, len(labels.emotions)),
            ("image", self._runtime.size, labels.size),
        ):
            if found not in (None, wanted):
                what = f"it is made for {found}, and labels.json says {wanted}"
                raise ModelError(f"{folder / f'{name}.onnx'}: {what}; train or copy the model again")
        if "text" in labels.modalities:
            self.encode = open_tokenizer(folder / "tokenizer.json", labels.tokens, labels.pairs).encode
