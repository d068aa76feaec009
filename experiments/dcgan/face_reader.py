"""A published network that reads the emotion of a face, from its arrays and its list of Keras layers.

faces grey (B, 1, 64, 64), -1 to 1 -> mini-Xception -> probabilities (B, 7)

Source: Arriaga, Valdenegro-Toro and Ploeger 2017, "Real-time convolutional neural networks for emotion and gender
classification"; github.com/oarriaga/face_classification. It was trained on FER-2013's training part.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # in the order of its outputs
SIDE = 64


class FaceReader:
    """The network; `folder` has layers.json and mini_xception_102.npz."""

    def __init__(self, folder: Path):
        self._layers = json.loads((folder / "layers.json").read_text())
        with np.load(folder / "mini_xception_102.npz") as arrays:
            self._arrays = {name: torch.from_numpy(arrays[name]) for name in arrays.files}

    @torch.no_grad()
    def probabilities(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pictures uint8 (N, 3, S, S) to probabilities (N, 7)."""
        return torch.cat([self._run(some) for some in pixels.split(128)])

    def read(self, pixels: torch.Tensor) -> list[str]:
        """The likeliest emotion of each picture."""
        return [EMOTIONS[at] for at in self.probabilities(pixels).argmax(dim=1).tolist()]

    def _run(self, pixels: torch.Tensor) -> torch.Tensor:
        weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
        grey = (pixels.float() * weights).sum(dim=1, keepdim=True)  # (B, 1, S, S)
        large = F.interpolate(grey, (SIDE, SIDE), mode="bilinear", align_corners=False)
        found = {self._layers[0]["name"]: large / 127.5 - 1}
        for layer in self._layers[1:]:
            inputs = [found[node[0]] for node in layer["inbound_nodes"][0]]
            found[layer["name"]] = self._layer(layer, inputs)
        return found[self._layers[-1]["name"]].flatten(1)

    def _layer(self, layer: dict, inputs: list[torch.Tensor]) -> torch.Tensor:
        kind, name, config, x = layer["class_name"], layer["name"], layer["config"], inputs[0]
        arrays = [self._arrays[f"{name}::{at}"] for at in range(5) if f"{name}::{at}" in self._arrays]
        if kind == "Conv2D":
            bias = arrays[1] if config["use_bias"] else None
            return _convolved(x, arrays[0].permute(3, 2, 0, 1), bias, config)
        if kind == "SeparableConv2D":
            deep = arrays[0].permute(2, 3, 0, 1).flatten(0, 1)[:, None]  # (C, 1, k, k)
            x = _convolved(x, deep, None, config, groups=x.shape[1])
            return F.conv2d(x, arrays[1].permute(3, 2, 0, 1))
        if kind == "BatchNormalization":
            scale, shift, mean, variance = arrays
            return F.batch_norm(x, mean, variance, scale, shift, eps=config["epsilon"])
        if kind == "MaxPooling2D":
            return F.max_pool2d(_same(x, config["pool_size"][0], config["strides"][0], -torch.inf), 3, 2)
        if kind == "Add":
            return inputs[0] + inputs[1]
        if kind == "GlobalAveragePooling2D":
            return x.mean(dim=(2, 3))
        if kind == "Activation":
            return x.relu() if config["activation"] == "relu" else x.softmax(dim=1)
        raise ValueError(f"{name}: no layer of the kind {kind} is known here")


def _convolved(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, config: dict, groups: int = 1):
    stride = config["strides"][0]
    if config["padding"] == "same":
        x = _same(x, weight.shape[2], stride, 0.0)
    return F.conv2d(x, weight, bias, stride, groups=groups)


def _same(x: torch.Tensor, kernel: int, stride: int, value: float) -> torch.Tensor:
    """Padded as TensorFlow's "same": the odd pixel goes to the end."""
    pads = []
    for side in (x.shape[3], x.shape[2]):
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)
