"""Tokenizer and networks of a model folder, and whether they fit each other and labels.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from feelscope.encoders.tokenizer import Tokenizer, Tokens
from feelscope.errors import ModelError
from feelscope.saved_model.folder import BUILTIN, Labels, files
from feelscope.saved_model.onnx_file import check_alone
from feelscope.saved_model.runtime import NETWORKS, Runtime


class Reader(Protocol):
    """What reads a post: `OwnReader` in this process, or `ForeignReader` in another. Safe to call from many threads."""

    widths: Mapping[str, int]  # of the vectors of each modality

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """Token ids of what `encoders.tokenizer.texts_for_tokens` gives; the model reads words."""

    def probabilities(
        self, ids: list[int] | None, rgb: np.ndarray | None, further: Mapping[str, np.ndarray]
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
        self.probabilities = self._runtime.probabilities
        for name, found, wanted in (
            ("fusion", self._runtime.answers, len(labels.emotions)),
            ("image", self._runtime.size, labels.size),
        ):
            if found not in (None, wanted):
                what = f"it is made for {found}, and labels.json says {wanted}"
                raise ModelError(f"{folder / f'{name}.onnx'}: {what}; train or copy the model again")
        if "text" in labels.modalities:
            self.encode = Tokenizer(folder / "tokenizer.json", labels.tokens, labels.pairs).encode
