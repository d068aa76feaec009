"""Transformed pictures and their targets, each against a plain loop over pixels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from feelscope.errors import PictureError
from feelscope.images.transformations import (
    CENTRE,
    FAMILIES,
    FILL,
    PROJECTIVE_DEVIATION,
    PROJECTIVE_MEAN,
    SIDE,
    TARGETS,
    Motion,
    corners,
    drawn_corners,
    drawn_motion,
    mosaic,
    projection,
    transform,
)

SEEDS = st.integers(0, 2**32 - 1)
MOTIONS = ("affine", "similarity", "euclidean")


def picture(side: int = SIDE, seed: int = 0) -> Image.Image:
    """Smooth colours, so that rounding is all that two ways of sampling differ by."""
    draws = np.random.default_rng(seed)
    small = Image.fromarray(draws.integers(0, 256, (5, 5, 3), dtype=np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def sampled(pixels: np.ndarray, x: float, y: float) -> list[float]:
    """The colour at a place of a picture whose pixels' centres are at 0.5, 1.5, ...: bilinear, grey outside."""
    side = len(pixels)
    if not (0 <= x < side and 0 <= y < side):
        return [float(one) for one in FILL]
    x, y = x - 0.5, y - 0.5
    left, top = math.floor(x), math.floor(y)
    colour = [0.0, 0.0, 0.0]
    for column, row in ((left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)):
        weight = (1 - abs(x - column)) * (1 - abs(y - row))
        near = pixels[min(max(row, 0), side - 1)][min(max(column, 0), side - 1)]
        colour = [sum_ + weight * float(one) for sum_, one in zip(colour, near, strict=True)]
    return colour


def warped(image: Image.Image, back) -> np.ndarray:
    """A picture by a slow loop, float (S, S, 3).

    Args:
        back: From a place (x, y) of the new picture, of 32 a side, to where it comes from.
    """
    pixels, side = np.array(image).tolist(), image.width
    rows = []
    for row in range(side):
        line = []
        for column in range(side):
            x, y = back((column + 0.5) * SIDE / side, (row + 0.5) * SIDE / side)
            line.append(sampled(pixels, x * side / SIDE, y * side / SIDE))
        rows.append(line)
    return np.array(rows)


def way_back(cosine, sine, right, down, scale=0.0, shear=0.0):
    """The inverse of a motion, by its targets alone: undo the shift, the turn, the shear and the scale, one by one."""
    lean = math.radians(30 * shear)

    def back(x, y):
        x, y = x - CENTRE - 6.4 * right, y - CENTRE - 6.4 * down
        x, y = cosine * x + sine * y, cosine * y - sine * x
        y = y / math.cos(lean)
        x = x + math.sin(lean) * y
        return x / (1 + 0.2 * scale) + CENTRE, y / (1 + 0.2 * scale) + CENTRE

    return back


def close(found: Image.Image, expected: np.ndarray) -> None:
    """Pillow cuts fractions off; at the edge of what comes from inside, which side a place is on may be a rounding."""
    differences = np.abs(np.array(found) - expected).max(axis=2)  # (S, S)
    assert (differences > 1.01).mean() <= 0.01


# What a picture becomes, by its targets alone


@pytest.mark.parametrize("side", [32, 48])
@pytest.mark.parametrize("family", MOTIONS)
@pytest.mark.parametrize("seed", range(4))
def test_the_targets_of_a_motion_tell_where_every_pixel_comes_from(family: str, side: int, seed: int) -> None:
    image = picture(side, seed)
    moved, targets = transform(image, family, np.random.default_rng(seed))
    close(moved, warped(image, way_back(*targets.tolist())))


@pytest.mark.parametrize("side", [32, 48])
@pytest.mark.parametrize("seed", range(6))
def test_the_targets_of_a_projection_tell_where_every_pixel_comes_from(side: int, seed: int) -> None:
    image = picture(side, seed)
    moved, targets = transform(image, "projective", np.random.default_rng(seed))
    a, b, c, d, e, f, g, h = (targets.astype(float) * PROJECTIVE_DEVIATION + PROJECTIVE_MEAN).tolist()

    def back(x, y):
        below = g * x + h * y + 1
        return (a * x + b * y + c) / below, (d * x + e * y + f) / below

    close(moved, warped(image, back))


@pytest.mark.parametrize("seed", range(4))
def test_the_targets_of_colours_are_the_factors_in_their_order(seed: int) -> None:
    changed, targets = transform(picture(seed=seed), "colour", np.random.default_rng(seed))
    colour, contrast, brightness, sharpness = targets.tolist()
    expected = ImageEnhance.Color(picture(seed=seed)).enhance(colour)
    expected = ImageEnhance.Contrast(expected).enhance(contrast)
    expected = ImageEnhance.Brightness(expected).enhance(brightness)
    expected = ImageEnhance.Sharpness(expected).enhance(sharpness)
    assert np.array_equal(np.array(changed), np.array(expected))
    other = ImageEnhance.Contrast(
        ImageEnhance.Color(ImageEnhance.Brightness(picture(seed=seed)).enhance(brightness)).enhance(colour)
    ).enhance(contrast)
    assert not np.array_equal(np.array(ImageEnhance.Sharpness(other).enhance(sharpness)), np.array(expected))


def test_brightness_by_a_plain_loop() -> None:
    """Pillow's own enhancers, where a loop is short: each number times the factor, cut at 255."""
    bright = np.array(ImageEnhance.Brightness(picture()).enhance(1.5)).tolist()
    for row, dark in zip(bright, np.array(picture()).tolist(), strict=True):
        for colours, before in zip(row, dark, strict=True):
            assert all(abs(one - min(255, 1.5 * other)) <= 1 for one, other in zip(colours, before, strict=True))


# Maps


@settings(deadline=None)
@given(SEEDS)
def test_corners_land_where_they_were_sent(seed: int) -> None:
    sent = drawn_corners(np.random.default_rng(seed))
    a, b, c, d, e, f, g, h = projection(sent).tolist()
    for (x, y), (was_x, was_y) in zip(sent.tolist(), corners().tolist(), strict=True):
        below = g * x + h * y + 1
        assert (a * x + b * y + c) / below == pytest.approx(was_x, abs=1e-9)
        assert (d * x + e * y + f) / below == pytest.approx(was_y, abs=1e-9)


@settings(deadline=None)
@given(SEEDS)
def test_corners_are_scaled_turned_by_quarters_and_shifted_by_whole_pixels(seed: int) -> None:
    sent = drawn_corners(np.random.default_rng(seed))
    fits = []
    for quarters in range(4):
        start = np.array([corners()[(place + quarters) % 4] for place in range(4)])
        for scale in np.linspace(0.8, 1.2, 401):
            away = sent - ((start - CENTRE) * scale + CENTRE)
            fits.append(np.abs(away).max())
    assert min(fits) <= 4 + 0.001 * SIDE


@settings(deadline=None)
@given(SEEDS)
def test_a_motion_is_drawn_within_its_ranges_and_its_targets_give_it_back(seed: int) -> None:
    motion = drawn_motion(np.random.default_rng(seed))
    assert -180 <= motion.angle <= 180
    assert motion.right in range(-6, 7) and motion.down in range(-6, 7)
    assert 0.8 <= motion.scale <= 1.2
    assert -30 <= motion.shear <= 30
    cosine, sine, right, down, scale, shear = motion.targets().tolist()
    assert max(map(abs, (cosine, sine, right, down, scale, shear))) <= 1
    assert math.degrees(math.atan2(sine, cosine)) == pytest.approx(motion.angle)
    assert (6.4 * right, 6.4 * down) == pytest.approx((motion.right, motion.down))
    assert (1 + 0.2 * scale, 30 * shear) == pytest.approx((motion.scale, motion.shear))


@settings(deadline=None)
@given(SEEDS)
def test_the_matrix_of_a_motion_undoes_the_way_back(seed: int) -> None:
    motion = drawn_motion(np.random.default_rng(seed))
    back = way_back(*motion.targets().tolist())
    for x, y in corners().tolist():
        to_x, to_y, one = (motion.matrix() @ [x, y, 1]).tolist()
        assert one == 1
        assert back(to_x, to_y) == pytest.approx((x, y), abs=1e-9)


def test_the_ends_of_the_ranges_are_drawn() -> None:
    motions = [drawn_motion(np.random.default_rng(seed)) for seed in range(1000)]
    for name, least, most, near in (
        ("angle", -180, 180, 5),
        ("right", -6, 6, 0),
        ("down", -6, 6, 0),
        ("scale", 0.8, 1.2, 0.01),
        ("shear", -30, 30, 1),
    ):
        drawn = [getattr(motion, name) for motion in motions]
        assert min(drawn) <= least + near and max(drawn) >= most - near
    sent = [drawn_corners(np.random.default_rng(seed)) for seed in range(1000)]
    firsts = {tuple((one[0] > CENTRE).tolist()) for one in sent}
    assert len(firsts) == 4, "the first corner goes to each quarter"
    factors = np.array([transform(picture(8), "colour", np.random.default_rng(seed))[1] for seed in range(1000)])
    assert factors.min() == pytest.approx(0.2, abs=0.01) and factors.max() == pytest.approx(1.8, abs=0.01)
    assert np.abs(np.corrcoef(factors.T) - np.eye(4)).max() < 0.12


# Families


def test_a_similarity_is_an_affine_map_without_shear_and_a_euclidean_one_without_scale_too() -> None:
    drawn = drawn_motion(np.random.default_rng(7))
    for family, count in (("affine", 6), ("similarity", 5), ("euclidean", 4)):
        _, targets = transform(picture(), family, np.random.default_rng(7))
        assert targets.tolist() == pytest.approx(drawn.targets()[:count].tolist(), abs=1e-6)
    turned = Motion(30.0, 0, 0, 1.1).matrix()[:2, :2]
    assert turned @ turned.T == pytest.approx(1.1**2 * np.eye(2)), "a similarity keeps angles"
    turned = Motion(30.0, 0, 0).matrix()[:2, :2]
    assert turned @ turned.T == pytest.approx(np.eye(2)), "a Euclidean map keeps lengths"
    sheared = Motion(30.0, 0, 0, 1.0, 20.0).matrix()[:2, :2]
    assert abs((sheared @ sheared.T)[0, 1]) > 0.05


def test_a_motion_without_motion_leaves_a_picture_as_it_is() -> None:
    assert Motion(0, 0, 0).matrix().tolist() == np.eye(3).tolist()
    assert projection(corners()).tolist() == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0], abs=1e-12)
    right = Motion(90, 0, 0).matrix() @ [CENTRE + 5, CENTRE, 1]
    assert right.tolist() == pytest.approx([CENTRE, CENTRE + 5, 1]), "clockwise: what was on the right goes down"
    assert (Motion(0, 3, -2).matrix() @ [1, 1, 1]).tolist() == pytest.approx([4, -1, 1])


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.sampled_from(FAMILIES), st.integers(8, 70))
def test_equal_draws_give_equal_pictures_and_targets_that_do_not_depend_on_the_size(seed, family, side) -> None:
    first, targets = transform(picture(side), family, np.random.default_rng(seed))
    again, same = transform(picture(side), family, np.random.default_rng(seed))
    _, small = transform(picture(8), family, np.random.default_rng(seed))
    assert first.size == (side, side) and first.mode == "RGB"
    assert targets.shape == (TARGETS[family],) and targets.dtype == np.float32
    assert np.array_equal(np.array(first), np.array(again))
    assert targets.tolist() == same.tolist() == small.tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_is_not_changed_in_place(family: str) -> None:
    image = picture()
    transformed, _ = transform(image, family, np.random.default_rng(1))
    assert np.array_equal(np.array(image), np.array(picture()))
    assert not np.array_equal(np.array(transformed), np.array(image))


# Mosaic


@settings(deadline=None)
@given(SEEDS, st.sampled_from([8, 32, 33, 64]))
def test_a_mosaic_is_the_picture_with_a_square_that_is_its_mean(seed: int, side: int) -> None:
    before = np.array(picture(side, 1))
    after = np.array(mosaic(picture(side, 1), np.random.default_rng(seed)))
    down, right = np.random.default_rng(seed).integers(side, size=2)
    half = side // 8
    inside = [
        (row, column)
        for row in range(side)
        for column in range(side)
        if down - half <= row < down + half and right - half <= column < right + half
    ]
    for channel in range(3):
        mean = sum(int(before[row, column, channel]) for row, column in inside) / len(inside)
        assert all(abs(after[row, column, channel] - mean) <= 0.51 for row, column in inside)
    for row, column in inside:
        before[row, column] = after[row, column]
    assert np.array_equal(before, after), "what is outside the square is as it was"


def test_the_square_of_a_mosaic_is_8_pixels_of_32_and_less_at_the_edges() -> None:
    draws = np.random.default_rng(0)
    random = Image.fromarray(draws.integers(0, 256, (32, 32, 3), dtype=np.uint8))
    sizes = set()
    for _ in range(200):
        changed = (np.array(mosaic(random, draws)) != np.array(random)).any(axis=2)
        sizes.add((int(changed.any(axis=1).sum()), int(changed.any(axis=0).sum())))
    assert (8, 8) in sizes
    assert {max(pair) for pair in sizes} <= {4, 5, 6, 7, 8}
    assert {min(pair) for pair in sizes} == {4, 5, 6, 7, 8}


# Bad input


@pytest.mark.parametrize("size", [(7, 7), (32, 31), (1, 1)])
def test_what_is_no_square_or_too_small_is_refused_in_one_line(size: tuple[int, int]) -> None:
    for change in (lambda one: transform(one, "affine", np.random.default_rng(0)), lambda one: mosaic(one, None)):
        with pytest.raises(PictureError) as caught:
            change(Image.new("RGB", size))
        assert str(caught.value) == f"{size[0]} x {size[1]} pixels, expected a square of 8 x 8 or more"
