"""Animated pictures: the frame that shows something is read, and it is said."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from feelscope.images import read_rgb
from feelscope.images.frames import MOST, looked_at
from feelscope.images.header import READERS
from feelscope.images.read import read_frames
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier

SIZE = (48, 32)
BLANK = Image.new("RGB", SIZE, "white")
FADE = Image.linear_gradient("L").resize(SIZE).convert("RGB")
FORMATS: list[tuple[str, dict[str, Any]]] = [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})]


def faint(share: float) -> Image.Image:
    return Image.blend(BLANK, FADE, share)


def animated(format: str, frames: list[Image.Image], **options: Any) -> bytes:
    file = io.BytesIO()
    frames[0].save(file, format, save_all=True, append_images=frames[1:], **options)
    return file.getvalue()


def read(data: bytes) -> tuple[np.ndarray, list[str]]:
    told: list[str] = []
    return read_rgb(data, tell=told.append), told


@pytest.mark.parametrize(("format", "options"), FORMATS)
@pytest.mark.parametrize(
    ("frames", "number"),
    [
        ([BLANK, faint(0.3), FADE, BLANK], 3),  # fades in
        ([FADE, BLANK, faint(0.5)], 1),
        ([faint(0.95), FADE, BLANK], 1),  # nearly as much, so the first
        ([BLANK, faint(0.01)] * MOST + [FADE], 2),  # beyond the few that are looked at
    ],
)
def test_the_first_frame_that_shows_most_is_read(
    format: str, options: dict[str, Any], frames: list[Image.Image], number: int
) -> None:
    pixels, told = read(animated(format, frames, **options))
    assert told == [f"the picture is an animation, of which frame {number} was read"]
    assert np.abs(pixels.astype(int) - np.asarray(frames[number - 1])).max() <= 3  # of a palette


@pytest.mark.parametrize(("format", "options"), FORMATS)
def test_a_still_picture_is_as_before(format: str, options: dict[str, Any]) -> None:
    assert read(animated(format, [FADE], **options))[1] == []


@pytest.mark.parametrize(("format", "options"), FORMATS)
def test_the_frames_of_a_large_animation_are_not_looked_at(format: str, options: dict[str, Any]) -> None:
    assert looked_at(100, 500, 500) == MOST and looked_at(100, 1920, 1080) == 3 and looked_at(100, 4000, 3000) == 1
    frames = [image.resize((2850, 2850)).convert("L") for image in (BLANK, FADE)]
    data = animated(format, frames, **({"method": 0, "quality": 0} if format == "WEBP" else options))
    header = READERS[format](data)
    assert header.is_animated and header.frames == 1
    pixels, told = read(data)
    assert told == ["the picture is an animation, of which frame 1 was read"] and pixels.min() > 250


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_frames_behind_a_broken_one_cost_nothing(format: str) -> None:
    frames = [faint(0.5), FADE, FADE.rotate(180)]
    whole = animated(format, frames, **({"lossless": True} if format == "WEBP" else {}))
    first = read(animated(format, frames[:1], **({"lossless": True} if format == "WEBP" else {})))[0]
    for end in range(len(whole) // 2, len(whole), 7):
        pixels, told = read(whole[:end])
        frame = int(told[0].split("frame ")[1].split()[0]) if told else 1
        expected = first if frame == 1 else np.asarray(frames[frame - 1])
        assert np.abs(pixels.astype(int) - expected).max() <= 255 * (frame > 1) + 3


def test_a_later_frame_makes_no_gif_larger() -> None:
    data = animated("GIF", [faint(0.5), FADE])
    second = data.index(b"\x2c", data.index(b"\x2c") + 20)
    while data[second : second + 9] != b"\x2c" + struct.pack("<HHHH", 0, 0, *SIZE):
        second = data.index(b"\x2c", second + 1)
    beyond = data[: second + 5] + struct.pack("<HH", 60_000, 60_000) + data[second + 9 :]
    pixels, told = read(beyond)
    assert pixels.shape == (32, 48, 3) and told == []


def test_answers_warn_of_animations_and_of_a_single_pixel() -> None:
    classifier = EmotionClassifier.load(workers=1, skip_pictures=1)
    pixel = animated("GIF", [Image.new("RGB", (1, 1), "white")])
    moving, tiny = classifier.predict(
        [Post("1", image=animated("GIF", [BLANK, FADE])), Post("2", "What a day", image=pixel)]
    )
    assert "the picture is an animation, of which frame 2 was read" in moving.warnings
    assert any("1 x 1 pixels, which shows nothing" in said for said in tiny.warnings)


@pytest.mark.parametrize(("format", "options"), FORMATS)
def test_a_frame_of_every_scene_is_read(format: str, options: dict[str, Any]) -> None:
    scenes = [FADE] * 3 + [FADE.rotate(180)] * 20 + [BLANK] * 3
    moves = [faint(0.97 + 0.001 * place) if image is FADE else image for place, image in enumerate(scenes)]
    frames = read_frames(animated(format, moves, **options), 32)
    assert len(frames.made) == 2 and frames.made[0][0].mean() < frames.made[1][0].mean()
    assert frames.said.startswith("the picture is an animation, of which frames 1 and ") and frames.shown == 0
    alone = read_rgb(animated(format, moves, **options), 32)
    assert np.array_equal(alone, frames.made[0])
