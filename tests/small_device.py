"""A second device on a machine that has none: tensors that say they are on `meta`, and hold their numbers.

Within `other_device()`, what is moved to OTHER is there; a computation that mixes it with a tensor of the processor
fails, as on a GPU. Scalars may be mixed, indices may be the processor's, and copying goes both ways, as there too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

OTHER = torch.device("meta")
aten = torch.ops.aten
_INDEXING = (aten.index.Tensor, aten.index_put_.default, aten.index_put.default)


class Elsewhere(torch.Tensor):
    """A tensor of the other device."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> "Elsewhere":
        made = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, held.shape, held.stride(), held.storage_offset(), dtype=held.dtype, device=OTHER
        )
        made.held = held
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(function, args, kwargs or {})


class _Mode(TorchDispatchMode):
    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(function, args, kwargs or {})


def _computed(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensors = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, torch.Tensor)]
    there = [one for one in tensors if isinstance(one, Elsewhere)]
    target = kwargs.get("device")
    on_other = target == OTHER if target is not None else bool(there)
    if there and function not in (aten.copy_.default, *_INDEXING):
        others = [one for one in tensors if not isinstance(one, Elsewhere) and one.ndim]
        assert not others, f"{function}: tensors of two devices"
    if function in _INDEXING:
        assert isinstance(args[0], Elsewhere) or not there, f"{function}: an index of the other device"
        on_other = isinstance(args[0], Elsewhere)
    if function is aten.copy_.default:
        on_other = isinstance(args[0], Elsewhere)
    if target is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    found = function(*tree_map(_held, args), **tree_map(_held, kwargs))
    if function._schema.is_mutable and args and function._schema.arguments[0].alias_info is not None:
        return args[0] if isinstance(found, torch.Tensor) else found
    if function is aten._to_copy.default and target is not None:
        found = found.clone()
    return tree_map(_there, found) if on_other else found


def _there(value: Any) -> Any:
    return Elsewhere(value) if isinstance(value, torch.Tensor) else value


def _held(value: Any) -> Any:
    return value.held if isinstance(value, Elsewhere) else value


def held(value: torch.Tensor) -> torch.Tensor:
    """The numbers of a tensor, of either device."""
    return value.held if isinstance(value, Elsewhere) else value


@contextmanager
def other_device() -> Iterator[torch.device]:
    """Within it, OTHER is a device that computes."""
    with _Mode():
        yield OTHER
