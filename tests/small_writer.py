"""A writer that trains in seconds: posts of three emotions, half of them with a picture of one colour."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from feelscope.generate.writer.settings import WriterSettings
from feelscope.post import Post
from feelscope.table import PostsTable

SAID = {
    "joy": ("a happy child smiles", "smiling friends laugh together", "the cheerful family dances"),
    "sad": ("a lonely man weeps", "the grieving woman cries alone", "a tired boy looks down"),
    "anger": ("an angry boss shouts", "the furious driver yells", "two men fight and scream"),
}
PLACES = (
    "in the park",
    "at home",
    "in London",
    "by the sea",
    "on a street",
    "in the office",
    "at school",
    "near a wall",
)
WHEN = ("today", "at night", "in the rain", "after work", "this morning")
COLOURS = {"joy": (220, 200, 30), "sad": (30, 30, 220), "anger": (220, 30, 30)}
SETTINGS = WriterSettings(
    longest=16, embedding=16, hidden=32, condition=8, feeling=4, dropout=0.1, word_dropout=0.0, learning_rate=2e-2,
    ema_decay=0.9, batch_size=16, epochs=8,
)  # fmt: skip
SPELLING = WriterSettings(
    characters=True, longest=80, embedding=16, hidden=48, condition=8, feeling=4, dropout=0.0, word_dropout=0.0,
    learning_rate=2e-2, ema_decay=0.9, batch_size=16, epochs=25,
)  # fmt: skip


def picture(emotion: str) -> bytes:
    """A picture in the colour of an emotion."""
    file = io.BytesIO()
    Image.fromarray(np.full((16, 16, 3), COLOURS[emotion], np.uint8)).save(file, "PNG")
    return file.getvalue()


def posts() -> list[Post]:
    """180 posts: a title of three words, and a sentence."""
    made: list[Post] = []
    for number in range(180):
        emotion = tuple(SAID)[number % 3]
        what, where = SAID[emotion][number // 3 % 3], PLACES[number // 9 % 8]
        when = WHEN[number * 7 % 5]
        made.append(
            Post(
                f"p{number}",
                f"{what} {where} {when}.".capitalize().replace("london", "London"),
                f"{what.split()[1]} {when}!".capitalize() if number % 4 == 0 else "",
                picture(emotion) if number % 2 else None,
                emotion,
            )
        )
    return made


def write_table(path: Path, count: int = 180) -> Path:
    """The same as a table, without pictures."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "title", "text", "emotion"))
        writer.writerows((post.id, post.title, post.text, post.emotion) for post in posts()[:count])
    return path


def read(path: Path) -> PostsTable:
    """A table of labelled posts."""
    return PostsTable(path, need=("emotion",))


def changed(settings: WriterSettings = SETTINGS, **values: object) -> WriterSettings:
    """Settings with other values."""
    return replace(settings, **values)  # type: ignore[arg-type]
