"""Emotion pictures as PNG files: one as it is, all of a run as a grid, the way to each as a film strip."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from feelscope.drawing import canvas
from feelscope.explain.emotion_picture import EmotionPicture
from feelscope.files import write_whole

FRAMES = 8  # of a film strip
_INCHES, _TITLE = 1.5, 0.25  # the side of a picture; the height of its title


def frames_of(updates: int) -> tuple[int, ...]:
    """The numbers of updates after which a film strip has a frame: close together in the beginning."""
    shares = np.linspace(0, 1, FRAMES) ** 2
    return tuple(sorted({round(updates * share) for share in shares.tolist()}))


def png(pixels: np.ndarray) -> bytes:
    """A picture, uint8 (S, S, 3), as a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def write_picture(path: Path, picture: EmotionPicture) -> None:
    """Write one picture, pixel by pixel, as other commands can read it."""
    with write_whole(path, "wb") as file:
        file.write(png(picture.pixels))


def write_grid(path: Path, pictures: Sequence[EmotionPicture]) -> None:
    """Write the pictures of several emotions, each with its name above it, about as wide as high."""
    columns = int(np.ceil(np.sqrt(len(pictures))))
    named = [(one.emotion, one.pixels) for one in pictures]
    _write(path, [named[start : start + columns] for start in range(0, len(named), columns)])


def write_strip(path: Path, pictures: Sequence[EmotionPicture]) -> None:
    """Write all frames of each picture as a row, each with the updates before it and the score it had."""
    rows = []
    for picture in pictures:
        row = [(f"{frame.update}: {frame.score:.1f}", frame.pixels) for frame in picture.frames]
        rows.append([(f"{picture.emotion}, {row[0][0]}", row[0][1]), *row[1:]])
    _write(path, rows)


def _write(path: Path, rows: Sequence[Sequence[tuple[str, np.ndarray]]]) -> None:
    columns = max(map(len, rows))
    with canvas(columns * _INCHES, len(rows) * (_INCHES + _TITLE)) as figure:
        places = figure.subplots(len(rows), columns, squeeze=False)
        for line, axes in zip(rows, places, strict=True):
            for place in axes:
                place.axis("off")
            for (title, pixels), place in zip(line, axes, strict=False):
                place.imshow(pixels)
                place.set_title(title)
        with write_whole(path, "wb") as file:
            figure.savefig(file, format="png", metadata={"Software": None})
