"""Foreign weights put into a network: its own, each of its size, and all of them numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from feelscope.errors import ModelError, one_line

if TYPE_CHECKING:
    import torch
    from torch import nn


def load_tensors(
    path: Path, module: "nn.Module", repair: str, further: Mapping[str, tuple[int, ...]] | None = None
) -> "dict[str, torch.Tensor]":
    """Load a module's weights from a safetensors file.

    Args:
        repair: What to do about a file that does not fit, for the error.
        further: Shapes of tensors beside the weights, which may be infinite, by name.

    Returns:
        The further tensors.

    Raises:
        ModelError: The file is damaged, or has other tensors, other sizes, or weights that are no numbers.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    def wrong(what: str) -> ModelError:
        return ModelError(f"{path}: {what}; {repair}")

    shapes = {name: tuple(value.shape) for name, value in module.state_dict().items()} | dict(further or {})
    try:
        with safe_open(path, framework="pt") as file:
            if names := set(file.keys()) ^ set(shapes):
                raise wrong(f"its tensors are not those of the settings, as {min(names)!r}")
            for name, shape in shapes.items():
                if tuple(file.get_slice(name).get_shape()) != shape:
                    raise wrong(f"{name} has not the size that the settings say")
            weights = {name: file.get_tensor(name) for name in shapes}
        beside = {name: weights.pop(name) for name in further or {}}
        if not all(torch.isfinite(value).all() for value in weights.values()):
            raise wrong("it has weights that are not numbers")
        module.load_state_dict(weights)
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError) as error:
        raise wrong(f"not weights as Feelscope writes them ({one_line(error)[:100]})") from error
    return beside
