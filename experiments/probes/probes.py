"""The probe posts, with their pictures drawn."""

import csv
from dataclasses import dataclass

from draw import POSTS, drawn, png

from feelscope import Post

HALVES = ("choose", "report")
LANGUAGES = ("es", "fr", "de", "pt", "zh", "ar")


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe post; its emotion is the one most people would agree on."""

    post: Post
    kind: str
    half: str


def read_probes(half: str = "") -> list[Probe]:
    """All probes, or those marked `choose` or `report`; tables in the order of their names."""
    probes = []
    for table in sorted(POSTS.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if half in ("", row["half"]):
                    picture = png(drawn(row["drawing"])) if row["drawing"] else None
                    post = Post(row["id"], row["text"], row["title"], picture, row["emotion"])
                    probes.append(Probe(post, row["kind"], row["half"]))
    return probes
