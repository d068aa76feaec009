"""A saved writer: a folder whose files a person can open, with a checksum for each.

    writer.json     settings, emotions, words and how they are written, the network that reads pictures, scores
    writer.npz      weights by their names in `models.writer`, and `hashes`, what the guard knows of training posts
    README.md       the card
    manifest.json   SHA-256 of the first two; written last

Weights are in NumPy's format and 16 bits, as those of an answer model: a post is written without torch. Folders are
shared, so what is in one is foreign: every value is checked before it is used.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.config import build, shown
from feelscope.emotions import is_name
from feelscope.errors import ConfigError, ModelError
from feelscope.files import read_arrays, read_json, write_json, write_whole
from feelscope.generate.writer.settings import WriterSettings
from feelscope.generate.writer.verbatim import Verbatim
from feelscope.saved_model.arrays import checked
from feelscope.saved_model.folder import BUILTIN
from feelscope.saved_model.manifest import MANIFEST, check_files, write_manifest
from feelscope.text.vocabulary import Vocabulary

FOLDER = BUILTIN / "writer"
SETTINGS, WEIGHTS = "writer.json", "writer.npz"
HASHES = "hashes"  # the array beside the weights
_MOST_BYTES = {SETTINGS: 40_000_000, WEIGHTS: 1_000_000_000}
_MOST_WORDS, _MOST_EMOTIONS, _MOST_HASHES = 1_000_000, 1000, 10**9
_LONGEST_WORD = 200
_WIDEST = 65_536  # of a picture's vector


@dataclass(frozen=True, slots=True)
class SavedWriter:
    """A trained writer.

    Args:
        encoder: SHA-256 of the network that its pictures are read by.
        emotions: K.
        forms: See `reading.forms_of`.
        weights: float32 arrays by their names in `models.writer.Writer`; see `shapes`.
        scores: What was measured.
    """

    name: str
    settings: WriterSettings
    encoder: str
    emotions: tuple[str, ...]
    vocabulary: Vocabulary
    forms: Mapping[str, str]
    weights: Mapping[str, np.ndarray]
    guard: Verbatim
    scores: Mapping[str, Any]


def shapes(settings: WriterSettings, vocabulary: int, emotions: int, picture: int) -> dict[str, tuple[int, ...]]:
    """The weights of a writer and their shapes; V words with the marks, K emotions, pictures of D numbers."""
    embedding, hidden = settings.embedding, settings.hidden
    both = settings.condition + settings.feeling
    return {
        "see.weight": (settings.condition, picture),
        "see.bias": (settings.condition,),
        "no_picture": (settings.condition,),
        "emotions.weight": (emotions, settings.feeling),
        "first.weight": (2 * hidden, both),
        "first.bias": (2 * hidden,),
        "words.weight": (vocabulary, embedding),
        "recurrence.weight_ih_l0": (4 * hidden, embedding + both),
        "recurrence.weight_hh_l0": (4 * hidden, hidden),
        "recurrence.bias_ih_l0": (4 * hidden,),
        "recurrence.bias_hh_l0": (4 * hidden,),
        "write_word.weight": (embedding, hidden),
        "write_word.bias": (embedding,),
        "bias": (vocabulary,),
    }


def write(folder: Path, saved: SavedWriter) -> None:
    """Write a writer into a folder, the manifest last; weights are kept in 16 bits."""
    (folder / MANIFEST).unlink(missing_ok=True)  # from here on, and until the end, it is no writer
    with write_whole(folder / WEIGHTS, "wb") as file:
        small: dict[str, Any] = {name: value.astype(np.float16) for name, value in saved.weights.items()}
        small[HASHES] = saved.guard.hashes
        np.savez_compressed(file, **small)
    values = {
        "name": saved.name,
        "settings": asdict(saved.settings),
        "encoder": saved.encoder,
        "emotions": saved.emotions,
        "words": saved.vocabulary.words,
        "forms": saved.forms,
        "scores": saved.scores,
    }
    write_json(folder / SETTINGS, values, indent=None)
    write_manifest(folder, (SETTINGS, WEIGHTS))


def read(folder: Path) -> SavedWriter:
    """Check and read a writer.

    Raises:
        ModelError: It is no such folder, or a file is missing, altered, or not as Feelscope writes it.
    """
    if not (folder / SETTINGS).is_file():
        raise ModelError(
            f"{folder}: no writer is there ({SETTINGS} is missing); give the folder that "
            "`feelscope generate train-writer TABLE --out RUN` wrote"
        )
    check_files(folder, _MOST_BYTES, "writer", _repair(folder))
    values = read_json(folder / SETTINGS, ModelError, _repair(folder), _MOST_BYTES[SETTINGS])
    for name, right, expected in (
        ("name", is_name, "a printable text of at most 200 characters"),
        ("encoder", is_name, "a SHA-256"),
        ("emotions", lambda value: _are_different(value, is_name, _MOST_EMOTIONS), "different names"),
        ("words", lambda value: _are_different(value, _is_word, _MOST_WORDS), "different words"),
        ("forms", lambda value: isinstance(value, dict) and all(map(_is_word, value.values())), "words by words"),
        ("settings", lambda value: isinstance(value, dict), "an object"),
        ("scores", lambda value: isinstance(value, dict), "an object"),
    ):
        if not right(values.get(name)):
            raise _wrong(folder, SETTINGS, f"{name}: expected {expected}, found {shown(values.get(name))}")
    try:
        settings = build(values["settings"], WriterSettings, "settings")
    except ConfigError as error:
        raise _wrong(folder, SETTINGS, str(error)) from error
    emotions, vocabulary = tuple(values["emotions"]), Vocabulary(values["words"])
    arrays = read_arrays(folder / WEIGHTS, ModelError, _repair(folder))
    weights = _weights(folder, arrays, settings, len(vocabulary), len(emotions))
    hashes = arrays.get(HASHES)
    if hashes is None or hashes.dtype != np.uint64 or hashes.ndim != 1 or len(hashes) > _MOST_HASHES:
        raise _wrong(folder, WEIGHTS, f"{HASHES}: expected 64-bit whole numbers in a row")
    return SavedWriter(
        *(values["name"], settings, values["encoder"], emotions, vocabulary, values["forms"], weights),
        *(Verbatim(hashes), values["scores"]),
    )


def _weights(
    folder: Path, arrays: Mapping[str, np.ndarray], settings: WriterSettings, vocabulary: int, emotions: int
) -> dict[str, np.ndarray]:
    seen = arrays.get("see.weight")
    if seen is None or seen.ndim != 2 or not 0 < seen.shape[1] <= _WIDEST:
        raise _wrong(folder, WEIGHTS, "its layers are not those of a writer")
    wanted = shapes(settings, vocabulary, emotions, seen.shape[1])
    path = folder / WEIGHTS
    return {name: checked(arrays, name, shape, path, _repair(folder)) for name, shape in wanted.items()}


def _are_different(value: object, is_one: Any, most: int) -> bool:
    return isinstance(value, list) and 0 < len(value) <= most and all(map(is_one, value)) and _once(value)


def _once(values: list[Any]) -> bool:
    return len(set(values)) == len(values)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD


def _repair(folder: Path) -> str:
    return "reinstall feelscope" if folder == FOLDER else "copy the folder again or train the writer again"


def _wrong(folder: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{folder / name}: {what}; {_repair(folder)}")
