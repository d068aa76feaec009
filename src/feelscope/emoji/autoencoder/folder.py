"""A saved emoji autoencoder: a folder whose files a person can open, with a checksum for each.

    autoencoder.json         settings, the emoji whose codes are known, what was measured
    autoencoder.safetensors  weights, and the codes (N, Z) of those emoji
    sheets/                  reconstructions, grids, samples, a walk
    README.md                the card
    manifest.json            SHA-256 of the first two; written last

Folders are shared, so what is in one is foreign: every value is checked before it is used.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from feelscope.config import build, shown
from feelscope.emoji import catalogue
from feelscope.emoji.autoencoder.settings import AutoencoderSettings
from feelscope.emoji.autoencoder.task import Autoencoder, new_network
from feelscope.errors import ConfigError, ModelError
from feelscope.files import read_json, write_bytes, write_json
from feelscope.saved_model.manifest import MANIFEST, check_files, write_manifest
from feelscope.saved_model.tensors import load_tensors

SETTINGS, WEIGHTS = "autoencoder.json", "autoencoder.safetensors"
_CODES = "codes"  # the tensor beside the weights
_REPAIR = "copy the folder again or train the autoencoder again"
_MOST_BYTES = {SETTINGS: 4_000_000, WEIGHTS: 500_000_000}
_MOST_EMOJI = 50_000


@dataclass(frozen=True, slots=True)
class SavedAutoencoder:
    """A trained autoencoder.

    Args:
        sequences: N emoji, fully qualified.
        codes: (N, Z), theirs; those of the published network may be infinite.
        scores: What was measured.
    """

    settings: AutoencoderSettings
    network: Autoencoder
    sequences: tuple[str, ...]
    codes: torch.Tensor
    scores: Mapping[str, Any]

    def code(self, emoji: catalogue.Emoji) -> torch.Tensor:
        """The code (Z,) of an emoji.

        Raises:
            ModelError: It was not among the pictures, or its code is infinite.
        """
        if emoji.sequence not in self.sequences:
            raise ModelError(f"{emoji.sequence} ({emoji.name}) was not among the pictures; train with a newer font")
        code = self.codes[self.sequences.index(emoji.sequence)]
        if not code.isfinite().all():
            raise ModelError(f"the code of {emoji.sequence} ({emoji.name}) is infinite in this published network")
        return code


def write(folder: Path, saved: SavedAutoencoder) -> None:
    """Write an autoencoder into a folder, the manifest last."""
    from safetensors.torch import save

    (folder / MANIFEST).unlink(missing_ok=True)  # from here on, and until the end, it is no autoencoder
    weights = {name: value.contiguous() for name, value in saved.network.state_dict().items()}
    write_bytes(folder / WEIGHTS, save({**weights, _CODES: saved.codes.contiguous()}))
    values = {"settings": asdict(saved.settings), "emoji": saved.sequences, "scores": saved.scores}
    write_json(folder / SETTINGS, values)
    write_manifest(folder, (SETTINGS, WEIGHTS))


def read(folder: Path) -> SavedAutoencoder:
    """Check and read an autoencoder.

    Raises:
        ModelError: It is no such folder, or a file is missing, altered, or not as Feelscope writes it.
    """
    if not (folder / SETTINGS).is_file():
        raise ModelError(
            f"{folder}: no emoji autoencoder is there ({SETTINGS} is missing); give the folder that "
            "`feelscope emoji train-autoencoder --out RUN` wrote"
        )
    check_files(folder, _MOST_BYTES, "autoencoder", _REPAIR)
    values = read_json(folder / SETTINGS, ModelError, _REPAIR)
    sequences, given = values.get("emoji"), values.get("settings")
    if not isinstance(sequences, list) or not _are_emoji(sequences):
        raise _wrong(folder, SETTINGS, f"emoji: expected different emoji, found {shown(sequences)}")
    if not isinstance(given, dict) or not isinstance(values.get("scores"), dict):
        raise _wrong(folder, SETTINGS, "settings and scores: expected an object each")
    try:
        settings = build(given, AutoencoderSettings, "settings")
    except ConfigError as error:
        raise _wrong(folder, SETTINGS, str(error)) from error
    network = new_network(settings).eval()
    beside = load_tensors(folder / WEIGHTS, network, _REPAIR, {_CODES: (len(sequences), settings.code)})
    return SavedAutoencoder(settings, network, tuple(sequences), beside[_CODES].float(), values["scores"])


def _are_emoji(value: list[object]) -> bool:
    texts = {one for one in value if isinstance(one, str) and 0 < len(one) <= 50}
    return 0 < len(value) == len(texts) <= _MOST_EMOJI


def _wrong(folder: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{folder / name}: {what}; {_REPAIR}")
