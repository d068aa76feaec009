"""EfficientNet-Lite0: a picture becomes a vector.

EfficientNet without squeeze-and-excitation and with ReLU6, made for phones and integer arithmetic.
It is cut in two: the `trunk` keeps its ImageNet weights (and its outputs can be kept on disk),
the `top` is fine-tuned.

    (B, 3, 224, 224) --trunk: stem, blocks 0-10--> (B, 112, 14, 14) --top: blocks 11-15, head--> (B, 1280)

Source: Tan and Le 2019, "EfficientNet", table 1; the Lite variants of the TensorFlow TPU repository (2020).
The weights were trained by TensorFlow: pixels are (x - 127) / 128 and strided convolutions pad as "same" does,
one pixel more at the end than at the start.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from feelscope.encoders.weights import find

SIZE = 224  # pixels a side
WIDTH = 1280
TRUNK_SHAPE = (112, 14, 14)
FIRST_TOP_BLOCK = 11
PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0

# expansion, channels, blocks, stride of the first, kernel: table 1 of the paper; Lite keeps the stem and the head fixed
STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


class SameConv2d(nn.Conv2d):
    """A strided convolution padded as TensorFlow's "same": the odd pixel goes to the end."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max(kernel - stride, 0)  # for sides that the stride divides, as 224 and its halves are
        return super().forward(F.pad(x, (total // 2, total - total // 2) * 2))


def _convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    if stride > 1:
        return SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Block(nn.Module):
    """Inverted residual: widen (1x1), look around (depthwise), narrow (1x1), add."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int):
        super().__init__()
        wide = inputs * expansion
        self.widen = (
            nn.Sequential(_convolution(inputs, wide), _norm(wide), nn.ReLU6()) if expansion > 1 else nn.Identity()
        )
        self.look = nn.Sequential(_convolution(wide, wide, kernel, stride, groups=wide), _norm(wide), nn.ReLU6())
        self.narrow = nn.Sequential(_convolution(wide, outputs), _norm(outputs))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.narrow(self.look(self.widen(x)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """Pictures to vectors of width 1280."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        inputs = 32
        for expansion, outputs, repeats, stride, kernel in STAGES:
            for repeat in range(repeats):
                blocks.append(Block(inputs, outputs, expansion, kernel, stride if repeat == 0 else 1))
                inputs = outputs
        stem = nn.Sequential(_convolution(3, 32, 3, 2), _norm(32), nn.ReLU6())
        head = nn.Sequential(_convolution(320, WIDTH), _norm(WIDTH), nn.ReLU6())
        self.trunk = nn.Sequential(stem, *blocks[:FIRST_TOP_BLOCK])
        self.top = nn.Sequential(*blocks[FIRST_TOP_BLOCK:], head)

    @classmethod
    def pretrained(cls, folder: Path | None = None) -> "EfficientNetLite0":
        """The published ImageNet weights, from `folder` or an installed package."""
        encoder = cls()
        encoder.load_state_dict(rename_published(torch.load(find("efficientnet-lite0", folder), weights_only=True))[0])
        return encoder

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels (B, 3, 224, 224), scaled by `scale_pixels`, to vectors (B, 1280)."""
        return self.pool(self.trunk(pixels))  # (B, 1280)

    def pool(self, trunk: torch.Tensor) -> torch.Tensor:
        """What is tuned: trunk outputs (B, 112, 14, 14) to vectors (B, 1280)."""
        return self.top(trunk).mean(dim=(2, 3))  # (B, 1280)


def scale_pixels(rgb: np.ndarray) -> np.ndarray:
    """Scale RGB bytes (..., H, W, 3) to the network's range, float32 of about [-1, 1] and shape (..., 3, H, W)."""
    scaled = (rgb.astype(np.float32) - PIXEL_MEAN) / PIXEL_SCALE
    return np.ascontiguousarray(np.moveaxis(scaled, -1, -3))


def rename_published(state: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Map the published weights' names to ours.

    Returns:
        The network's state, and that of the ImageNet classifier (`weight` (1000, 1280), `bias` (1000,)).
    """
    renamed: dict[str, torch.Tensor] = {}
    classifier: dict[str, torch.Tensor] = {}
    for name, value in state.items():
        if name.startswith("_fc."):
            classifier[name.removeprefix("_fc.")] = value
        else:
            renamed[_our_name(name)] = value
    return renamed, classifier


def _our_name(name: str) -> str:
    part, *rest = name.split(".")
    if part == "_blocks":
        block, layer, leaf = int(rest[0]), rest[1], rest[2]
        stack, index = ("trunk", block + 1) if block < FIRST_TOP_BLOCK else ("top", block - FIRST_TOP_BLOCK)
        places = {
            "_expand_conv": "widen.0",
            "_bn0": "widen.1",
            "_depthwise_conv": "look.0",
            "_bn1": "look.1",
            "_project_conv": "narrow.0",
            "_bn2": "narrow.1",
        }
        return f"{stack}.{index}.{places[layer]}.{leaf}"
    head = 16 - FIRST_TOP_BLOCK
    places = {"_conv_stem": "trunk.0.0", "_bn0": "trunk.0.1", "_conv_head": f"top.{head}.0", "_bn1": f"top.{head}.1"}
    return f"{places[part]}.{rest[0]}"
