"""What an answer model draws new emoji by: `drawing.npz`, in the model's folder or not there.

    a fit      from codes of the emoji autoencoder (Z,) to answer vectors (D,), by how near known emoji are
    a decoder  from a code to a picture, that of `models.emoji_autoencoder.EmojiAutoencoder`

The two large matrices of the decoder are kept in 8 bits with a scale for each row, all else in 16.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.emoji.answer.folder import KIND, numbers, repair, wrong
from feelscope.emoji.pictures import SIDE
from feelscope.errors import ModelError
from feelscope.files import read_arrays, write_whole
from feelscope.saved_model.manifest import check_file, read_manifest

DRAWING = "drawing.npz"
MOST_BYTES = 50_000_000
CHANNELS, SMALL, KERNEL = 4, SIDE // 4, 4  # of a picture; pixels a side of the decoder's first; a convolution's side
_IN_BYTES = ("spread_weight", "write_weight")
_WIDEST = 4096


def shapes(known: int, code: int, width: int, hidden: int, wide: int, filters: int) -> dict[str, tuple[int, ...]]:
    """The arrays, for N = `known` emoji and Z = `code`, and their shapes."""
    return {
        "known": (known,),  # row numbers of the answer model's emoji
        "codes": (known, code),
        "fit_reach": (),
        "fit_weight": (known, width),
        "fit_bias": (width,),
        "write_weight": (CHANNELS * SIDE * SIDE, code),
        "write_bias": (CHANNELS * SIDE * SIDE,),
        "inner_weight": (hidden, code),
        "inner_bias": (hidden,),
        "spread_weight": (wide * SMALL * SMALL, hidden),
        "spread_bias": (wide * SMALL * SMALL,),
        "first_weight": (wide, filters, KERNEL, KERNEL),
        "first_bias": (filters,),
        "last_weight": (filters, CHANNELS, KERNEL, KERNEL),
        "last_bias": (CHANNELS,),
    }


def write(folder: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write the arrays of `shapes` into an answer model's folder, whose manifest is to be written after."""
    small: dict[str, Any] = {"known": arrays["known"].astype(np.int32)}
    for name, value in arrays.items():
        if name in _IN_BYTES:
            scale = np.maximum(np.abs(value).max(axis=1), 1e-6) / 127  # (rows,)
            small[name] = np.round(value / scale[:, None]).astype(np.int8)
            small[f"{name}_scale"] = scale.astype(np.float32)
        elif name != "known":
            small[name] = value.astype(np.float16)
    with write_whole(folder / DRAWING, "wb") as file:
        np.savez_compressed(file, **small)


def read(folder: Path, emoji: int, width: int) -> dict[str, np.ndarray] | None:
    """The arrays of `shapes`, float32; None where the answer model draws none.

    Args:
        emoji, width: E and D, of the answer model.

    Raises:
        ModelError: The file is missing though the manifest has it, altered, or not as Feelscope writes it.
    """
    manifest = read_manifest(folder, repair(folder))
    if DRAWING not in manifest:
        return None
    check_file(folder, DRAWING, MOST_BYTES, manifest, KIND, repair(folder))
    arrays = read_arrays(folder / DRAWING, ModelError, repair(folder))
    layers = [arrays[name].shape for name in ("codes", "inner_weight", "first_weight") if name in arrays]
    if [len(one) for one in layers] != [2, 2, 4] or not all(0 < side <= _WIDEST for one in layers for side in one):
        raise wrong(folder, DRAWING, "its layers are not those that draw an emoji")
    (known, code), (hidden, _), (wide, filters, _, _) = layers
    found = {}
    for name, shape in shapes(known, code, width, hidden, wide, filters).items():
        kind = "i" if name in ("known", *_IN_BYTES) else "f"
        found[name] = numbers(folder, DRAWING, arrays, name, shape, kind)
        found[name] = found[name].astype(np.int64 if name == "known" else np.float32)
        if name in _IN_BYTES:
            scale = numbers(folder, DRAWING, arrays, f"{name}_scale", shape[:1])
            found[name] = found[name] * scale[:, None]
    rows = found["known"]
    if len(np.unique(rows)) != known or rows.min() < 0 or rows.max() >= emoji:
        raise wrong(folder, DRAWING, "known: expected different emoji of the answer model")
    if found["fit_reach"] <= 0:
        raise wrong(folder, DRAWING, f"fit_reach: expected a number above 0, found {found['fit_reach']:g}")
    return found
