"""A saved answer model: a folder whose files a person can open, with a checksum for each.

    answer.json     the emoji it answers with, how many training texts each had, the network that reads the text
    answer.npz      the small layers, and a vector for each emoji
    drawing.npz     what new emoji are drawn by; only where an autoencoder was given, see `drawing_file`
    README.md       the card
    manifest.json   SHA-256 of the files but the card; written last

The built-in one lies in `builtin/answer` and reads texts by the built-in model's text network, so it is small. Folders
are shared, so what is in one is foreign: every value is checked before it is used.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.config import shown
from feelscope.emotions import is_name
from feelscope.errors import ModelError
from feelscope.files import read_arrays, read_json, write_json, write_whole
from feelscope.saved_model.arrays import checked
from feelscope.saved_model.folder import BUILTIN
from feelscope.saved_model.manifest import MANIFEST, check_files, write_manifest
from feelscope.text.emoji import plain

FOLDER = BUILTIN / "answer"
SETTINGS, WEIGHTS, CARD = "answer.json", "answer.npz", "README.md"
KIND = "model"  # as messages call it
_MOST_BYTES = 100_000_000
_MOST_EMOJI = 20_000
_MOST_TEXTS = 10**12
_WIDEST = 8192


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """What is known of an answer model beside its weights.

    Args:
        encoder: SHA-256 of the text network whose vectors it takes.
        emoji: E, each once, without skin tones and variation selectors.
        texts: How many training texts had each; 0 for one that answers by its vector alone.
    """

    name: str
    encoder: str
    emoji: tuple[str, ...]
    texts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnswerModel:
    """An answer model: settings, and float32 arrays by name; see `shapes`."""

    settings: AnswerSettings
    arrays: Mapping[str, np.ndarray]


def shapes(encoded: int, tower: int, hidden: int, width: int, emoji: int) -> dict[str, tuple[int, ...]]:
    """The arrays of an answer model, S = `encoded`, and their shapes."""
    return {
        "norm_weight": (encoded,),
        "norm_bias": (encoded,),
        "direct_weight": (tower, encoded),
        "direct_bias": (tower,),
        "hidden_weight": (hidden, encoded),
        "hidden_bias": (hidden,),
        "out_weight": (tower, hidden),
        "out_bias": (tower,),
        "asked_weight": (width, tower),
        "asked_bias": (width,),
        "scale": (),
        "answers": (emoji, width),
        "often": (emoji,),
    }


def write(folder: Path, model: AnswerModel) -> None:
    """Write an answer model into a folder, the manifest last; numbers are kept in 16 bits."""
    (folder / MANIFEST).unlink(missing_ok=True)  # from here on, and until the end, it is no answer model
    with write_whole(folder / WEIGHTS, "wb") as file:
        small: dict[str, Any] = {name: value.astype(np.float16) for name, value in model.arrays.items()}
        np.savez_compressed(file, **small)
    write_json(folder / SETTINGS, asdict(model.settings), indent=None)
    write_manifest(folder, (SETTINGS, WEIGHTS))


def read(folder: Path) -> AnswerModel:
    """Check and read an answer model.

    Raises:
        ModelError: It is no such folder, or a file is missing, altered, or not as Feelscope writes it.
    """
    if not (folder / SETTINGS).is_file():
        raise ModelError(
            f"{folder}: no answer model is there ({SETTINGS} is missing); give the folder that "
            "`feelscope emoji train-answers TABLE --out RUN` wrote"
        )
    check_files(folder, {SETTINGS: 4_000_000, WEIGHTS: _MOST_BYTES}, KIND, repair(folder))
    settings = _settings(folder, read_json(folder / SETTINGS, ModelError, repair(folder), 4_000_000))
    return AnswerModel(settings, _arrays(folder, len(settings.emoji)))


def _settings(folder: Path, values: Mapping[str, Any]) -> AnswerSettings:
    emoji = values.get("emoji")
    count = len(emoji) if isinstance(emoji, list) else 0
    for name, right, expected in (
        ("name", is_name, "a printable text of at most 200 characters"),
        ("encoder", is_name, "a SHA-256"),
        ("emoji", lambda value: 2 <= count <= _MOST_EMOJI and count == len(_emoji(value)), "two emoji or more"),
        ("texts", lambda value: isinstance(value, list) and len(value) == count and all(map(_is_count, value)), "a "
         "whole number for each emoji"),
    ):  # fmt: skip
        if not right(values.get(name)):
            raise wrong(folder, SETTINGS, f"{name}: expected {expected}, found {shown(values.get(name))}")
    return AnswerSettings(values["name"], values["encoder"], tuple(values["emoji"]), tuple(values["texts"]))


def _emoji(values: list[Any]) -> set[str]:
    """Those of some values that are one emoji each, as `plain` has it."""
    return {value for value in values if isinstance(value, str) and 0 < len(value) <= 40 and plain(value) == value}


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MOST_TEXTS


def _arrays(folder: Path, emoji: int) -> dict[str, np.ndarray]:
    arrays = read_arrays(folder / WEIGHTS, ModelError, repair(folder))
    sides = [arrays[name].shape for name in ("direct_weight", "hidden_weight", "asked_weight") if name in arrays]
    if len(sides) != 3 or any(len(side) != 2 or max(side) > _WIDEST or not min(side) for side in sides):
        raise wrong(folder, WEIGHTS, "its layers are not those of an answer model")
    (tower, encoded), (hidden, _), (width, _) = sides
    wanted = shapes(encoded, tower, hidden, width, emoji)
    return {name: numbers(folder, WEIGHTS, arrays, name, shape) for name, shape in wanted.items()}


def numbers(
    folder: Path, file: str, arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], kind: str = "f"
) -> np.ndarray:
    """One of a file's arrays, as `saved_model.arrays.checked` gives it.

    Args:
        kind: `i` for whole numbers, by NumPy's letter.

    Raises:
        ModelError: It is not there, or not such.
    """
    return checked(arrays, name, shape, folder / file, repair(folder), kind)


def repair(folder: Path) -> str:
    """What to do about a damaged answer model."""
    return "reinstall feelscope" if folder == FOLDER else "copy the folder again or train the model again"


def wrong(folder: Path, name: str, what: str) -> ModelError:
    """The error of a file of an answer model."""
    return ModelError(f"{folder / name}: {what}; {repair(folder)}")
