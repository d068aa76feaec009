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
from feelscope.errors import ConfigError, ModelError, one_line
from feelscope.files import digest, read_json, write_bytes, write_json

SETTINGS, WEIGHTS, MANIFEST = "autoencoder.json", "autoencoder.safetensors", "manifest.json"
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
    write_json(folder / MANIFEST, {name: digest(folder / name) for name in (SETTINGS, WEIGHTS)})


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
    manifest = read_json(folder / MANIFEST, ModelError, _REPAIR, 100_000)
    for name, most in _MOST_BYTES.items():
        try:
            inside = (folder / name).resolve(strict=True).is_relative_to(folder.resolve())
            altered = inside and digest(folder / name, most) != manifest.get(name)
        except (OSError, RuntimeError) as error:
            raise _wrong(folder, name, f"cannot be read ({one_line(error)})") from error
        if not inside:
            raise _wrong(folder, name, "this is a link to a file outside the run's folder")
        if altered:
            raise _wrong(folder, name, "this file was altered since the autoencoder was saved")
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
    codes = _load(folder, network, (len(sequences), settings.code))
    return SavedAutoencoder(settings, network, tuple(sequences), codes, values["scores"])


def _load(folder: Path, network: Autoencoder, size: tuple[int, int]) -> torch.Tensor:
    """Put the weights into a network; returns the codes."""
    from safetensors import SafetensorError, safe_open

    wanted = {**network.state_dict(), _CODES: torch.empty(size)}
    try:
        with safe_open(folder / WEIGHTS, framework="pt") as file:
            names = set(file.keys())
            if names != set(wanted):
                what = f"its tensors are not those of the settings, as {sorted(names ^ set(wanted))[0]!r}"
                raise _wrong(folder, WEIGHTS, what)
            for name, value in wanted.items():
                if list(file.get_slice(name).get_shape()) != list(value.shape):
                    raise _wrong(folder, WEIGHTS, f"{name} has not the size that the settings say")
            weights = {name: file.get_tensor(name) for name in names}
        codes = weights.pop(_CODES).float()
        if not all(torch.isfinite(value).all() for value in weights.values()):
            raise _wrong(folder, WEIGHTS, "it has weights that are not numbers")
        network.load_state_dict(weights)
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError) as error:
        raise _wrong(folder, WEIGHTS, f"not weights as Feelscope writes them ({one_line(error)[:100]})") from error
    return codes


def _are_emoji(value: list[object]) -> bool:
    texts = {one for one in value if isinstance(one, str) and 0 < len(one) <= 50}
    return 0 < len(value) == len(texts) <= _MOST_EMOJI


def _wrong(folder: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{folder / name}: {what}; {_REPAIR}")
