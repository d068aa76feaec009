"""Pictures that show nothing to a model of photos, and some that do."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from feelscope.images.unlike_photos import KINDS, unlike_photos

SIDE = 224
Y, X = np.mgrid[:SIDE, :SIDE]


def grey(values: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.asarray(values)[..., None], (*np.shape(values), 3)).clip(0, 255).astype(np.uint8)


def drawn(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    for box in boxes:
        ImageDraw.Draw(picture).rectangle(box, "navy")
    return np.asarray(picture)


def photo(seed: int = 0) -> np.ndarray:
    """Blurred noise with grain: neighbours that are alike and yet differ."""
    draws = np.random.default_rng(seed)
    coarse = Image.fromarray(draws.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).filter(ImageFilter.GaussianBlur(6))
    stretched = (np.asarray(coarse).astype(float) - 127) * 9 + 127
    return (stretched + draws.normal(0, 4, stretched.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "rgb",
    [
        grey(np.full((SIDE, SIDE), 255)),
        grey(np.zeros((SIDE, SIDE))),
        grey(np.random.default_rng(0).normal(240, 4, (SIDE, SIDE))),  # paper
        grey(30 + 190 * Y / SIDE),  # a fade
        grey(np.where(X < 100, 60, 200)),
        grey(np.full((1, 1), 7)),
        grey(np.full((2, 2), 7)),
    ],
)
def test_blank_sheets_are_found(rgb: np.ndarray) -> None:
    assert unlike_photos(rgb) == "blank"


def test_noise_is_found() -> None:
    draws = np.random.default_rng(1)
    assert unlike_photos(draws.integers(0, 256, (SIDE, SIDE, 3), np.uint8)) == "noise"
    assert unlike_photos(grey(draws.integers(0, 256, (SIDE, SIDE)))) == "noise"


def test_charts_and_checks_are_flat() -> None:
    bars = drawn(*((30 + 30 * bar, 200 - 25 * bar, 50 + 30 * bar, 200) for bar in range(6)))
    assert unlike_photos(bars) == "flat"
    assert unlike_photos(grey((X // 28 + Y // 28) % 2 * 255)) == "flat"
    letters = drawn(*((x, y, x + 5, y + 3) for x in range(10, 200, 10) for y in range(10, 210, 10)))
    assert unlike_photos(letters) == "flat"  # by its few colours


@pytest.mark.parametrize("seed", range(5))
def test_a_picture_with_grain_and_shades_may_be_a_photo(seed: int) -> None:
    assert unlike_photos(photo(seed)) == ""
    assert unlike_photos(photo(seed)[:32, :32]) == ""


def test_the_kinds_are_named() -> None:
    assert KINDS == ("blank", "noise", "flat")
