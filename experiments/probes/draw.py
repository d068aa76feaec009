"""The pictures of the probe posts, drawn from what the column `drawing` says, such as `face: yellow anger`.

    python experiments/probes/draw.py --out experiments/probes/posts

writes them where the tables look for them: OUT/images/ID.png. `score.py` draws them itself and needs no files.
"""

import argparse
import csv
import io
from pathlib import Path

from faces import face
from nothing import blank, chart, noise
from PIL import Image
from things import thing
from words_in_pictures import chat, meme

POSTS = Path(__file__).parent / "posts"


def drawn(drawing: str) -> Image.Image:
    """The picture of a cell of `drawing`."""
    kind, _, what = drawing.partition(": ")
    if kind == "face":
        return face(*what.split())
    draw = {"thing": thing, "meme": meme, "chat": chat, "blank": blank, "chart": chart, "noise": noise}
    return draw[kind](what)


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    stored = io.BytesIO()
    picture.save(stored, "PNG")
    return stored.getvalue()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    (options.out / "images").mkdir(parents=True, exist_ok=True)
    for table in sorted(POSTS.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["drawing"]:
                    (options.out / row["image"]).write_bytes(png(drawn(row["drawing"])))


if __name__ == "__main__":
    main()
