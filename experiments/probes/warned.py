"""Which probes the built-in model warns of, by kind, and how many posts of training parts, where it should not.

    python experiments/probes/warned.py --half choose --data DIR

DIR has msed, goemotions and airline: 2,000 texts of each train part are asked, and 1,500 pictures of MSED's.
"""

import argparse
import csv
import random
from collections import Counter
from pathlib import Path

from draw import drawn, png

from feelscope.images import read_rgb
from feelscope.images.unlike_photos import unlike_photos
from feelscope.text.other_language import other_language

POSTS = Path(__file__).parent / "posts"
TEXTS, PICTURES, SIDE, SEED = 2000, 1500, 224, 0


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--half", choices=("choose", "report"), required=True)
    arguments.add_argument("--data", type=Path)
    options = arguments.parse_args()
    for table in sorted(POSTS.glob("*.csv")):
        rows = [row for row in read(table) if row["half"] == options.half]
        show(f"{table.stem}, words", [language(row) for row in rows if row["text"] or row["title"]])
        drawings = [row["drawing"] for row in rows if row["drawing"]]
        show(f"{table.stem}, pictures", [unlike_photos(read_rgb(png(drawn(one)), SIDE)) for one in drawings])
    for name in ("msed", "goemotions", "airline") if options.data else ():
        show(f"{name}, words", [language(row) for row in sample(read(options.data / name / "train.csv"), TEXTS)])
    if options.data:
        paths = [row["image"] for row in read(options.data / "msed" / "train.csv") if row["image"]]
        found = [unlike_photos(read_rgb(options.data / "msed" / path, SIDE)) for path in sample(paths, PICTURES)]
        show("msed, pictures", found)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sample(some: list, count: int) -> list:
    return random.Random(SEED).sample(some, min(count, len(some)))


def language(row: dict[str, str]) -> str:
    """Of what a post's words are warned about; empty for none."""
    found = other_language(f"{row.get('title') or ''}\n{row['text']}", ["en"])
    return "" if found is None else found or "unknown"


def show(name: str, found: list[str]) -> None:
    if found:
        warned = Counter(filter(None, found))
        print(f"{name}: {warned.total()} of {len(found)}", dict(warned) or "", flush=True)


if __name__ == "__main__":
    main()
