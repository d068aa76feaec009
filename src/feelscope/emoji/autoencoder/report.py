"""What a person looks at after a training: sheets of pictures, and the card with the scores."""

from pathlib import Path

import numpy as np
import torch

from feelscope.emoji.autoencoder.codes import GRIDS
from feelscope.emoji.autoencoder.drawing import draw_grid, draw_samples, draw_walk
from feelscope.emoji.autoencoder.folder import SavedAutoencoder
from feelscope.emoji.autoencoder.task import decoded
from feelscope.emoji.pictures import EmojiPictures
from feelscope.files import write_text
from feelscope.images.sheet import to_bytes, write_sheet

CARD, SHEETS = "README.md", "sheets"
_SHOWN = 16  # held-out emoji on the sheet of reconstructions
_SAMPLES, _STEPS = 20, 10


def write(out: Path, saved: SavedAutoencoder, held_out: EmojiPictures) -> None:
    """Write sheets/ and the card."""
    (out / SHEETS).mkdir(exist_ok=True)
    _draw_again(saved, held_out, out / SHEETS / "held_out.png")
    for kind in GRIDS:
        draw_grid(saved, kind, out / SHEETS / f"grid_{kind}.png", 1)
    draw_samples(saved, _SAMPLES, saved.settings.seed, out / SHEETS / "samples.png", 2)
    finite = saved.codes.isfinite().all(dim=1).tolist()
    known = [sequence for sequence, is_finite in zip(saved.sequences, finite, strict=True) if is_finite]
    if known:
        draw_walk(saved, known[0], known[-1], _STEPS, out / SHEETS / "walk.png", 2)
    write_text(out / CARD, _card(out.resolve().name, saved))


def _draw_again(saved: SavedAutoencoder, held_out: EmojiPictures, path: Path) -> None:
    """Held-out pictures, evenly spread, above what is drawn from their codes; of an infinite code, from zeros."""
    shown = held_out.rows(np.linspace(0, len(held_out) - 1, min(_SHOWN, len(held_out))).astype(int))
    codes = saved.codes[[saved.sequences.index(sequence) for sequence in shown.sequences]]
    again = decoded(saved.network, torch.nan_to_num(codes, 0.0, 0.0, 0.0))
    write_sheet(path, np.concatenate([shown.pixels, to_bytes(again.numpy())]), len(shown), 2)


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
