"""A saved picture generator: a folder whose files a person can open, with a checksum for each.

    generator.json         settings, what it can be asked for, what was measured
    generator.safetensors  weights
    sheets/                samples, a walk, nearest training pictures
    README.md              the card
    manifest.json          SHA-256 of the first two; written last

Folders are shared, so what is in one is foreign: every value is checked before it is used.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.config import build, shown
from feelscope.emotions import is_name
from feelscope.errors import ConfigError, ModelError
from feelscope.files import read_json, write_bytes, write_json
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.models.dcgan import Generator
from feelscope.saved_model.manifest import MANIFEST, check_files, write_manifest
from feelscope.saved_model.tensors import load_tensors

SETTINGS, WEIGHTS = "generator.json", "generator.safetensors"
_REPAIR = "copy the folder again or train the generator again"
_MOST_BYTES = {SETTINGS: 4_000_000, WEIGHTS: 1_000_000_000}
_MOST_EMOTIONS, _MOST_NUMBERS = 1000, 100_000  # a condition has so many numbers at most


@dataclass(frozen=True, slots=True)
class SavedGenerator:
    """A trained generator.

    Args:
        condition: F, numbers of what it is asked for; 0 for nothing.
        emotions: Those it can be asked for.
        reader: Identity of the network that reads texts, where it can be asked for one.
        scores: What was measured.
    """

    settings: PictureSettings
    network: Generator
    condition: int
    emotions: tuple[str, ...]
    reader: str
    scores: Mapping[str, Any]


def write(folder: Path, saved: SavedGenerator) -> None:
    """Write a generator into a folder, the manifest last."""
    from safetensors.torch import save

    (folder / MANIFEST).unlink(missing_ok=True)  # from here on, and until the end, it is no generator
    weights = {name: value.contiguous() for name, value in saved.network.state_dict().items()}
    write_bytes(folder / WEIGHTS, save(weights))
    values = {
        "settings": asdict(saved.settings),
        "condition": saved.condition,
        "emotions": saved.emotions,
        "reader": saved.reader,
        "scores": saved.scores,
    }
    write_json(folder / SETTINGS, values)
    write_manifest(folder, (SETTINGS, WEIGHTS))


def read(folder: Path) -> SavedGenerator:
    """Check and read a generator.

    Raises:
        ModelError: It is no such folder, or a file is missing, altered, or not as Feelscope writes it.
    """
    if not (folder / SETTINGS).is_file():
        raise ModelError(
            f"{folder}: no picture generator is there ({SETTINGS} is missing); give the folder that "
            "`feelscope generate train-pictures --out RUN` wrote"
        )
    check_files(folder, _MOST_BYTES, "generator", _REPAIR)
    values = read_json(folder / SETTINGS, ModelError, _REPAIR)
    given, reader, scores = (values.get(name) for name in ("settings", "reader", "scores"))
    if not isinstance(given, dict) or not isinstance(scores, dict) or not isinstance(reader, str):
        raise _wrong(folder, SETTINGS, "settings and scores: expected an object each, reader: a text")
    try:
        settings = build(given, PictureSettings, "settings")
    except ConfigError as error:
        raise _wrong(folder, SETTINGS, str(error)) from error
    emotions, condition = _asked_for(folder, values, settings.by)
    network = Generator(settings.size, condition, settings.width).eval()
    load_tensors(folder / WEIGHTS, network, _REPAIR)
    return SavedGenerator(settings, network, condition, emotions, reader, scores)


def _asked_for(folder: Path, values: dict[str, Any], by: str) -> tuple[tuple[str, ...], int]:
    """The emotions, and the numbers of a condition."""
    emotions, condition = values.get("emotions"), values.get("condition")
    if not isinstance(emotions, list) or not _are_emotions(emotions, by):
        raise _wrong(folder, SETTINGS, f"emotions: expected those it can be asked for, found {shown(emotions)}")
    if isinstance(condition, int) and not isinstance(condition, bool):
        if by == "text" and 0 < condition <= _MOST_NUMBERS:
            return (), condition
        if by != "text" and condition == len(emotions):
            return tuple(emotions), condition
    raise _wrong(folder, SETTINGS, f"condition: expected its count of numbers, found {shown(condition)}")


def _are_emotions(value: list[object], by: str) -> bool:
    names = {one for one in value if is_name(one)}
    return len(names) == len(value) and (2 <= len(value) <= _MOST_EMOTIONS if by == "emotion" else not value)


def _wrong(folder: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{folder / name}: {what}; {_REPAIR}")
