"""Foreign arrays checked before they are used: each there, of its shape, and all of it numbers."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from feelscope.errors import ModelError


def checked(
    arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], path: Path, repair: str, kind: str = "f"
) -> np.ndarray:
    """One of a file's arrays; of numbers that are not whole as float32.

    Args:
        path: The file, and `repair` what to do about it, for the error.
        kind: `i` for whole numbers, by NumPy's letter.

    Raises:
        ModelError: It is not there, of another shape or kind, or not finite.
    """
    found = arrays.get(name)
    if found is None or found.shape != shape or found.dtype.kind != kind:
        what = "nothing" if found is None else f"{found.dtype} {found.shape}"
        expected = "whole numbers" if kind == "i" else "numbers"
        raise ModelError(f"{path}: {name}: expected {expected} {shape}, found {what}; {repair}")
    if not np.isfinite(found).all():
        raise ModelError(f"{path}: {name}: it has numbers that are infinite or not numbers; {repair}")
    return found.astype(np.float32) if kind == "f" else found
