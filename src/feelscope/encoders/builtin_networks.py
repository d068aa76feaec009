"""The built-in model's networks as frozen encoders: their vectors know emotions already, which pays with few posts."""

import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime

from feelscope.encoders import efficientnet_lite0 as lite0
from feelscope.encoders import minilm
from feelscope.files import digest
from feelscope.images.unframed import read_as_model

FOLDER = Path(__file__).parents[1] / "builtin"


class _Network:
    """One network of the built-in model, opened at the first post that is not in the feature cache."""

    def __init__(self, file: str, title: str, width: int):
        self.file, self.width = FOLDER / file, width
        self.identity = f"builtin-{digest(self.file)[:12]}"
        self.title = f"{title} of the built-in model (width {width})"

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self.file), options, providers=["CPUExecutionProvider"])

    def _vectors(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """What it makes of P inputs, each without its batch: float32 (P, D)."""
        name = self._session.get_inputs()[0].name
        return np.concatenate([self._session.run(None, {name: one[np.newaxis]})[0] for one in inputs])


class BuiltinSentences(_Network):
    """Token ids to vectors.

    Args:
        length: The most tokens that are read.
    """

    pairs = True

    def __init__(self, length: int):
        super().__init__("text.onnx", "MiniLM", minilm.WIDTH)
        self.length = length

    def run(self, texts: list[list[int]]) -> np.ndarray:
        """Token ids of P texts to vectors, float32 (P, 384)."""
        return self._vectors([np.array(ids, np.int64) for ids in texts])

    def write_tokenizer(self, path: Path) -> None:
        """Copy that of the built-in model."""
        shutil.copyfile(FOLDER / "tokenizer.json", path)

    def write(self, folder: Path) -> None:
        """Copy text.onnx."""
        shutil.copyfile(self.file, folder / "text.onnx")


class BuiltinPictures(_Network):
    """RGB bytes to vectors."""

    size = lite0.SIZE

    def __init__(self) -> None:
        super().__init__("image.onnx", "EfficientNet-Lite0", lite0.WIDTH)

    def read(self, picture: Path | bytes) -> np.ndarray:
        """RGB bytes (224, 224, 3), out of its frame as in use."""
        return read_as_model(picture, self.size, unframe=True)[0]

    def run(self, pictures: list[np.ndarray]) -> np.ndarray:
        """RGB bytes of P pictures to vectors (P, 1280)."""
        return self._vectors(pictures)

    def write(self, folder: Path, pictures: Sequence[np.ndarray]) -> None:
        """Copy image.onnx."""
        shutil.copyfile(self.file, folder / "image.onnx")
