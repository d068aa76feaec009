"""What a trained autoencoder draws, as PNG files: an emoji again, a code, a walk, a grid, samples."""

import math
from pathlib import Path

import torch

from feelscope.config import shown
from feelscope.emoji import catalogue
from feelscope.emoji.autoencoder.codes import TICKS, grid, samples, walk
from feelscope.emoji.autoencoder.folder import SavedAutoencoder
from feelscope.emoji.autoencoder.task import decoded
from feelscope.errors import ConfigError
from feelscope.images.sheet import to_bytes, write_sheet
from feelscope.text.counts import counted

_LARGEST = 1000.0  # of a code's numbers that may be given; those of emoji are within 10
_COLUMNS = 10


def draw_again(saved: SavedAutoencoder, text: str, out: Path, scale: int) -> str:
    """Draw an emoji from its code; each function here returns what was drawn, for people.

    Raises:
        ConfigError: It is no emoji.
        ModelError: The autoencoder has no code of it, or an infinite one.
    """
    one = catalogue.find(text)
    _write(saved, saved.code(one)[None], out, 1, scale)
    return f"{one.sequence} {one.name}, from its code"


def draw_code(saved: SavedAutoencoder, text: str, out: Path, scale: int) -> str:
    """Draw a code that is given as numbers between commas; a single one is all of its numbers.

    Raises:
        ConfigError: They are no numbers, too large, or of another count.
    """
    width = saved.settings.code
    try:
        numbers = [float(one) for one in text.split(",")]
    except ValueError:
        raise ConfigError(f"--code: expected numbers between commas, found {shown(text)}") from None
    if not all(math.isfinite(one) and abs(one) <= _LARGEST for one in numbers):
        raise ConfigError(f"--code: expected numbers from {-_LARGEST:g} to {_LARGEST:g}, found {shown(text)}")
    if len(numbers) not in (1, width):
        raise ConfigError(f"--code: a code of this autoencoder has {width} numbers, found {len(numbers)}")
    numbers = numbers * (width // len(numbers))
    _write(saved, torch.tensor([numbers]), out, 1, scale)
    return "the picture of that code"


def draw_walk(saved: SavedAutoencoder, start: str, end: str, steps: int, out: Path, scale: int) -> str:
    """Draw the straight way from one emoji's code to another's; raises as `draw_again`."""
    ends = [catalogue.find(text) for text in (start, end)]
    _write(saved, walk(saved.code(ends[0]), saved.code(ends[1]), steps), out, _COLUMNS, scale)
    return f"from {ends[0].sequence} to {ends[1].sequence} in {counted(steps, 'picture')}"


def draw_grid(saved: SavedAutoencoder, kind: str, out: Path, scale: int) -> str:
    """Draw one of the grids.

    Raises:
        ConfigError: There is no such grid.
    """
    codes = grid(kind.upper(), saved.settings.code)  # (20, 20, Z)
    _write(saved, codes.flatten(0, 1), out, TICKS, scale)
    return f"grid {kind.upper()}, {TICKS} x {TICKS} pictures"


def draw_samples(saved: SavedAutoencoder, count: int, seed: int, out: Path, scale: int) -> str:
    """Draw new emoji."""
    _write(saved, samples(count, saved.settings.code, seed), out, _COLUMNS, scale)
    return f"{count:,} new emoji"


def _write(saved: SavedAutoencoder, codes: torch.Tensor, out: Path, columns: int, scale: int) -> None:
    pictures = to_bytes(decoded(saved.network, codes).numpy())
    write_sheet(out, pictures, min(columns, len(pictures)), scale)
