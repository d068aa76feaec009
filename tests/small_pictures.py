"""Pictures for tests: discs on a ground of another colour, warm ones of one emotion and cold ones of another."""

import csv
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from feelscope.generate.pictures.reading import one_hot
from feelscope.generate.pictures.settings import PictureSettings
from feelscope.generate.pictures.shown import ShownPictures

EMOTIONS = ("anger", "sadness")
COLOURS = {"anger": (220, 60, 30), "sadness": (30, 60, 220)}
SAID = {"anger": "so angry I could shout", "sadness": "tears all night long"}
SETTINGS = PictureSettings(by="emotion", width=0.03, batch_size=32, epochs=2, average=0.9)


def disc(emotion: str, draws: np.random.Generator, size: int = 40) -> Image.Image:
    """A disc of about the emotion's colour, somewhere on a dark ground."""
    image = Image.new("RGB", (size, size), tuple(int(value) for value in draws.integers(0, 40, 3)))
    left, top = (int(value) for value in draws.integers(2, 14, 2))
    colour = tuple(int(np.clip(value + draws.integers(-30, 30), 0, 255)) for value in COLOURS[emotion])
    ImageDraw.Draw(image).ellipse((left, top, left + 22, top + 22), fill=colour)
    return image


def shown(count: int = 128, size: int = 32) -> ShownPictures:
    """Such pictures in memory, by emotion."""
    draws = np.random.default_rng(0)
    emotions = [EMOTIONS[number % 2] for number in range(count)]
    pixels = np.stack([np.asarray(disc(one, draws).resize((size, size))) for one in emotions])
    tensor = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
    return ShownPictures(tensor, one_hot(emotions, EMOTIONS), "discs", EMOTIONS)


def write_posts(folder: Path, count: int = 110) -> Path:
    """A table of posts with such pictures, words and emotions; two pictures cannot be used."""
    draws = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    path = folder / "posts.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "image", "emotion"])
        for number in range(count):
            emotion = EMOTIONS[number % 2]
            image = disc(emotion, draws) if number else Image.new("RGB", (1, 1))
            image.save(folder / "images" / f"{number}.png")
            rows.writerow([number, f"{SAID[emotion]} {number}", f"images/{number}.png", emotion])
    (folder / "images" / "1.png").write_bytes(b"no picture")
    return path
