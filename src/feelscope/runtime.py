"""The networks of a model folder in ONNX Runtime, one post at a time.

A post is computed alone: its probabilities cannot depend on the posts beside it, no words are padded, and a post
with one half missing does not pay for the other. Throughput comes from posts side by side, one thread each.

    ids (1, T) --text.onnx--> (1, 384)  \\
                                          fusion.onnx --> probabilities (1, K)
    rgb (1, H, W, 3) --image.onnx--> (1, 1280) /
"""

from pathlib import Path
from typing import Any

import numpy as np

from feelscope.errors import ModelError

NETWORKS = ("text.onnx", "image.onnx", "fusion.onnx")


class Runtime:
    """Text, image and fusion networks, opened from a folder. Safe to call from many threads."""

    def __init__(self, folder: Path):
        self._text, self._image, self._fusion = (_open(folder / name) for name in NETWORKS)
        self._no_text, self._no_image = (
            np.zeros((1, entry.shape[1]), np.float32) for entry in self._fusion.get_inputs()[:2]
        )

    def probabilities(self, ids: list[int] | None, rgb: np.ndarray | None) -> np.ndarray:
        """Probabilities (K,) of one post.

        Args:
            ids: Token ids; None without words.
            rgb: The picture, uint8 (H, W, 3) at the model's size; None without a picture.
        """
        text = self._no_text if ids is None else self._text.run(None, {"ids": np.array([ids], np.int64)})[0]
        image = self._no_image if rgb is None else self._image.run(None, {"rgb": rgb[np.newaxis]})[0]
        presence = [np.array([float(half is not None)], np.float32) for half in (ids, rgb)]
        feed = {"text": text, "image": image, "has_text": presence[0], "has_image": presence[1]}
        return self._fusion.run(None, feed)[0][0]  # (K,)


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
            f"{path}: ONNX Runtime cannot open this network ({reason}); train or copy the model anew"
        ) from error
