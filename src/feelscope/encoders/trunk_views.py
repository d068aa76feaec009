"""Which views of a picture the trunk cache keeps, as squares of pixels; the first one is what predicting sees.

    SQUARES      the whole picture squeezed to a square, the same mirrored, and the squares at its ends, one mirrored
    SHARED       those of SQUARES, and the picture as it gets about: grey, turned, as a screenshot and so on, once each
    TRANSFORMED  the whole picture, the same mirrored, each family of transformations once, and the mosaic; with targets

What is drawn for a picture is drawn from its content, so that each picture has the same views in every training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from feelscope.encoders.efficientnet_lite0 import SIZE
from feelscope.images import digest, read_rgb, read_squares, squeezed
from feelscope.images.transformations import FAMILIES, TARGETS, mosaic, transform
from feelscope.images.views import DRAWN

VIEWS = 4  # of SQUARES
_AS_IT_IS = 0.5  # share of the steps that see a picture by one of SQUARES, where it is altered too; ours
PLAIN = 2  # the first of TRANSFORMED: the picture and its mirror
_ENDS = np.cumsum([TARGETS[family] for family in FAMILIES]).tolist()


@dataclass(frozen=True, slots=True)
class TrunkViews:
    """Views of one kind.

    Args:
        name: Of their files, after the cache's version.
        count: V.
        ordinary: How many of the first of them a training step may see of a post with a label.
        targets: Numbers that are kept beside them.
        read: From a picture to views, uint8 (V, S, S, 3), and targets, float32 (targets,). Raises `PictureError`.
        chances: Of each of the ordinary ones; none where they are equal.
    """

    name: str
    count: int
    ordinary: int
    targets: int
    read: Callable[[Path | bytes], tuple[np.ndarray, np.ndarray]]
    chances: tuple[float, ...] = ()


def square_views(picture: Path | bytes) -> np.ndarray:
    """The four views of SQUARES, uint8 (4, 224, 224, 3).

    Raises:
        PictureError: It cannot be read.
    """
    whole, start, end = read_squares(picture, SIZE)
    return np.stack([whole, whole[:, ::-1], start, end[:, ::-1]])


def shared_views(picture: Path | bytes) -> np.ndarray:
    """The eleven views of SHARED, uint8 (11, 224, 224, 3); of the altered ones half are of the mirrored picture.

    Raises:
        PictureError: It cannot be read.
    """
    draws = np.random.default_rng(int(digest(picture), 16))
    whole = Image.fromarray(read_rgb(picture))
    sides = (whole, whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    altered = [np.asarray(squeezed(alter(sides[draws.integers(2)], draws), SIZE)) for alter in DRAWN.values()]
    return np.concatenate([square_views(picture), np.stack(altered)])


def transformed_views(picture: Path | bytes) -> tuple[np.ndarray, np.ndarray]:
    """The eight views of TRANSFORMED, uint8 (8, 224, 224, 3), and the targets of all families, float32 (27,).

    Raises:
        PictureError: It cannot be read.
    """
    draws = np.random.default_rng(int(digest(picture), 16))
    whole = read_rgb(picture, SIZE)  # (S, S, 3)
    square = Image.fromarray(whole)
    moved, targets = zip(*(transform(square, family, draws) for family in FAMILIES), strict=True)
    views = [whole, whole[:, ::-1], *(np.asarray(one) for one in moved), np.asarray(mosaic(square, draws))]
    return np.stack(views), np.concatenate(targets)


def targets_of(targets: np.ndarray, family: str) -> np.ndarray:
    """Of the targets of all families (P, 27), those of one, (P, targets of the family)."""
    end = _ENDS[FAMILIES.index(family)]
    return targets[:, end - TARGETS[family] : end]


SQUARES = TrunkViews("", VIEWS, VIEWS, 0, lambda picture: (square_views(picture), np.zeros(0, np.float32)))
SHARED = TrunkViews(
    "shared-",
    VIEWS + len(DRAWN),
    VIEWS + len(DRAWN),
    0,
    lambda picture: (shared_views(picture), np.zeros(0, np.float32)),
    (*[_AS_IT_IS / VIEWS] * VIEWS, *[(1 - _AS_IT_IS) / len(DRAWN)] * len(DRAWN)),
)
TRANSFORMED = TrunkViews("transformed-", PLAIN + len(FAMILIES) + 1, PLAIN, _ENDS[-1], transformed_views)
