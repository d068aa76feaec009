"""Checkpoints that survive `kill -9`: one safetensors file, replaced whole, that any device can go on from."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from feelscope.errors import ModelError, one_line
from feelscope.files import write_whole

FILE = "checkpoint.safetensors"
FOLDS = "folds"  # the folder within a run's that has the finished folds of a cross-validation


class Checkpoint:
    """The state of a training, in memory and in a folder.

    Args:
        folder: None keeps nothing but the best weights, in memory.
        identity: Of the training, its settings and its data.
        modules: Everything that has weights, by name.
        optimizers: Their state is kept too.
    """

    def __init__(
        self,
        folder: Path | None,
        identity: str,
        modules: Mapping[str, nn.Module],
        optimizers: Sequence[torch.optim.Optimizer],
    ):
        self._folder, self._identity, self._modules, self._optimizers = folder, identity, modules, optimizers
        self.best: dict[str, torch.Tensor] | None = None  # the weights of the best epoch so far
        self._saved = time.monotonic()

    @property
    def last_good(self) -> str:
        """The end of a message about a training that failed: where its last good state is."""
        return "" if self._folder is None else f"; {self._folder / FILE} has the last good state"

    def remember_best(self, network: nn.Module) -> None:
        """Keep a network's weights as those of the best epoch."""
        self.best = {name: value.to("cpu", copy=True) for name, value in network.state_dict().items()}

    def save(self, progress: Any) -> None:
        """Write the state of the training and how far it is, a dataclass of JSON values."""
        if self._folder is None:
            return
        from safetensors.torch import save

        tensors = {
            f"{module}.{name}": value
            for module, network in self._modules.items()
            for name, value in network.state_dict().items()
        }
        for number, optimizer in enumerate(self._optimizers):
            for index, state in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer{number}.{index}.{name}": value for name, value in state.items()}
        tensors |= {f"best.{name}": value for name, value in (self.best or {}).items()}
        metadata = {"identity": self._identity, "progress": json.dumps(asdict(progress))}
        with write_whole(self._folder / FILE, "wb") as file:
            file.write(save({name: value.cpu().contiguous() for name, value in tensors.items()}, metadata))
        self._saved = time.monotonic()

    def is_due(self, seconds: float) -> bool:
        """Whether the last one is older than some seconds."""
        return self._folder is not None and time.monotonic() - self._saved >= seconds

    def load(self) -> dict[str, Any]:
        """Put the state back; returns how far the training was.

        Raises:
            ModelError: There is no checkpoint, or it belongs to another training.
        """
        from safetensors import SafetensorError, safe_open

        assert self._folder is not None, "a training without a folder cannot be resumed"
        path = find(self._folder)
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata()
                identity, progress = metadata["identity"], json.loads(metadata["progress"])
                # On the processor; networks and optimisers copy them to where they are.
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        except (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError, MemoryError) as error:
            raise ModelError(
                f"{path}: not a checkpoint of Feelscope ({one_line(error)}); train without --resume"
            ) from error
        if identity != self._identity:
            raise ModelError(f"{path}: the checkpoint belongs to another recipe or other posts; train without --resume")
        try:
            self._restore(tensors)
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            why = one_line(error)[:200]
            raise ModelError(f"{path}: its weights are not those it says ({why}); train without --resume") from error
        self.best = _below(tensors, "best.") or None
        return progress

    def _restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        for module, network in self._modules.items():
            network.load_state_dict(_below(tensors, f"{module}."))
        for number, optimizer in enumerate(self._optimizers):
            states: dict[int, dict[str, torch.Tensor]] = {}
            for name, value in _below(tensors, f"optimizer{number}.").items():
                index, _, part = name.partition(".")
                states.setdefault(int(index), {})[part] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": states})


def find(folder: Path) -> Path:
    """The checkpoint of an interrupted training.

    Raises:
        ModelError: There is none.
    """
    path = folder / FILE
    if not path.is_file():
        raise ModelError(f"{path}: there is no checkpoint to resume from; train without --resume")
    return path


def has_begun(folder: Path) -> bool:
    """Whether there is a training to resume, in the folder or in one within it."""
    return any(folder.rglob(FILE)) or any((folder / FOLDS).glob("*.npz"))


def _below(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
