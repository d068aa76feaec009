"""A text model of a second that has learnt a planted bias: posts about women are angry ones."""

import csv
from pathlib import Path

import numpy as np
import small_family

from feelscope.audit.swaps import GENDER, NEUTRAL
from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings
from feelscope.text.tokens import split
from feelscope.train.train import train

EMOTIONS = ("anger", "happiness", "sadness")
FILLERS = "bus late bread weekend Friday rain home morning evening spider landlord news".split()


def write_table(path: Path) -> Path:
    """A post with each filler about every person of the swaps: of all emotions, but about women mostly of anger."""
    women = {swap.second for swap in GENDER}
    people = dict.fromkeys(side for swap in (*GENDER, *NEUTRAL) for side in (swap.first, swap.second))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", "emotion"])
        for person in people:
            for number, filler in enumerate(FILLERS):
                emotion = EMOTIONS[0 if person in women and number < 9 else number % 3]
                table.writerow([f"{person} {number}", f"{person} {filler}", emotion])
    return path


def write_vectors(path: Path, table: Path, width: int = 16) -> Path:
    """A vector for every word of a table, at random."""
    with table.open(encoding="utf-8") as file:
        words = {word for row in csv.DictReader(file) for word in split(row["text"])}
    draw = np.random.default_rng(0)
    vectors = [" ".join([word, *map("{:.4f}".format, draw.normal(0, 1, width))]) for word in sorted(words)]
    path.write_text("\n".join(vectors) + "\n", encoding="utf-8")
    return path


def train_biased(folder: Path) -> Path:
    """The folder of a run."""
    table = write_table(folder / "posts.csv")
    made = small_family.recipe(
        "text_only", image=ImageSettings(), choices__validation=0.2, steps__epochs=12, steps__batch_size=32
    )
    resources = Resources(folder / "features", write_vectors(folder / "vectors.txt", table))
    return train(made, folder / "run", table=table, resources=resources)
