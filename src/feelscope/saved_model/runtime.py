"""The networks of a model folder in ONNX Runtime, one post at a time.

A post is computed alone: its probabilities cannot depend on the posts beside it, no words are padded, and a post
with one modality missing does not pay for the other. Throughput comes from posts side by side, one thread each.

    ids (1, T) --text.onnx--> (1, 384)  \\
                                          fusion.onnx --> probabilities (1, K)
    rgb (1, H, W, 3) --image.onnx--> (1, 1280) /

A model of one modality has no network for the other, and one of more than two takes further vectors (1, F) as they are.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.errors import ModelError
from feelscope.post import MODALITIES

NETWORKS = ("text.onnx", "image.onnx", "fusion.onnx")


class Runtime:
    """Text, image and fusion networks, opened from a folder. Safe to call from many threads.

    Args:
        modalities: Those the model was trained on; of `text` and `image`, only their networks are opened.

    Raises:
        ModelError: One of the networks cannot be opened.
    """

    def __init__(self, folder: Path, modalities: Collection[str] = MODALITIES):
        self._encoders = {name: _open(folder / f"{name}.onnx") for name in MODALITIES if name in modalities}
        self._fusion = _open(folder / "fusion.onnx")
        inputs = {entry.name: entry.shape for entry in self._fusion.get_inputs()}
        self.widths = {name: shape[1] for name, shape in inputs.items() if f"has_{name}" in inputs}
        absent = {name: np.zeros((1, width), np.float32) for name, width in self.widths.items()}
        self._nothing = absent | {f"has_{name}": _presence(0) for name in self.widths}

    def probabilities(
        self, ids: list[int] | None, rgb: np.ndarray | None, further: Mapping[str, np.ndarray] | None = None
    ) -> np.ndarray:
        """Probabilities (K,) of one post.

        Args:
            ids: Token ids; None without words.
            rgb: The picture, uint8 (H, W, 3) at the model's size; None without a picture.
            further: Vectors (F,) of what else the post has, by modality.
        """
        vectors = {name: vector[np.newaxis] for name, vector in (further or {}).items()}
        if ids is not None:
            vectors["text"] = self._encoders["text"].run(None, {"ids": np.array([ids], np.int64)})[0]
        if rgb is not None:
            vectors["image"] = self._encoders["image"].run(None, {"rgb": rgb[np.newaxis]})[0]
        feed = self._nothing | vectors | {f"has_{name}": _presence(1) for name in vectors}
        return self._fusion.run(None, feed)[0][0]  # (K,)


def _presence(value: float) -> np.ndarray:
    return np.array([value], np.float32)


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no other class in common, and their names change
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"{path}: ONNX Runtime cannot open this network ({reason}); train or copy the model again"
        ) from error
