"""AVIF and HEIC: pixels as Pillow has them, every way up, and foreign bytes in one line."""

import io
import random

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps

from feelscope.errors import PictureError
from feelscope.images import read_rgb
from feelscope.images.header import format_of


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    blocks = np.random.default_rng(0).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(np.kron(blocks, np.ones((16, 16, 1), np.uint8)))  # (96, 128, 3)


def encoded(picture: Image.Image, format: str, orientation: int) -> bytes:
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x112] = orientation
    if format == "HEIC":
        pillow_heif.from_pillow(picture).save(file, quality=90, exif=exif.tobytes())
    else:
        picture.save(file, format, quality=90, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_up(picture: Image.Image, orientation: int) -> None:
    data = encoded(picture, "AVIF", orientation)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    assert format_of(data) == "AVIF"
    np.testing.assert_array_equal(read_rgb(data), expected)


def test_heic(picture: Image.Image) -> None:
    data = encoded(picture, "HEIC", 1)
    assert format_of(data) == "HEIC"
    assert np.abs(read_rgb(data).astype(int) - np.asarray(picture)).mean() < 8


@pytest.mark.parametrize("format", ["AVIF", "HEIC"])
def test_damage_is_one_line(picture: Image.Image, format: str) -> None:
    data, draw = encoded(picture, format, 1), random.Random(0)
    refused = 0
    for _ in range(60):
        spoiled = bytearray(data[: draw.randrange(20, len(data) + 1)])
        for _ in range(draw.randint(0, 4)):
            spoiled[draw.randrange(12, len(spoiled))] = draw.randrange(256)
        try:
            read_rgb(bytes(spoiled))
        except PictureError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 20


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"\xff\x0a\xfa\0", "JPEG XL"),
        (b'<svg xmlns="x">', "SVG"),
        (b"<!DOCTYPE html><html>", "a web page"),
    ],
)
def test_what_is_not_read_is_named(content: bytes, name: str) -> None:
    with pytest.raises(PictureError, match=f"as {name} does; save it as JPEG or PNG"):
        read_rgb(content)
