"""Inception v1 (GoogLeNet): a picture becomes 128 features, each layer looking at several scales at once.

    (B, 3, 224, 224) --stem--> (B, 192, 28, 28) --3a 3b--> (B, 480, 14, 14) --4a..4e--> (B, 832, 7, 7)
                     --5a 5b--> (B, 1024, 7, 7) --mean, dropout--> (B, 1024) --last--> (B, 128)

    one block:   x --1x1-----------------\\
                   --1x1 reduce --3x3----- concatenated
                   --1x1 reduce --5x5-----/
                   --3x3 max --1x1-------/

The networks whose weights are published have a 3x3 where the paper has the 5x5, and batch norm after every
convolution; `inception_weights` reads them. Relations: six million weights where `efficientnet_lite0` has four, and
four times its arithmetic for less accuracy on ImageNet; it is here because Deep Sentiment was built on it.

Source: Szegedy et al. 2015, "Going deeper with convolutions", table 1 (thesis of Hu 2017, figure 3.12); 128 features in
place of the 1,000 classes: thesis, 6.1; dropout: Hu and Flaxman's released code, which keeps 0.8.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

SIZE = 224  # pixels a side
WIDTH = 128  # features; thesis, 6.1
BEFORE_LAST = 1024


@dataclass(frozen=True, slots=True)
class Branches:
    """Channels of one block, by the columns of the paper's table 1."""

    one: int  # #1x1
    reduce_three: int  # #3x3 reduce
    three: int  # #3x3
    reduce_five: int  # #5x5 reduce
    five: int  # #5x5
    pool: int  # pool proj

    @property
    def outputs(self) -> int:
        """Channels of the four branches together."""
        return self.one + self.three + self.five + self.pool


BLOCKS: dict[str, Branches] = {
    "3a": Branches(64, 96, 128, 16, 32, 32),
    "3b": Branches(128, 128, 192, 32, 96, 64),
    "4a": Branches(192, 96, 208, 16, 48, 64),
    "4b": Branches(160, 112, 224, 24, 64, 64),
    "4c": Branches(128, 128, 256, 24, 64, 64),
    "4d": Branches(112, 144, 288, 32, 64, 64),
    "4e": Branches(256, 160, 320, 32, 128, 128),
    "5a": Branches(256, 160, 320, 32, 128, 128),
    "5b": Branches(384, 192, 384, 48, 128, 128),
}
ROWS = ("stem", *BLOCKS, "last")  # from the pixels on; what can be unfrozen
_POOLED = {"3b": 3, "4e": 2}  # after these blocks the sides are halved, by a maximum over so many pixels


class Convolution(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3),
            nn.ReLU(),
        )


class Block(nn.Module):
    """Four branches side by side: (B, C, H, W) to (B, C', H, W)."""

    def __init__(self, inputs: int, channels: Branches, kernel: int):
        super().__init__()
        self.one = Convolution(inputs, channels.one, 1)
        self.three = nn.Sequential(
            Convolution(inputs, channels.reduce_three, 1), Convolution(channels.reduce_three, channels.three, 3)
        )
        self.five = nn.Sequential(
            Convolution(inputs, channels.reduce_five, 1), Convolution(channels.reduce_five, channels.five, kernel)
        )
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), Convolution(inputs, channels.pool, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)


class Stem(nn.Module):
    """The first convolutions: (B, 3, 224, 224) to (B, 192, 28, 28).

    Args:
        start: Pixels of padding above and to the left, 3 at the other sides: TensorFlow's "same" has 2.
    """

    def __init__(self, start: int):
        super().__init__()
        self.start = start
        first = Convolution(3, 64, 7)
        first[0] = nn.Conv2d(3, 64, 7, stride=2, bias=False)
        self.first, self.reduce, self.second = first, Convolution(64, 64, 1), Convolution(64, 192, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(F.pad(x, (self.start, 3) * 2))  # (B, 64, 112, 112)
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)  # (B, 64, 56, 56)
        return F.max_pool2d(self.second(self.reduce(x)), 3, 2, ceil_mode=True)  # (B, 192, 28, 28)


class InceptionV1(nn.Module):
    """Pictures to features.

    Args:
        features: Width of the last layer.
        kernel: Of the widest branch: 5 as in the paper, 3 as in the published weights.
        start: Padding of the first convolution, see `Stem`.
        dropout: Before the last layer.
    """

    def __init__(self, features: int = WIDTH, kernel: int = 5, start: int = 3, dropout: float = 0.2):
        super().__init__()
        self.stem = Stem(start)
        self.blocks = nn.ModuleDict()
        inputs = 192
        for name, channels in BLOCKS.items():
            self.blocks[name] = Block(inputs, channels, kernel)
            inputs = channels.outputs
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(BEFORE_LAST, features)
        self._frozen: tuple[nn.Module, ...] = ()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def row(self, name: str) -> nn.Module:
        """The part of one of `ROWS`."""
        return self.stem if name == "stem" else self.last if name == "last" else self.blocks[name]

    def unfreeze(self, first: str) -> None:
        """Let the rows from `first` on learn and keep those before it, with their batch norms' running means.

        Hu and Flaxman's released code trains 5b and the last layer: `unfreeze("5b")`.
        """
        assert first in ROWS, f"{first!r} is no row; rows are {', '.join(ROWS)}"
        learning = ROWS.index(first)
        for number, name in enumerate(ROWS):
            self.row(name).requires_grad_(number >= learning)
        self._frozen = tuple(self.row(name) for name in ROWS[:learning])
        self.train(self.training)

    def train(self, mode: bool = True) -> "InceptionV1":
        """As in any module, but frozen rows stay as they are."""
        super().train(mode)
        for part in self._frozen:
            part.eval()
        return self

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels (B, 3, 224, 224), scaled by `scale_pixels`, to features (B, 128)."""
        return self.between(pixels, "stem")

    def between(self, x: torch.Tensor, first: str, until: str = "") -> torch.Tensor:
        """What comes into the row `first` to what comes into the row `until`, or to the features (B, 128)."""
        for name in ROWS[ROWS.index(first) : ROWS.index(until) if until else None]:
            if name == "last":
                x = self.dropout(x.mean(dim=(2, 3)))  # (B, 1024)
            x = self.row(name)(x)
            if side := _POOLED.get(name):
                x = F.max_pool2d(x, side, 2, ceil_mode=True)
        return x


def scale_pixels(rgb: np.ndarray) -> np.ndarray:
    """RGB bytes (..., H, W, 3) to [-1, 1], float32 (..., 3, H, W): what both published networks were trained on."""
    scaled = rgb.astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(np.moveaxis(scaled, -1, -3))
