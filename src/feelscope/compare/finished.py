"""Finished trainings on disk: NAME-SEED.npz with the answers, NAME-SEED.json with what they were made from."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.compare.estimator import Estimator
from feelscope.compare.material import Material
from feelscope.compare.training import FACTS, Outcome
from feelscope.config import to_toml
from feelscope.errors import ModelError, one_line
from feelscope.files import read_arrays, read_json, write_json, write_whole
from feelscope.post import COMBINATIONS
from feelscope.train.recipe import Recipe

_NEW = "pictures"  # older trainings do not say which
_REPAIR = "this training is damaged: delete both of its files and compare again"


class FinishedTrainings:
    """The finished trainings of a comparison.

    Args:
        folder: Made when the first is saved.
        rates: Of missing modalities; a training without answers for all of them is not finished.
    """

    def __init__(self, folder: Path, material: Material, rates: tuple[float, ...]):
        self._folder, self._material, self._rates = folder, material, rates

    def load(self, name: str, recipe: Recipe | Estimator, seed: int) -> Outcome | None:
        """What a training answered; None if it is not finished.

        Raises:
            ModelError: It was made from other posts, word vectors or settings, or its files are damaged.
        """
        file = self._file(name, seed)
        if not (file.is_file() and file.with_suffix(".npz").is_file()):
            return None
        made, arrays = _read(file)
        different = [
            key for key, value in self._made_of(recipe).items() if made.get(key, value if key == _NEW else "") != value
        ]
        if different:
            raise ModelError(
                f"{file}: was made from other {' and '.join(different)}; give a new folder with --out, "
                "or the same table, files and settings"
            )
        missing = {name: value for name, value in arrays.items() if name not in COMBINATIONS}
        if not {f"either {rate:g}" for rate in self._rates} <= missing.keys():
            return None
        return Outcome({name: arrays[name] for name in COMBINATIONS if name in arrays}, missing, made["facts"])

    def save(self, name: str, recipe: Recipe | Estimator, seed: int, outcome: Outcome) -> None:
        """Keep a training; the JSON file comes last, and marks it as whole."""
        file = self._file(name, seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(file.with_suffix(".npz"), "wb") as out:
            np.savez(out, **outcome.probabilities, **outcome.missing)  # type: ignore[arg-type]
        made = {**self._made_of(recipe), "facts": outcome.facts}
        write_json(file, made)

    def _file(self, name: str, seed: int) -> Path:
        plain = re.sub(r"[^\w.]+", "-", name)
        return self._folder / f"{plain}-{seed}.json"

    def _made_of(self, recipe: Recipe | Estimator) -> dict[str, str]:
        if isinstance(recipe, Estimator):
            pictured, by_words, settings = (
                "image" in recipe.modalities,
                "mean_words" in recipe.features,
                recipe.settings,
            )
        else:
            pictured, by_words = bool(recipe.image.encoder), recipe.text.encoder == "words"
            settings = to_toml(recipe)
        return {
            "posts": self._material.digest,
            _NEW: self._material.pictures_digest if pictured else "",
            "word vectors": self._material.words_digest if by_words else "",
            "settings": settings,
        }


def _read(file: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a training was made from, with its facts, and its answers by name."""
    made = read_json(file, ModelError, _REPAIR)
    try:
        made["facts"] = {name: _number(made["facts"][name]) for name in FACTS}
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{file}: {one_line(error)}; {_REPAIR}") from error
    return made, read_arrays(file.with_suffix(".npz"), ModelError, _REPAIR)


def _number(value: Any) -> float:
    """A fact; null of one that there is none of."""
    return float("nan") if value is None else float(value)
