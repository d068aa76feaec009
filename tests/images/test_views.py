"""Pictures as they get about: what is kept of a picture, and what is put around it."""

import numpy as np
import pytest
from PIL import Image

from feelscope.images import views

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(size=(60, 40)) -> Image.Image:
    """Red above, blue below."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (0, size[1] // 2, *size))
    return made


def draws(seed=0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_grey_has_no_colour():
    pixels = np.asarray(views.grey(picture()))
    assert (pixels.min(axis=2) == pixels.max(axis=2)).all() and pixels.std() > 0


def test_turned_goes_clockwise():
    turned = views.turned(picture(), 90)
    assert turned.size == (40, 60)
    assert (turned.getpixel((39, 30)), turned.getpixel((0, 30))) == (RED, BLUE)
    assert views.turned(views.turned(picture(), 90), 270) == picture()
    assert views.turned(picture(), 180).getpixel((0, 0)) == BLUE


def test_cropped_is_a_part_of_it():
    sizes = {views.cropped(picture(), draws(seed)).size for seed in range(50)}
    assert all(30 <= width <= 54 and 20 <= height <= 36 for width, height in sizes) and len(sizes) > 20
    assert views.cropped(Image.new("RGB", (1, 1)), draws()).size == (1, 1)


def test_small_loses_what_is_fine_and_keeps_its_size():
    fine = Image.fromarray((np.indices((200, 200)).sum(axis=0) % 2 * 255).astype(np.uint8)).convert("RGB")
    small = views.small(fine, 20)
    assert small.size == fine.size and np.asarray(small).std() < np.asarray(fine).std() / 3


@pytest.mark.parametrize(("size", "ratio", "sheet"), [((60, 40), 9 / 16, (60, 107)), ((40, 60), 16 / 9, (107, 60))])
def test_letterboxed_keeps_all_of_it_between_bars(size, ratio, sheet):
    boxed = views.letterboxed(picture(size), ratio, (1, 2, 3))
    assert boxed.size == sheet
    left, top = (sheet[0] - size[0]) // 2, (sheet[1] - size[1]) // 2
    assert boxed.crop((left, top, left + size[0], top + size[1])) == picture(size)
    assert boxed.getpixel((0, 0)) == boxed.getpixel((sheet[0] - 1, sheet[1] - 1)) == (1, 2, 3)


def test_captioned_has_white_words_at_its_ends_and_its_middle_is_as_it_was():
    plain = picture((300, 200))
    pixels = np.asarray(views.captioned(plain, draws()))
    assert (pixels[150:] == 255).all(axis=2).sum() > 20
    assert np.array_equal(pixels[90:110], np.asarray(plain)[90:110])


def test_framed_has_the_picture_at_full_width_on_a_tall_page():
    for seed in range(8):
        page = np.asarray(views.framed(picture((300, 200)), draws(seed)))
        assert page.shape[1] == 360 and page.shape[0] >= 620
        red = (abs(page.astype(int) - RED) < 12).all(axis=2)
        assert red.all(axis=1).sum() > 100, "rows that are the picture alone"


def test_every_view_is_a_new_picture_by_its_draws_alone():
    plain = picture((90, 70))
    for name, alter in views.DRAWN.items():
        made = alter(plain, draws(3))
        assert made.mode == "RGB" and made == alter(plain, draws(3)), name
        assert any(alter(plain, draws(seed)) != plain for seed in range(5)), name
        tiny = alter(Image.new("RGB", (3, 1)), draws())
        assert min(tiny.size) >= 1, name
    assert plain == picture((90, 70))
