"""Checkpoints that survive `kill -9`: one safetensors file, replaced whole."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from feelscope.errors import ModelError
from feelscope.models.towers import Towers

FILE = "checkpoint.safetensors"
BEST = "checkpoint_best.safetensors"


@dataclass(frozen=True, slots=True)
class Training:
    """The parts of a training whose state is kept."""

    model: Towers
    average: Towers
    optimizer: torch.optim.Optimizer


def save(folder: Path, training: Training, progress: Mapping[str, Any]) -> None:
    """Write the state of a training and how far it is (any JSON values)."""
    tensors = {f"model.{name}": value for name, value in training.model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in training.average.state_dict().items()}
    for index, state in training.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
    _replace(folder / FILE, tensors, {"progress": json.dumps(progress)})


def save_best(folder: Path, average: nn.Module) -> None:
    """Write the weights of the best epoch so far."""
    _replace(folder / BEST, average.state_dict(), {})


def load_best(folder: Path, average: nn.Module) -> None:
    """Put the weights of the best epoch into a model."""
    from safetensors.torch import load_file

    average.load_state_dict(load_file(folder / BEST))


def _replace(path: Path, tensors: Mapping[str, torch.Tensor], metadata: dict[str, str]) -> None:
    from safetensors.torch import save_file

    partial = _partial(path)
    save_file({name: value.contiguous() for name, value in tensors.items()}, partial, metadata)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def find(folder: Path) -> Path:
    """The checkpoint of an interrupted training.

    Raises:
        ModelError: There is none.
    """
    path = folder / FILE
    if not path.is_file():
        raise ModelError(f"{path}: there is no checkpoint to resume from; train without --resume")
    return path


def load(folder: Path, training: Training, recipe: str) -> dict[str, Any]:
    """Put the state back into a training; returns how far it was.

    Args:
        recipe: The digest that the checkpoint's progress must have.

    Raises:
        ModelError: There is no checkpoint, or it belongs to another recipe.
    """
    from safetensors import SafetensorError, safe_open

    path = find(folder)
    try:
        with safe_open(path, framework="pt") as file:
            progress = json.loads(file.metadata()["progress"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: not a checkpoint of Feelscope ({error}); train without --resume") from error
    if progress.get("recipe") != recipe:
        raise ModelError(f"{path}: the checkpoint belongs to another recipe or other posts; train without --resume")
    training.model.load_state_dict(_below(tensors, "model."))
    training.average.load_state_dict(_below(tensors, "average."))
    optimizer = training.optimizer.state_dict()
    states: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _below(tensors, "optimizer.").items():
        index, _, part = name.partition(".")
        states.setdefault(int(index), {})[part] = value
    optimizer["state"] = states
    training.optimizer.load_state_dict(optimizer)
    return progress


def _below(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def remove(folder: Path) -> None:
    """Delete the checkpoints of a finished training."""
    for path in (folder / FILE, folder / BEST):
        path.unlink(missing_ok=True)
        _partial(path).unlink(missing_ok=True)  # of a training that was killed while it wrote


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")
