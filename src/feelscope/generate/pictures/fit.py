"""One training of a picture generator, on pictures in memory."""

from pathlib import Path
from typing import Any

import torch

from feelscope.generate.pictures.settings import PictureSettings
from feelscope.generate.pictures.shown import ShownPictures
from feelscope.generate.pictures.task import PictureTask, steps_of
from feelscope.models.dcgan import Discriminator, Generator
from feelscope.progress import Progress, silent
from feelscope.train import loop
from feelscope.train.device import CPU


def new_networks(settings: PictureSettings, condition: int) -> tuple[Generator, Discriminator]:
    """Two networks that have learnt nothing; the seed decides their weights.

    Args:
        condition: F, numbers of what is asked for; 0 for nothing.
    """
    torch.manual_seed(settings.seed)
    networks = (
        Generator(settings.size, condition, settings.width),
        Discriminator(settings.size, condition, settings.width),
    )
    for network in networks:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster on processors
    return networks


def fit_pictures(
    shown: ShownPictures,
    settings: PictureSettings,
    folder: Path | None = None,
    *,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress = silent,
) -> tuple[Generator, Discriminator, list[dict[str, Any]]]:
    """Train a generator; returns it, its discriminator, both on the processor, and the record of the epochs.

    Raises:
        ModelError: A loss or a weight is no number any more; it says at which step, and where the last good state is.
    """
    generator, discriminator = new_networks(settings, shown.conditions.shape[1])
    task = PictureTask(generator, discriminator, shown.pixels, shown.conditions, settings)
    steps = steps_of(settings)
    history = loop.fit(
        task,
        steps,
        seed=settings.seed,
        patience=steps.epochs,
        folder=folder,
        resume=resume,
        device=device,
        progress=progress,
    )
    torch.manual_seed(settings.seed)
    task.settle()
    return generator, discriminator.eval(), history
