"""Where a training computes: on the processor, or on a GPU.

    choose("auto")         a GPU if torch sees one, else the processor
    moved(batch, device)   the same batch there, whatever holds its tensors

The loop moves networks and batches, and brings the networks back. A device is no part of what a training is: one that
began on a GPU goes on without one, with draws that differ.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import nn

from feelscope.config import listed
from feelscope.errors import ConfigError

CPU = torch.device("cpu")
NAMES = ("auto", "cpu", "cuda")
Moved = TypeVar("Moved")


def choose(name: str) -> torch.device:
    """The device of a name.

    Args:
        name: One of NAMES; `auto` is a GPU if torch sees one.

    Raises:
        ConfigError: No device has this name, or torch sees no GPU.
    """
    if name not in NAMES:
        raise ConfigError(f"--device {name}: no such device; known are {listed(NAMES)}")
    sees = torch.cuda.is_available()
    if name == "cuda" and not sees:
        raise ConfigError(
            "--device cuda: torch sees no GPU here; leave --device out, or install its driver and a torch with CUDA"
        )
    return torch.device("cuda") if sees and name != "cpu" else CPU


def device_of(network: nn.Module) -> torch.device:
    """Where a network is; one without weights is on the processor."""
    return next((tensor.device for tensors in (network.parameters(), network.buffers()) for tensor in tensors), CPU)


def seed_draws(seed: int, device: torch.device) -> None:
    """Seed what is drawn there, and on the processor.

    The same draws as after `torch.manual_seed`, which also writes down where it was called, once for each kind of
    device that is missing: of a small network's step that is a sixth.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def moved(value: Moved, device: torch.device) -> Moved:
    """The same value, whose tensors are there: a tensor, or a dataclass, mapping, list or tuple that holds some.

    What is there already is not copied, and what is no tensor is left as it is.
    """
    return _moved(value, device)


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _moved(getattr(value, part.name), device) for part in fields(value)})
    if isinstance(value, Mapping):
        return {name: _moved(one, device) for name, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_moved(one, device) for one in value)
    return value
