"""Emoji for tests: discs of one colour as their pictures, and an autoencoder that trains in seconds."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw
from pyarrow import parquet

from feelscope.emoji import catalogue
from feelscope.emoji.autoencoder.settings import PUBLISHED, AutoencoderSettings
from feelscope.emoji.pictures import EmojiPictures, open_pictures

SETTINGS = AutoencoderSettings(code=6, filters=4, hidden=16, batch_size=8, epochs=2, augment=False)
WOLF = replace(PUBLISHED, code=4, filters=2, epochs=1)


def write_parquet(folder: Path, count: int = 60, **columns: list) -> Path:
    """A Parquet of the first emoji of the list, each a disc of its own colour and place."""
    draws = np.random.default_rng(0)
    known = [one for one in catalogue.all_emoji() if one.since < 1][:count]
    pictures = []
    for _ in known:
        image = Image.new("RGBA", (72, 72))
        left, top = (int(value) for value in draws.integers(2, 30, 2))
        colour = tuple(int(value) for value in draws.integers(0, 256, 3))
        ImageDraw.Draw(image).ellipse((left, top, left + 36, top + 36), fill=(*colour, 255))
        file = io.BytesIO()
        image.save(file, "PNG")
        pictures.append(file.getvalue())
    codepoints = ["-".join(f"{ord(one):x}" for one in catalogue.bare(emoji.sequence)) for emoji in known]
    path = folder / "discs.parquet"
    parquet.write_table(pa.table({"codepoints": codepoints, "png": pictures} | columns), path)
    return path


def discs(folder: Path, count: int = 60) -> EmojiPictures:
    """The pictures of that Parquet."""
    return open_pictures(write_parquet(folder, count))
