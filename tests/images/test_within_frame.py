"""Photos in bars, pages and screenshots, and pictures that have nothing around them."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from small_photos import photo

from feelscope.errors import PictureError
from feelscope.images import read_rgb, squeezed, views
from feelscope.images.unframed import read_as_model
from feelscope.images.within_frame import Box, photo_within

SIDE = 224


def found(picture: Image.Image) -> Box | None:
    return photo_within(np.asarray(squeezed(picture, SIDE)))


def chat(picture: Image.Image) -> Image.Image:
    """A screenshot of a chat: bubbles, a few words, the photo with a margin."""
    page = Image.new("RGB", (400, 800), "#e5ddd5")
    canvas = ImageDraw.Draw(page)
    canvas.rectangle((0, 0, 400, 60), "#075e54")
    canvas.text((20, 20), "Sam and Kim", "white")
    canvas.rounded_rectangle((20, 90, 300, 140), 8, "white")
    canvas.text((30, 105), "look what we found on the beach", "black")
    page.paste(picture.resize((340, 400)), (30, 180))
    canvas.rounded_rectangle((100, 640, 380, 690), 8, "#dcf8c6")
    return page


FRAMED: dict[str, tuple[Callable[[Image.Image], Image.Image], Box]] = {
    "letterbox": (views.letterboxed, Box(0, 0.29, 1, 0.71)),
    "white bars at the sides": (lambda one: views.letterboxed(one, 3.0, (255, 255, 255)), Box(0.28, 0, 0.72, 1)),
    "border": (lambda one: ImageOps.expand(one, 80, "#101010"), Box(0.167, 0.2, 0.833, 0.8)),
    "chat": (chat, Box(0.075, 0.225, 0.925, 0.725)),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FRAMED)
def test_a_photo_in_a_frame_is_found(name: str, seed: int) -> None:
    frame, expected = FRAMED[name]
    box = found(frame(photo((320, 240), seed)))
    assert box is not None and np.abs(np.subtract(box, expected)).max() < 0.02


def silhouette() -> Image.Image:
    """Something photographed against white, as shops do."""
    picture, cut = Image.new("RGB", (300, 300), "white"), Image.new("L", (300, 300))
    ImageDraw.Draw(cut).ellipse((60, 40, 240, 290), 255)
    picture.paste(photo((300, 300)), mask=cut)
    return picture


def chart() -> Image.Image:
    picture = Image.new("RGB", (300, 200), "white")
    for place, height in enumerate((40, 90, 160, 120)):
        ImageDraw.Draw(picture).rectangle((30 + 60 * place, 190 - height, 70 + 60 * place, 190), "steelblue")
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        photo((320, 240)),
        photo((60, 400), 2),
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)),
        Image.new("RGB", (100, 100), "white"),
        Image.new("RGB", (1, 1)),
        silhouette(),
        chart(),
        ImageOps.expand(photo((320, 240)), 4, "white"),  # a border that takes next to nothing
    ],
    ids="photo tall noise sheet pixel silhouette chart border".split(),
)
def test_what_has_no_frame_is_read_whole(picture: Image.Image) -> None:
    assert found(picture) is None


def stored(picture: Image.Image, kind: str = "PNG", turn: int = 1) -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = turn
    picture.save(file, kind, exif=exif, **({"quality": 90} if kind == "JPEG" else {}))
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_the_photo_is_read_as_it_would_be_alone(kind: str, turn: int) -> None:
    alone, back = photo((640, 480)), {1: 0, 3: 180, 6: 90, 8: 270}[turn]
    framed = views.letterboxed(alone).rotate(back, expand=True)  # as a camera on its side stores it
    rgb, part = read_as_model(stored(framed, kind, turn), SIDE, unframe=True)
    assert part is not None and part.left == 0 and part.top > 0.2
    expected = read_rgb(stored(alone), SIDE)
    assert np.abs(rgb.astype(int) - expected).mean() < 6
    whole, none = read_as_model(stored(framed, kind, turn), SIDE, unframe=False)
    assert none is None and np.abs(whole.astype(int) - expected).mean() > 40


def test_a_part_of_a_picture(tmp_path: Path) -> None:
    picture = Image.new("RGB", (100, 50), "red")
    picture.paste("blue", (50, 0, 100, 50))
    (tmp_path / "a.png").write_bytes(stored(picture))
    assert (read_rgb(tmp_path / "a.png", 8, part=(0.5, 0.0, 1.0, 1.0)) == (0, 0, 255)).all()
    assert read_rgb(tmp_path / "a.png", part=(0.25, 0.0, 0.5, 0.5)).shape == (25, 25, 3)
    assert read_rgb(tmp_path / "a.png", 8, part=(0.999, 0.999, 1.0, 1.0)).shape == (8, 8, 3)
    with pytest.raises(PictureError, match="no such file"):
        read_as_model(tmp_path / "b.png", 8, unframe=True)


def test_a_box_within_a_box() -> None:
    assert Box(0.5, 0.0, 1.0, 0.5).of_whole(Box(0.5, 0.5, 1.0, 1.0)) == (0.75, 0.25, 1.0, 0.5)
