"""The folder a training writes: what may lie in it before, and when it is finished."""

from pathlib import Path
from typing import Any

from feelscope.config import to_toml
from feelscope.errors import ModelError
from feelscope.files import is_lock, read_json
from feelscope.saved_model import card
from feelscope.saved_model.folder import SHIPPED
from feelscope.train.recipe import Recipe

RECIPE, WEIGHTS, METRICS = "recipe.toml", "model.safetensors", "metrics.json"
REPAIR = "give the whole folder that `feelscope train` wrote, or train the model again"
QUARANTINE = "quarantine.jsonl"  # may be there from a training that found nothing to train on


def check_is_free(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises:
        ModelError: It does, or it is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(map(_counts, folder.iterdir()))):
        raise ModelError(
            f"{folder}: something is there already; give a new folder, or --resume to go on with a training"
        )


def check_is_run(folder: Path) -> None:
    """Refuse a model folder without what gradients need beside the saved model.

    Raises:
        ModelError: It came with Feelscope, or a file is missing.
    """
    if folder in SHIPPED.values():
        raise ModelError(
            "gradients need a run's torch weights, which the models that come with Feelscope do not have; "
            "give a folder that `feelscope train` wrote with --model RUN"
        )
    for name in (RECIPE, WEIGHTS, METRICS):
        if not (folder / name).is_file():
            raise ModelError(f"{folder / name}: is missing, and gradients need it; {REPAIR}")


def is_finished(folder: Path, recipe: Recipe, folds: int | None = None) -> bool:
    """Whether a folder holds the finished model of a recipe.

    Args:
        folds: How many it was to be scored by; None where it was not.

    Raises:
        ModelError: It holds that of another recipe, or one with other folds.
    """
    if not ((folder / RECIPE).is_file() and (folder / card.FILE).is_file()):  # the card is written last
        return False
    if (folder / RECIPE).read_bytes() != to_toml(recipe).encode():
        raise ModelError(f"{folder}: the training is finished, and of another recipe; give a new folder")
    found = read_folds(folder).get("count") if (folder / METRICS).is_file() else None
    if found != folds:
        had = "without folds" if found is None else f"with {found} folds"
        raise ModelError(f"{folder}: the training is finished, {had}; give a new folder")
    return True


def read_folds(folder: Path) -> dict[str, Any]:
    """What metrics.json says of a cross-validation; empty where there was none.

    Raises:
        ModelError: The file is missing or damaged.
    """
    found = read_json(folder / METRICS, ModelError, REPAIR).get("folds")
    return found if isinstance(found, dict) else {}


def _counts(path: Path) -> bool:
    """Whether a file is more than what a training leaves that was killed before its first checkpoint."""
    is_left = path.name in (QUARANTINE, "tensorboard") or path.suffix == ".partial" or is_lock(path)
    return not (is_left or (path.is_dir() and not any(map(_counts, path.iterdir()))))
