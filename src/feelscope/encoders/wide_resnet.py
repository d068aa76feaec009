"""Wide residual network: a small picture becomes a vector, each layer adding to what is there.

    (B, 3, S, S) --convolution--> (B, 16, S, S) --group--> (B, 32, S, S) --group--> (B, 64, S/2, S/2)      `lower`
                 --group--> (B, 128, S/4, S/4) --batch norm, LeakyReLU, mean--> (B, 128)                   `upper`

    one block:   x --norm, LeakyReLU--> 3x3 --norm, LeakyReLU--> 3x3 --+--> x'
                 x --as it is, or 1x1 where the channels differ--------/

With 4 blocks a group this is WRN-28-2. It is cut in two where EnAET's decoders read: after the second group.

Source: Zagoruyko and Komodakis 2016, "Wide residual networks", table 1 and figure 1; LeakyReLU of 0.1, the pace of the
running means and the first weights as in MixMatch's code, which EnAET's follows. EnAET's code leaves out the first norm
and LeakyReLU of the second and third group; here they are.
Relations: `inception` and `efficientnet_lite0` read 224 pixels; this one reads 32 and learns from scratch in a fraction
of their time.
"""

import math
from collections.abc import Sequence

import torch
from torch import nn

SIZE = 32  # pixels a side
CHANNELS = (16, 32, 64, 128)  # of the first convolution and of each group
BLOCKS = 4  # of a group
SLOPE = 0.1  # of LeakyReLU
MOMENTUM = 0.001  # of batch norm's running means, in the end
PIXEL_MIDDLE = 127.5  # pixels are scaled to -1..1; ours, the published code takes CIFAR-10's mean and deviation


class Norm(nn.BatchNorm2d):
    """Batch norm whose running means move slowly in the end, and fast at the start.

    At the published pace they would still be a third of what they began with after 1,000 steps, which a network of a
    million steps does not mind. The fast start is that of the loop's moving average; ours.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            assert self.num_batches_tracked is not None
            self.momentum = max(MOMENTUM, 9 / (10 + int(self.num_batches_tracked)))
        return super().forward(x)


class Activation(nn.Sequential):
    """Batch norm and LeakyReLU."""

    def __init__(self, channels: int):
        super().__init__(Norm(channels), nn.LeakyReLU(SLOPE))


class Block(nn.Module):
    """Two convolutions whose sum with the input is the output: (B, C, H, W) to (B, C', H / stride, W / stride).

    Args:
        shared: Whether the 1x1 convolution reads what the first norm and LeakyReLU make of the input, as in the very
            first block, and not the input itself.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, *, shared: bool = False):
        super().__init__()
        self.before = Activation(inputs)
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.between = Activation(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        same = inputs == outputs and stride == 1
        self.across = None if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)
        self._shared = shared

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        active = self.before(x)  # (B, C, H, W)
        if self.across is not None:
            x = self.across(active if self._shared else x)  # (B, C', H / stride, W / stride)
        return x + self.second(self.between(self.first(active)))


class Upper(nn.Module):
    """The last group and the mean over places: (B, C, H, W) to (B, C').

    EnAET's decoders have one each, with weights of its own.
    """

    def __init__(self, inputs: int, outputs: int, blocks: int = BLOCKS):
        super().__init__()
        self.group = group(inputs, outputs, 2, blocks)
        self.after = Activation(outputs)
        _start(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.after(self.group(x)).mean(dim=(2, 3))  # (B, C')


class WideResNet(nn.Module):
    """Pixels to vectors.

    Args:
        channels: Of the first convolution and the three groups; the last is the vectors' width.
        blocks: Of each group.
    """

    def __init__(self, channels: Sequence[int] = CHANNELS, blocks: int = BLOCKS):
        super().__init__()
        start, one, two, three = channels
        self.lower = nn.Sequential(
            nn.Conv2d(3, start, 3, padding=1, bias=False),
            group(start, one, 1, blocks, shared=True),
            group(one, two, 2, blocks),
        )
        self._plan = (two, three, blocks)
        self.upper = self.new_upper()
        _start(self)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels (B, 3, S, S), -1 to 1, to vectors (B, D); by way of `lower`, (B, C, S / 2, S / 2)."""
        return self.upper(self.lower(pixels))

    def new_upper(self) -> Upper:
        """Another last group of the same shape, with weights of its own."""
        return Upper(*self._plan)


def group(inputs: int, outputs: int, stride: int, blocks: int, *, shared: bool = False) -> nn.Sequential:
    """Some blocks, the first of which changes the channels and the size."""
    first = Block(inputs, outputs, stride, shared=shared)
    return nn.Sequential(first, *(Block(outputs, outputs, 1) for _ in range(blocks - 1)))


def scale_pixels(rgb: torch.Tensor) -> torch.Tensor:
    """RGB (B, S, S, 3), 0 to 255, to [-1, 1], float (B, 3, S, S)."""
    return (rgb.float() / PIXEL_MIDDLE - 1).permute(0, 3, 1, 2)


@torch.no_grad()
def _start(network: nn.Module) -> None:
    """The published first weights: He et al. 2015, by outgoing connections."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.normal_(0.0, math.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels)))
