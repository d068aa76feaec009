"""What a person looks at after a training: sheets of pictures, and the card."""

from pathlib import Path

import numpy as np
import torch

from feelscope.files import write_text
from feelscope.generate.pictures.copies import nearest
from feelscope.generate.pictures.drawing import COLUMNS, drawn_by, noise_of
from feelscope.generate.pictures.folder import SavedGenerator
from feelscope.generate.pictures.shown import ShownPictures
from feelscope.images.sheet import opaque, write_sheet

CARD, SHEETS = "README.md", "sheets"
COMPARED = 500  # drawn and training pictures whose nearest training picture is looked for; ours
_ROWS, _SCALE = 10, 2


def measure(saved: SavedGenerator, shown: ShownPictures) -> dict[str, float]:
    """The median distance of drawn pictures to the nearest training one, and that of training pictures."""
    rows = torch.linspace(0, len(shown) - 1, min(COMPARED, len(shown))).long()
    made, itself = _asked_as(saved, shown, rows), shown.pixels[rows]
    return {
        "drawn_to_nearest": float(nearest(made, shown.pixels).distances.median()),
        "training_to_nearest": float(nearest(itself, shown.pixels, themselves=rows).distances.median()),
    }


def write(out: Path, saved: SavedGenerator, shown: ShownPictures) -> None:
    """Write sheets/ and the card."""
    (out / SHEETS).mkdir(exist_ok=True)
    if saved.settings.by == "emotion":  # a row of each
        rows = torch.cat([(shown.conditions[:, at] > 0).nonzero()[:1, 0] for at in range(len(saved.emotions))])
        rows = rows.repeat_interleave(COLUMNS)
    else:
        rows = torch.linspace(0, len(shown) - 1, _ROWS * COLUMNS).long()
    made = _asked_as(saved, shown, rows)
    write_sheet(out / SHEETS / "drawn.png", opaque(made.numpy()), COLUMNS, _SCALE)
    first = made[:COLUMNS]
    beside = shown.pixels[nearest(first, shown.pixels).rows]
    write_sheet(out / SHEETS / "nearest.png", opaque(np.concatenate([first.numpy(), beside.numpy()])), COLUMNS, _SCALE)
    ends = noise_of([1, 2], saved.network.noise, saved.settings.seed)
    noise = torch.lerp(ends[0], ends[1], torch.linspace(0, 1, COLUMNS)[:, None])
    conditions = shown.conditions[:1].expand(COLUMNS, -1) if saved.condition else None
    write_sheet(out / SHEETS / "walk.png", opaque(drawn_by(saved.network, noise, conditions)), COLUMNS, _SCALE)
    write_text(out / CARD, _card(out.resolve().name, saved))


def _asked_as(saved: SavedGenerator, shown: ShownPictures, rows: torch.Tensor) -> torch.Tensor:
    """Pictures uint8 (N, 3, S, S), asked for as some training pictures (N,) would be."""
    noise = noise_of(list(range(1, len(rows) + 1)), saved.network.noise, saved.settings.seed)
    return torch.from_numpy(drawn_by(saved.network, noise, shown.conditions[rows] if saved.condition else None))


def _card(name: str, saved: SavedGenerator) -> str:
    settings, scores = saved.settings, saved.scores
    asked = {
        "nothing": "It draws without being asked for anything.",
        "emotion": f"It is asked for an emotion: {', '.join(saved.emotions)}.",
        "text": "It is asked for a text, which the built-in model's text network reads.",
    }[settings.by]
    rows = " (a row of each emotion, in that order)" if settings.by == "emotion" else ""
    own, other = scores["drawn_to_nearest"], scores["training_to_nearest"]
    lines = [
        f"# {name}",
        f"A picture generator (DCGAN), {settings.size} x {settings.size} pixels, {settings.width:g} of the published "
        f"width. {asked}",
        f"It learnt from {scores['pictures']:,} pictures ({scores['source']}), {scores['epochs']} epochs of batches "
        f"of {settings.batch_size}, seed {settings.seed}.",
        f"How much its pictures of one kind vary, beside training pictures' 1: {scores['variety']:.2f}; near 0, it "
        "draws one picture whatever the noise.",
        f"Whether it copies: half of its pictures are within {own:.1f} of the nearest training picture (root mean "
        f"squared difference of bytes), and half of the training pictures within {other:.1f} of the nearest other. "
        "sheets/nearest.png has drawn pictures above the nearest training pictures.",
        f"sheets/drawn.png has what it draws{rows}, sheets/walk.png a way from one picture to another.",
        "Not for: showing what happened, or how a person looks. What it draws is not there, and may be near to what "
        "it learnt from, whose licence and privacy it may fall under.",
    ]
    return "\n\n".join(lines) + "\n"
