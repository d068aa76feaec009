"""A new emoji that answers a text, without torch: of many that are drawn by chance, the one that fits best.

    codes (N, Z) -> how near each known emoji's code is (N, K) -> answer vectors (N, D) -> cosine with the text
    the best code (Z,) -> decoder -> picture (36, 36, 4)

A new emoji has no name and no post, so its answer vector is guessed from those of emoji with similar pictures, by
kernel ridge regression. Each code lies between those of two known emoji: codes that are spread as all codes together
are, as `emoji.autoencoder.codes.samples`, are drawn as blobs and answer half as well (experiments/drawn_answers).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from feelscope.emoji.answer.drawing_file import CHANNELS, KERNEL, SMALL
from feelscope.emoji.pictures import SIDE
from feelscope.images.sheet import to_bytes

COUNT = 2000  # new emoji that are compared; ours, like the next
SHARE = 0.35  # of either emoji in a new one, at least


@dataclass(frozen=True, slots=True)
class Similar:
    """A known emoji, and how far its code is from that of a new one."""

    emoji: str
    name: str
    distance: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A new emoji.

    Args:
        pixels: uint8 (36, 36, 4): red, green, blue, opacity.
        score: The cosine of its guessed answer vector and the text; the guess shrinks towards a mean, so it is small.
        mean, deviation: Of the scores of all that were drawn.
        count: How many were drawn.
        code: Z numbers, its picture.
        similar: The known emoji with the nearest codes, the nearest first.
        warnings: What was left out of the text.
    """

    pixels: np.ndarray
    score: float
    mean: float
    deviation: float
    count: int
    code: tuple[float, ...]
    similar: tuple[Similar, ...]
    warnings: tuple[str, ...]


def new_codes(known: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Codes float32 (N, Z), each between two different ones of known emoji (K, Z), K at least 2."""
    generator = np.random.default_rng(seed)
    first = generator.integers(0, len(known), count)  # (N,)
    second = (first + generator.integers(1, len(known), count)) % len(known)
    share = generator.uniform(SHARE, 1 - SHARE, (count, 1)).astype(np.float32)
    return share * known[first] + (1 - share) * known[second]  # (N, Z)


def nearness(codes: np.ndarray, known: np.ndarray, reach: float) -> np.ndarray:
    """How near codes (N, Z) are to known ones (K, Z): (N, K), exp(-reach * squared distance)."""
    return np.exp(-reach * squared_distances(codes, known))


def squared_distances(codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Of codes (N, Z) and known ones (K, Z): (N, K)."""
    squares = (codes**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * codes @ known.T
    return np.maximum(squares, 0)


def answer_vectors(arrays: Mapping[str, np.ndarray], codes: np.ndarray) -> np.ndarray:
    """The answer vectors (N, D) that emoji with these codes (N, Z) may have; shorter than one, the less is known."""
    near = nearness(codes, arrays["codes"], float(arrays["fit_reach"]))  # (N, K)
    return near @ arrays["fit_weight"] + arrays["fit_bias"]


def picture(arrays: Mapping[str, np.ndarray], code: np.ndarray) -> np.ndarray:
    """The picture of a code (Z,), uint8 (36, 36, 4)."""
    inner = _silu(arrays["inner_weight"] @ code + arrays["inner_bias"])  # (H,)
    small = _silu(arrays["spread_weight"] @ inner + arrays["spread_bias"]).reshape(-1, SMALL, SMALL)  # (2 F, 9, 9)
    wide = _silu(_enlarged(small, arrays["first_weight"], arrays["first_bias"]))  # (F, 18, 18)
    linear = (arrays["write_weight"] @ code + arrays["write_bias"]).reshape(CHANNELS, SIDE, SIDE)
    return to_bytes(linear + _enlarged(wide, arrays["last_weight"], arrays["last_bias"]))


def _silu(values: np.ndarray) -> np.ndarray:
    return values / (1 + np.exp(-np.clip(values, -80, 80)))


def _enlarged(image: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A transposed convolution, 4 x 4 with stride 2 and padding 1: (I, H, W) to (O, 2 H, 2 W).

    Args:
        weight: (I, O, 4, 4).
    """
    _, height, width = image.shape
    out = np.zeros((weight.shape[1], 2 * height + 2, 2 * width + 2), np.float32)
    for row in range(KERNEL):
        for column in range(KERNEL):
            part = np.tensordot(weight[:, :, row, column], image, axes=(0, 0))  # (O, H, W)
            out[:, row : row + 2 * height : 2, column : column + 2 * width : 2] += part
    return out[:, 1:-1, 1:-1] + bias[:, None, None]
