"""Frozen sentence networks by name: token ids to vectors, and their way into a model folder."""

import shutil
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from feelscope.encoders import minilm
from feelscope.encoders.feature_cache import weights_digest
from feelscope.encoders.hub import HubText
from feelscope.encoders.onnx import export_network, export_text
from feelscope.encoders.tokenizer import pad
from feelscope.encoders.weights import find


class SentenceNetwork(Protocol):
    """What reads a sentence; D is `width`."""

    width: int
    length: int  # the most tokens it reads
    pairs: bool  # whether title and text are two sequences
    identity: str  # equal for equal weights
    title: str  # for people

    def run(self, texts: list[list[int]]) -> np.ndarray:
        """Token ids of P texts to vectors, float32 (P, D)."""

    def write_tokenizer(self, path: Path) -> None:
        """Write its `tokenizer.json`."""

    def write(self, folder: Path) -> None:
        """Write its `text.onnx`."""


class MiniLMSentences:
    """MiniLM as it was published.

    Args:
        length: The most tokens that are read.
        weights: A folder with the published weights; None looks in installed packages, then on the hub.
    """

    width = minilm.WIDTH
    pairs = True

    def __init__(self, length: int, weights: Path | None):
        self.length = length
        self.network = minilm.MiniLM.pretrained(weights).eval()
        self.tokenizer_file = find("minilm-tokenizer", weights)
        self.identity = f"minilm-{weights_digest(self.network)[:12]}"
        self.title = f"{self.network.describe()}, in 8-bit integers"

    @torch.inference_mode()
    def run(self, texts: list[list[int]]) -> np.ndarray:
        """Token ids of P texts to vectors, float32 (P, 384)."""
        mask = pad([[1] * len(text) for text in texts])  # (P, T)
        return self.network(pad(texts), mask).numpy()

    def write_tokenizer(self, path: Path) -> None:
        """Copy the published one."""
        shutil.copyfile(self.tokenizer_file, path)

    def write(self, folder: Path) -> None:
        """Write text.onnx, in integers."""
        export_text(self.network, folder)


class HubSentences:
    """A text encoder of the hub, from bare token ids, as a saved model reads them.

    Raises:
        ConfigError, ModelError, MissingExtra: It cannot be had, or reads no text.
    """

    def __init__(self, name: str, length: int):
        self._hub = HubText(name, length)
        self.width, self.length, self.pairs = self._hub.width, self._hub.length, self._hub.pairs
        self.identity = f"hub-ids-{self._hub.identity[:12]}"
        self.title = f"{name} (width {self.width})"

    def run(self, texts: list[list[int]]) -> np.ndarray:
        """Token ids of P texts to vectors, float32 (P, D)."""
        return self._hub.compute(texts)

    def write_tokenizer(self, path: Path) -> None:
        """Write that of the model."""
        self._hub.write_tokenizer(path)

    def write(self, folder: Path) -> None:
        """Write text.onnx, in floats."""
        ids = torch.full((1, min(8, self.length)), 1, dtype=torch.long)
        export_network(self._hub.one_text(), ids, "ids", folder / "text.onnx", longest=self.length)
