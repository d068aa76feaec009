"""Networks that `train_networks.py` left, and what they draw."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from feelscope.generate.pictures.drawing import drawn_by
from feelscope.models.dcgan import Discriminator, Generator

WIDTH = 0.25  # of every network here


def load(folder: Path, condition: int, size: int = 32) -> tuple[Generator, Discriminator]:
    """The generator and the discriminator."""
    networks = Generator(size, condition, WIDTH), Discriminator(size, condition, WIDTH)
    for name, network in zip(("generator", "discriminator"), networks, strict=True):
        network.load_state_dict(load_file(folder / f"{name}.safetensors"))
        network.eval()
    return networks


def draw(generator: Generator, conditions: torch.Tensor | None, count: int, seed: int) -> torch.Tensor:
    """Pictures uint8 (N, 3, S, S)."""
    noise = torch.rand(count, generator.noise, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return torch.from_numpy(drawn_by(generator, noise, conditions))
