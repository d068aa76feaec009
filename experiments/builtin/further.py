"""Further tables that the built-in model learns from, made of public data as they come.

python experiments/builtin/further.py --data DIR --out DIR2

airline/train.csv   tweets to airlines that are not in the dev part of experiments/probes, by valence
faces/train.csv     FER-2013's training faces, and the faces of Twemoji's art
plain/train.csv     blank sheets, charts and noise, in which there is nothing to read: neutral
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image, ImageDraw

sys.path.append(str(Path(__file__).parents[1] / "probes"))
from sources import airline, fer

# Emoji of faces and hearts whose feeling most people agree on; ours.
FACES = {
    "happiness": "😀😃😄😁😆😅🤣😂🙂😊😇🥰😍🤩😘😗😚😙😋😛😜🤪😝🤗🥳😎😺😸😹😻😌☺",
    "sadness": "😢😭😞😔☹🙁😥😓😿💔😩😫🥺",
    "anger": "😠😡🤬😤👿😾💢",
    "fear": "😨😰😱😧😖🙀",
    "surprise": "😮😯😲🤯😳😦",
    "disgust": "🤢🤮😷🤧",
    "neutral": "😐😑😶🙄😴",
}
PLAIN = 400  # pictures in which there is nothing to read
_JPEG = b"\xff\xd8"
Row = tuple[str, str, bytes, str]  # id, text, picture, label


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    tweets = airline(options.data, dev=False)
    write(options.out / "airline", ((post.id, post.text, b"", str(post.emotion)) for post in tweets))
    faces = fer(options.data / "fer2013/train.parquet")
    rows = [(post.id, "", bytes(post.image or b""), str(post.emotion)) for post in faces]  # type: ignore[arg-type]
    write(options.out / "faces", [*rows, *emoji_faces(options.data / "emoji/twemoji.parquet")])
    write(options.out / "plain", plain(PLAIN))


def write(folder: Path, rows: Iterable[Row]) -> None:
    """A posts table with its pictures beside it."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "train.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("id", "text", "image", "emotion"))
        for id, text, picture, label in rows:
            ending = "jpg" if picture.startswith(_JPEG) else "png"
            name = f"images/{id}.{ending}" if picture else ""
            if picture:
                (folder / name).write_bytes(picture)
            table.writerow((id, text, name, label))


def emoji_faces(table: Path) -> Iterable[Row]:
    """The faces on white and on a colour."""
    art = {row["codepoints"]: row["png"] for row in parquet.read_table(table).to_pylist()}
    draws = np.random.default_rng(0)
    for label, faces in FACES.items():
        for face in faces:
            with Image.open(io.BytesIO(art[f"{ord(face):x}"])) as opened:
                drawn = opened.convert("RGBA")
            for number in range(4):
                colour = (255, 255, 255) if number == 0 else tuple(int(one) for one in draws.integers(0, 256, 3))
                sheet = Image.new("RGB", (240, 240), colour)
                side = int(draws.integers(120, 230))
                scaled = drawn.resize((side, side), Image.Resampling.LANCZOS)
                sheet.paste(scaled, tuple(int(one) for one in draws.integers(0, 241 - side, 2)), scaled)
                yield f"twemoji-{ord(face):x}-{number}", "", png(sheet), label


def plain(count: int) -> Iterable[Row]:
    """Sheets, charts and noise, other ones than the probes have."""
    draws = np.random.default_rng(1)
    for number in range(count):
        kind = ("sheet", "fade", "noise", "bars", "lines", "page")[number % 6]
        yield f"plain-{number}", "", png(_PLAIN[kind](draws)), "neutral"


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    stored = io.BytesIO()
    picture.save(stored, "PNG")
    return stored.getvalue()


def _colour(draws: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(one) for one in draws.integers(0, 256, 3))


def _sheet(draws: np.random.Generator) -> Image.Image:
    pixels = np.array(_colour(draws)) + draws.normal(0, draws.choice((0, 0, 6)), (160, 160, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _fade(draws: np.random.Generator) -> Image.Image:
    ends = np.array([_colour(draws), _colour(draws)], float)
    along = np.linspace(0, 1, 160)[:, None, None]
    pixels = np.broadcast_to(ends[0] + (ends[1] - ends[0]) * along, (160, 160, 3)).astype(np.uint8)
    return Image.fromarray(np.rot90(pixels, draws.integers(4)))


def _noise(draws: np.random.Generator) -> Image.Image:
    side, channels = int(draws.choice((9, 20, 60, 160))), int(draws.choice((1, 3)))
    shape = (side, 1 if draws.random() < 0.2 else side, channels)
    pixels = np.broadcast_to(draws.integers(0, 256, shape), (side, side, channels))
    pixels = np.broadcast_to(pixels, (side, side, 3)).astype(np.uint8)
    return Image.fromarray(pixels).resize((160, 160), Image.Resampling.NEAREST)


def _bars(draws: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", (200, 160), "white" if draws.random() < 0.7 else _colour(draws))
    canvas, count = ImageDraw.Draw(picture), int(draws.integers(3, 12))
    for place in range(count):
        left, high = 20 + 170 * place // count, int(draws.integers(5, 130))
        canvas.rectangle((left, 145 - high, left + 120 // count, 145), _colour(draws))
    canvas.line((15, 146, 195, 146), "black")
    return picture


def _lines(draws: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", (200, 160), "white" if draws.random() < 0.7 else _colour(draws))
    canvas = ImageDraw.Draw(picture)
    for _ in range(int(draws.integers(1, 5))):
        heights = 80 + np.cumsum(draws.normal(0, 9, 30))
        canvas.line([(12 + 6 * step, float(height)) for step, height in enumerate(heights)], _colour(draws), 2)
    if draws.random() < 0.5:
        canvas.pieslice((30, 20, 150, 140), 0, int(draws.integers(40, 320)), _colour(draws))
    return picture


def _page(draws: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", (160, 200), "white")
    canvas = ImageDraw.Draw(picture)
    for row in range(int(draws.integers(4, 14))):
        for column in range(int(draws.integers(1, 5))):
            canvas.text((10 + 36 * column, 8 + 13 * row), str(draws.integers(1, 9999)), "black")
    return picture


_PLAIN = {"sheet": _sheet, "fade": _fade, "noise": _noise, "bars": _bars, "lines": _lines, "page": _page}


if __name__ == "__main__":
    main()
