"""A saved bottleneck: a folder whose files a person can open, with a checksum for each.

    bottleneck.json         emotions, questions, words, sizes, the encoder its vectors come from
    bottleneck.safetensors  weights of the captioner, the answer heads and the text classifier
    README.md               the card; metrics.json what was measured; recipe.toml what was trained
    manifest.json           SHA-256 of the first two; written last

Folders are shared, so what is in one is foreign: every value is checked before it is used.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from feelscope.bottleneck.fit import new_captioner, new_network
from feelscope.config import build, shown
from feelscope.emotions import is_name
from feelscope.errors import ConfigError, ModelError
from feelscope.files import read_json, write_bytes, write_json
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.models.captioner import Captioner
from feelscope.models.semantic_bottleneck import SemanticBottleneck
from feelscope.saved_model.folder import BOTTLENECK
from feelscope.saved_model.manifest import MANIFEST, check_files, write_manifest
from feelscope.saved_model.tensors import load_tensors
from feelscope.text.vocabulary import Vocabulary
from feelscope.web.hub import PREFIX

SETTINGS, WEIGHTS = BOTTLENECK, "bottleneck.safetensors"
_REPAIR = "copy the folder again or train the bottleneck again"
_MOST_BYTES = 500_000_000  # of the weights; the largest settings make 400 MB
_MOST_WORDS = 50_000


@dataclass(frozen=True, slots=True)
class BottleneckParts:
    """What a saved bottleneck is made of.

    Args:
        encoder: `lite0` or `hub:...`, by which pictures are read.
        identity: Of that encoder and its weights.
        width: D of its vectors.
        temperature: Of the probabilities; None where a picture may have several labels, which cannot be saved.
        vocabulary, words: What the captioner writes; what the classifier reads of captions.
        asked: The words that are asked for.
    """

    name: str
    emotions: tuple[str, ...]
    encoder: str
    identity: str
    width: int
    temperature: float | None
    settings: BottleneckSettings
    vocabulary: Vocabulary
    words: Vocabulary
    asked: tuple[str, ...]
    captioner: Captioner
    network: SemanticBottleneck


def write(folder: Path, parts: BottleneckParts) -> None:
    """Write a bottleneck into a folder, the manifest last."""
    from safetensors.torch import save

    (folder / MANIFEST).unlink(missing_ok=True)  # from here on, and until the end, it is no bottleneck
    weights = {name: value.contiguous() for name, value in _module(parts).state_dict().items()}
    write_bytes(folder / WEIGHTS, save(weights))
    values = {
        "name": parts.name,
        "emotions": parts.emotions,
        "encoder": parts.encoder,
        "identity": parts.identity,
        "width": parts.width,
        "temperature": parts.temperature,
        "settings": asdict(parts.settings),
        "vocabulary": parts.vocabulary.words,
        "words": parts.words.words,
        "asked": parts.asked,
    }
    write_json(folder / SETTINGS, values)
    write_manifest(folder, (SETTINGS, WEIGHTS))


def read(folder: Path) -> BottleneckParts:
    """Check and read a bottleneck.

    Raises:
        ModelError: It is no such folder, or a file is missing, altered, or not as Feelscope writes it.
    """
    if not (folder / SETTINGS).is_file():
        raise ModelError(
            f"{folder}: no bottleneck is there ({SETTINGS} is missing); give the folder that "
            "`feelscope train TABLE --recipe bottleneck --out RUN` wrote"
        )
    check_files(folder, {SETTINGS: 16_000_000, WEIGHTS: _MOST_BYTES}, "bottleneck", _REPAIR)
    values = _checked(folder, read_json(folder / SETTINGS, ModelError, _REPAIR))
    vocabulary, words = Vocabulary(values["vocabulary"]), Vocabulary(values["words"])
    sizes = (values["width"], len(words.words), len(values["asked"]), len(values["emotions"]))
    parts = BottleneckParts(
        values["name"],
        tuple(values["emotions"]),
        values["encoder"],
        values["identity"],
        values["width"],
        float(values["temperature"]),
        values["settings"],
        vocabulary,
        words,
        tuple(values["asked"]),
        new_captioner(values["width"], len(vocabulary), values["settings"]),
        new_network(*sizes, values["settings"]),
    )
    load_tensors(folder / WEIGHTS, _module(parts), _REPAIR)
    return parts


def _module(parts: BottleneckParts) -> nn.Module:
    return nn.ModuleDict({"captioner": parts.captioner, "network": parts.network}).eval()


def _checked(folder: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of bottleneck.json, each of its kind and in its range."""
    checks = (
        ("name", is_name, "a printable text of at most 200 characters"),
        ("emotions", lambda value: _are_words(value, 2, 1000), "two different names or more"),
        (
            "encoder",
            lambda value: value == "lite0" or (is_name(value) and value.startswith(PREFIX)),
            "lite0 or hub:ORG/NAME",
        ),
        ("identity", is_name, "a printable text"),
        ("width", lambda value: type(value) is int and 1 <= value <= 16384, "1 to 16,384"),
        ("temperature", lambda value: type(value) in (int, float) and 0.001 <= value <= 1000, "0.001 to 1,000"),
        ("vocabulary", lambda value: _are_words(value, 0, _MOST_WORDS), "different words"),
        ("words", lambda value: _are_words(value, 0, _MOST_WORDS), "different words"),
        ("asked", lambda value: _are_words(value, 0, 64), "at most 64 different words"),
        ("settings", lambda value: isinstance(value, dict), "an object"),
    )
    for name, right, expected in checks:
        if not right(values.get(name)):
            raise _wrong(folder, SETTINGS, f"{name}: expected {expected}, found {shown(values.get(name))}")
    try:
        settings = build(values["settings"], BottleneckSettings, "settings")
    except ConfigError as error:
        raise _wrong(folder, SETTINGS, str(error)) from error
    return {**values, "settings": settings}


def _are_words(value: object, least: int, most: int) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and len(value) == len(set(filter(is_name, value)))


def _wrong(folder: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{folder / name}: {what}; {_REPAIR}")
