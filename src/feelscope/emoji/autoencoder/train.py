"""Train an emoji autoencoder: pictures in, a folder with weights, codes, scores and sheets of pictures out."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from feelscope.emoji import catalogue
from feelscope.emoji.autoencoder import folder as autoencoder_folder
from feelscope.emoji.autoencoder import report
from feelscope.emoji.autoencoder.baselines import errors_by_method
from feelscope.emoji.autoencoder.folder import SavedAutoencoder
from feelscope.emoji.autoencoder.settings import AutoencoderSettings
from feelscope.emoji.autoencoder.task import (
    Autoencoder,
    AutoencoderTask,
    measure,
    new_network,
    steps_of,
)
from feelscope.emoji.pictures import EmojiPictures
from feelscope.errors import ModelError, TableError
from feelscope.files import remove_partials, writing_folder
from feelscope.models.emoji_autoencoder import EmojiAutoencoder
from feelscope.progress import Progress, silent
from feelscope.text.counts import counted
from feelscope.train import checkpoint, loop, run_folder
from feelscope.train.device import CPU
from feelscope.train.fit import remove_checkpoints


@dataclass(frozen=True, slots=True)
class Split:
    """Pictures to learn from and pictures that are only measured.

    Args:
        training, held_out: float (N, 4, 36, 36), 0 to 1.
        rows: int (M,), which pictures are held out.
    """

    training: torch.Tensor
    held_out: torch.Tensor
    rows: np.ndarray


def to_tensor(pictures: EmojiPictures) -> torch.Tensor:
    """Pictures as float (N, 4, 36, 36), 0 to 1."""
    return torch.from_numpy(pictures.pixels).permute(0, 3, 1, 2).contiguous().float() / 255


def split(pictures: EmojiPictures, settings: AutoencoderSettings) -> Split:
    """Hold out a share of the base forms; of the published network a share of the pictures, at random, as the author.

    Raises:
        TableError: One side has no pictures.
    """
    share = settings.held_out
    if settings.network == "wolf":
        held = np.random.default_rng(settings.seed).random(len(pictures)) < share
    else:
        held = pictures.held_out(share, settings.fold)
    if held.all() or not held.any():
        found = counted(len(pictures), "picture")
        raise TableError(f"{pictures.source}: {found}, too few to hold {share:.0%} of them out; give more")
    tensor = to_tensor(pictures)
    return Split(tensor[torch.from_numpy(~held)], tensor[torch.from_numpy(held)], np.flatnonzero(held))


def fit_autoencoder(
    parts: Split,
    settings: AutoencoderSettings,
    folder: Path | None = None,
    *,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress = silent,
) -> tuple[Autoencoder, list[dict[str, Any]]]:
    """Train an autoencoder; returns it and the record of its epochs.

    Raises:
        ModelError: A loss or a weight is no number any more; it says at which step, and where the last good state is.
    """
    torch.manual_seed(settings.seed)
    network = new_network(settings)
    if isinstance(network, EmojiAutoencoder):
        network.start_from(parts.training)
    task = AutoencoderTask(network, parts.training, parts.held_out, settings)
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
    network.eval()
    torch.manual_seed(settings.seed)  # what is measured next may draw
    return network, history


def train_autoencoder(
    pictures: EmojiPictures,
    settings: AutoencoderSettings,
    out: Path,
    *,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress = silent,
) -> Path:
    """Train an emoji autoencoder and save it.

    Returns:
        `out`, which `folder.read` opens.

    Raises:
        ModelError: The folder holds something else, or the training failed; one line that says what to do.
        TableError: There are too few pictures.
    """
    parts = split(pictures, settings)
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        if not resume:
            run_folder.check_is_free(out)
        elif (out / autoencoder_folder.MANIFEST).is_file():
            before = autoencoder_folder.read(out)
            same = {"settings": before.settings == settings, "pictures": before.scores.get("digest") == pictures.digest}
            for what in (name for name, is_same in same.items() if not is_same):
                raise ModelError(f"{out}: the training is finished, and had other {what}; give a new folder")
            return out
        elif not checkpoint.has_begun(out):
            checkpoint.find(out)  # says that there is none
        remove_partials(out)
        network, history = fit_autoencoder(parts, settings, out, resume=resume, device=device, progress=progress)
        progress("measuring", 0, 0, "")
        bases = [catalogue.base_form(pictures.sequences[row]) for row in parts.rows]
        every = measure(network, to_tensor(pictures))
        found = every.rows(torch.from_numpy(parts.rows))
        scores = {
            "pictures": pictures.source,
            "digest": pictures.digest,
            "training": len(parts.training),
            "held_out": len(parts.held_out),
            "split": "pictures" if settings.network == "wolf" else "base forms",
            "errors": errors_by_method(found.errors, parts.training, parts.held_out, bases),
            "kl": found.summary()["kl"],
            "infinite_codes": every.summary()["infinite_codes"],
            "history": history,
        }
        saved = SavedAutoencoder(settings, network, pictures.sequences, every.codes, scores)
        report.write(out, saved, pictures.rows(parts.rows))
        autoencoder_folder.write(out, saved)
        remove_checkpoints(out)
    return out
