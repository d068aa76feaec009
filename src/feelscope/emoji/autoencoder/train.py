"""Train an emoji autoencoder: pictures in, a folder with weights, codes, scores and sheets of pictures out."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from feelscope.emoji import catalogue, sheet
from feelscope.emoji.autoencoder import baselines
from feelscope.emoji.autoencoder import folder as autoencoder_folder
from feelscope.emoji.autoencoder.codes import GRIDS, TICKS, grid, samples, walk
from feelscope.emoji.autoencoder.folder import SavedAutoencoder
from feelscope.emoji.autoencoder.settings import AutoencoderSettings
from feelscope.emoji.autoencoder.task import (
    Autoencoder,
    AutoencoderTask,
    Measured,
    decoded,
    measure,
    new_network,
    steps_of,
)
from feelscope.emoji.pictures import EmojiPictures
from feelscope.errors import ModelError, TableError
from feelscope.files import remove_partials, write_text, writing_folder
from feelscope.metrics.intervals import LEVEL
from feelscope.models.emoji_autoencoder import EmojiAutoencoder
from feelscope.progress import Progress, silent
from feelscope.text.counts import counted
from feelscope.train import checkpoint, loop, run_folder
from feelscope.train.fit import remove_checkpoints

_SHOWN = 16  # held-out emoji on the sheet of reconstructions
_RESAMPLES = 2000  # of base forms, for intervals
CARD = "README.md"  # written before the manifest


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


def split(pictures: EmojiPictures, share: float, by_picture: int | None = None) -> Split:
    """Hold out a share of the base forms; or a share of the pictures, drawn by a seed, as the author did.

    Raises:
        TableError: One side has no pictures.
    """
    if by_picture is None:
        held = pictures.held_out(share)
    else:
        held = np.random.default_rng(by_picture).random(len(pictures)) < share
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
        task, steps, seed=settings.seed, patience=steps.epochs, folder=folder, resume=resume, progress=progress
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
    progress: Progress = silent,
) -> Path:
    """Train an emoji autoencoder and save it.

    Returns:
        `out`, which `folder.read` opens.

    Raises:
        ModelError: The folder holds something else, or the training failed; one line that says what to do.
        TableError: There are too few pictures.
    """
    parts = split(pictures, settings.held_out, settings.seed if settings.network == "wolf" else None)
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        if not resume:
            run_folder.check_is_free(out)
        elif (out / autoencoder_folder.MANIFEST).is_file():
            if autoencoder_folder.read(out).settings != settings:
                raise ModelError(f"{out}: the training is finished, and had other settings; give a new folder")
            return out
        elif not checkpoint.has_begun(out):
            checkpoint.find(out)  # says that there is none
        remove_partials(out)
        network, history = fit_autoencoder(parts, settings, out, resume=resume, progress=progress)
        progress("measuring", 0, 0, "")
        bases = [catalogue.base_form(pictures.sequences[row]) for row in parts.rows]
        every = measure(network, to_tensor(pictures))
        found = every.rows(torch.from_numpy(parts.rows))
        scores = {
            "pictures": pictures.source,
            "training": len(parts.training),
            "held_out": len(parts.held_out),
            "split": "pictures" if settings.network == "wolf" else "base forms",
            "errors": errors_by_method(parts, found, bases),
            "kl": found.summary()["kl"],
            "infinite_codes": every.summary()["infinite_codes"],
            "history": history,
        }
        saved = SavedAutoencoder(settings, network, pictures.sequences, every.codes, scores)
        _draw_sheets(out, saved, parts, pictures)
        write_text(out / CARD, _card(out.resolve().name, saved))
        autoencoder_folder.write(out, saved)
        remove_checkpoints(out)
    return out


def errors_by_method(parts: Split, found: Measured, bases: list[str]) -> dict[str, tuple[float, float, float]]:
    """The mean squared error on held-out pictures, of the autoencoder and of what it has to beat, and a difference.

    Returns:
        By method the mean and its 95% interval, over base forms drawn with replacement.
    """
    training, held_out = parts.training, parts.held_out
    few, more = baselines.components_errors(training, held_out, 16, 32)
    errors = {
        "autoencoder": found.errors,
        "PCA, 16 components": few,
        "PCA, 32 components": more,
        "mean picture": baselines.mean_errors(training, held_out),
        "autoencoder less PCA, 32 components": found.errors - more,
        "nearest training picture": baselines.nearest_errors(training, held_out),
    }
    return {name: mean_over_bases(values.numpy(), bases) for name, values in errors.items()}


def mean_over_bases(errors: np.ndarray, bases: list[str]) -> tuple[float, float, float]:
    """The mean of errors (M,) and its 95% interval; whole base forms are drawn, as their pictures are alike.

    Errors that are no numbers, of infinite codes, are left out.
    """
    is_number = np.isfinite(errors)
    if not is_number.any():
        return (float("nan"),) * 3
    _, group = np.unique(np.array(bases)[is_number], return_inverse=True)
    sums, counts = np.bincount(group, errors[is_number]), np.bincount(group)  # (G,) each
    draws = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=_RESAMPLES)
    means = (draws @ sums) / (draws @ counts)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(sums.sum() / counts.sum()), float(low), float(high)


def _draw_sheets(out: Path, saved: SavedAutoencoder, parts: Split, pictures: EmojiPictures) -> None:
    """Write sheets/: held-out pictures above what the autoencoder makes of them, grids, samples, a walk."""
    folder, network, width = out / "sheets", saved.network, saved.settings.code
    folder.mkdir(exist_ok=True)
    shown = np.linspace(0, len(parts.rows) - 1, min(_SHOWN, len(parts.rows))).astype(int)
    codes = torch.nan_to_num(saved.codes[torch.from_numpy(parts.rows[shown])], 0.0, 0.0, 0.0)
    both = np.concatenate([pictures.pixels[parts.rows[shown]], sheet.to_bytes(decoded(network, codes).numpy())])
    sheet.write_sheet(folder / "held_out.png", both, len(shown), 2)
    for kind in GRIDS:
        drawn = sheet.to_bytes(decoded(network, grid(kind, width).flatten(0, 1)).numpy())  # 400 pictures
        sheet.write_sheet(folder / f"grid_{kind}.png", drawn, TICKS, 1)
    drawn = sheet.to_bytes(decoded(network, samples(20, width, saved.settings.seed)).numpy())
    sheet.write_sheet(folder / "samples.png", drawn, 10, 2)
    finite = saved.codes[saved.codes.isfinite().all(dim=1)]
    if len(finite) > 1:
        drawn = sheet.to_bytes(decoded(network, walk(finite[0], finite[-1], 10)).numpy())
        sheet.write_sheet(folder / "walk.png", drawn, 10, 2)


def _card(name: str, saved: SavedAutoencoder) -> str:
    scores, settings = saved.scores, saved.settings
    errors = [
        f"| {method} | {mean:.4f} ({low:.4f} to {high:.4f}) |" for method, (mean, low, high) in scores["errors"].items()
    ]
    kind = "the published network (Wolf 2017)" if settings.network == "wolf" else "Feelscope's own network"
    lines = [
        f"# {name}",
        f"An emoji autoencoder, {kind}: pictures of 36 x 36 pixels to codes of {settings.code} numbers, and back.\n"
        f"It learnt from {scores['training']:,} pictures ({scores['pictures']}), seed {settings.seed}.",
        f"Mean squared error on {scores['held_out']:,} held-out pictures, split by {scores['split']}, with 95% "
        "intervals over base forms:",
        "\n".join(["| method | error |", "|---|---|", *errors]),
        f"KL on them: {scores['kl']:.1f} nats. Share of all pictures with an infinite code: "
        f"{scores['infinite_codes']:.2%}.",
        "Not for: telling what an emoji means. Codes know pixels alone.",
        "The pictures it learnt from have a licence of their own, which what it draws may fall under.",
    ]
    return "\n\n".join(lines) + "\n"
