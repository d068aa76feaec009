"""DCGAN: pictures that nobody took, from noise, by two networks that learn against each other.

    noise (B, Z) [, condition (B, F)] -> generator -> pictures (B, 3, S, S), -1 to 1
    pictures (B, 3, S, S) [, condition (B, F)] -> discriminator -> scores (B,), high for real ones

Two sizes, as published. Of 32 pixels, all kernels are 3 x 3 and every second convolution has stride 2; the
discriminator's six layers, pooled to 4 x 4 each, are 28,672 numbers. Of 64 pixels, all kernels are 5 x 5 with stride 2.
The generator is the discriminator's mirror. A condition, such as an emotion or a text's vector, enters the generator
beside the noise, and the discriminator as a bilinear form with its last layer.

Source: Radford, Metz and Chintala 2016, "Unsupervised representation learning with deep convolutional generative
adversarial networks", sections 3, 4 and 5.1, and the authors' code for the exact layers. One summary gives the
generator LeakyReLU; paper and code have ReLU. Condition in the discriminator: Miyato and Koyama 2018, "cGANs with
projection discriminator", equation 3. Ours: that the condition is first made 64 numbers, and PyTorch's 1e-5 in batch
normalisation, where the code has 1e-8.
Relations: `emoji_autoencoder` draws too, and can also read a picture; its pictures are duller, its training is calmer.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

CHANNELS = 3  # red, green, blue
CONDITION = 64  # numbers that a condition is made in each network; ours
DEVIATION = 0.02  # of weights at the start; section 4
CONDITION_DEVIATION = 0.25  # of the condition's; at 1 a generator heeds the condition alone, and not the noise; ours
CONDITION_SCALE = CONDITION_DEVIATION * math.sqrt(CONDITION)  # the condition's length at the start
SLOPE = 0.2  # of LeakyReLU; section 4
POOLED = 4  # pixels a side of the last layer, and of all layers in `features`


@dataclass(frozen=True, slots=True)
class Plan:
    """The layers of a size.

    Args:
        noise: Z.
        kernel: Pixels a side, of every convolution.
        layers: Channels and stride of the discriminator's convolutions, in their order.
    """

    noise: int
    kernel: int
    layers: tuple[tuple[int, int], ...]

    def channels(self, width: float) -> list[int]:
        """Channels of each layer, at a share of the published width."""
        return [max(1, round(channels * width)) for channels, _ in self.layers]


PLANS = {
    32: Plan(256, 3, ((128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 2))),
    64: Plan(100, 5, ((128, 2), (256, 2), (512, 2), (1024, 2))),
}


class Generator(nn.Module):
    """Noise to pictures.

    Args:
        size: S, 32 or 64.
        condition: F; 0 for none.
        width: Share of the published channels.
    """

    def __init__(self, size: int, condition: int = 0, width: float = 1.0):
        super().__init__()
        plan = PLANS[size]
        channels = plan.channels(width)
        self.noise = plan.noise
        self.condition = _condition(condition)
        wide = channels[-1] * POOLED * POOLED
        self.project = nn.Sequential(  # each of the flat numbers is normalised by itself, as in the authors' code
            nn.Linear(plan.noise + CONDITION * bool(condition), wide, bias=False), nn.BatchNorm1d(wide), nn.ReLU()
        )
        self.unflatten = nn.Unflatten(1, (channels[-1], POOLED, POOLED))
        outputs = [*reversed(channels[:-1]), CHANNELS]
        layers: list[nn.Module] = []
        inputs = channels[-1]
        for number, (output, (_, stride)) in enumerate(zip(outputs, reversed(plan.layers), strict=True)):
            layers.append(
                nn.ConvTranspose2d(
                    *(inputs, output, plan.kernel, stride, plan.kernel // 2),
                    output_padding=stride - 1,
                    bias=False,
                )
            )
            last = number == len(outputs) - 1
            layers += [nn.Tanh()] if last else [nn.BatchNorm2d(output), nn.ReLU()]
            inputs = output
        self.draw = nn.Sequential(*layers)
        _start(self)

    def forward(self, noise: torch.Tensor, condition: torch.Tensor | None = None) -> torch.Tensor:
        """Noise (B, Z), -1 to 1, and a condition (B, F) of length 1 to pictures (B, 3, S, S), -1 to 1."""
        if self.condition is not None:
            noise = torch.cat([noise, self.condition(condition)], dim=1)  # (B, Z + 64)
        return self.draw(self.unflatten(self.project(noise)))  # (B, 3, S, S)


class Discriminator(nn.Module):
    """Pictures to scores: above 0, a picture is rather real than drawn. Arguments as of `Generator`."""

    def __init__(self, size: int, condition: int = 0, width: float = 1.0):
        super().__init__()
        plan = PLANS[size]
        channels = plan.channels(width)
        layers: list[nn.Module] = []
        inputs = CHANNELS
        for number, (output, (_, stride)) in enumerate(zip(channels, plan.layers, strict=True)):
            layer: list[nn.Module] = [
                nn.Conv2d(inputs, output, plan.kernel, stride, plan.kernel // 2, bias=False),
                *([nn.BatchNorm2d(output)] if number else []),
                nn.LeakyReLU(SLOPE),
            ]
            layers.append(nn.Sequential(*layer))
            inputs = output
        self.layers = nn.ModuleList(layers)
        wide = channels[-1] * POOLED * POOLED
        self.decide = nn.Linear(wide, 1, bias=False)
        self.condition = _condition(condition)
        self.agree = nn.Linear(CONDITION, wide, bias=False) if condition else None
        _start(self)

    def forward(self, pictures: torch.Tensor, condition: torch.Tensor | None = None) -> torch.Tensor:
        """Pictures (B, 3, S, S), -1 to 1, and conditions (B, F) of length 1 to scores (B,) before the sigmoid."""
        return self.judge(self.read(pictures), condition)

    def read(self, pictures: torch.Tensor) -> torch.Tensor:
        """What the last layer makes of pictures: (B, wide)."""
        for layer in self.layers:
            pictures = layer(pictures)
        return pictures.flatten(1)

    def judge(self, read: torch.Tensor, condition: torch.Tensor | None = None) -> torch.Tensor:
        """Scores (B,) of what `read` gave, as pictures of some conditions (B, F)."""
        scores = self.decide(read)[:, 0]  # (B,)
        if self.condition is None:
            return scores
        assert self.agree is not None
        wanted = self.agree(self.condition(condition) / CONDITION_SCALE)  # (B, wide)
        return scores + (wanted * read).sum(dim=1)

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """All layers, each max-pooled to 4 x 4, side by side: (B, sum of channels * 16); section 5.1."""
        found = []
        for layer in self.layers:
            pictures = layer(pictures)
            found.append(F.adaptive_max_pool2d(pictures, POOLED).flatten(1))  # (B, C * 16)
        return torch.cat(found, dim=1)


def _condition(width: int) -> nn.Linear | None:
    return nn.Linear(width, CONDITION, bias=False) if width else None


@torch.no_grad()
def _start(network: Generator | Discriminator) -> None:
    """The published first weights, and larger ones of the condition, which is a single number of an emotion."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            module.weight.normal_(0.0, DEVIATION)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.weight.normal_(1.0, DEVIATION)
    if network.condition is not None:
        network.condition.weight.normal_(0.0, CONDITION_DEVIATION)
