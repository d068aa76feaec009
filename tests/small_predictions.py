"""Files of predictions as `feelscope predict` writes them, of made-up posts."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from feelscope.table import open_writer

EMOTIONS = ("happiness", "anger", "fear")
ABOUT = {
    "kind": "predictions",
    "feelscope": "0.1.0",
    "made": "2026-11-28T10:00:00Z",
    "model": {"name": "small", "folder": "mine", "digest": "ab" * 32, "emotions": [*EMOTIONS], "modalities": ["text"]},
    "settings": {"abstain": None, "read_pictures": False, "skip_pictures": 1.0, "only": None},
    "table": {"name": "posts.csv", "columns": {"id": "id", "text": "text"}},
    "posts": {"rows": 402, "predicted": 400, "left_out": 2, "left_out_by_reason": {"duplicate id": 2}},
}


def row(id: str, emotion: str | None, sure: float = 0.8, **others: object) -> dict[str, object]:
    """A prediction; None refuses the answer."""
    rest = (1 - sure) / (len(EMOTIONS) - 1)
    probabilities = {name: sure if name == (emotion or EMOTIONS[0]) else rest for name in EMOTIONS}
    warnings = others.pop("warnings", [])
    first = {"id": id, "emotion": emotion, "probabilities": probabilities, "modalities": ["text"], "warnings": warnings}
    return first | others


def write_rows(path: Path, rows: Sequence[Mapping[str, object]], about: bool = True) -> Path:
    """Write rows as a file of predictions."""
    full = {name: next((one[name] for one in rows if one.get(name) not in (None, [])), "x") for name in rows[0]}
    with open_writer(path, like=full | {"warnings": ["x"]}, about=(lambda: ABOUT) if about else None) as writer:
        for one in rows:
            writer.write(one)
    return path


def write_predictions(path: Path, posts: int = 400, about: bool = True) -> Path:
    """Predictions of posts of two parties, by 60 authors, over 100 days of 2012; anger rises on 20 March."""
    random = np.random.default_rng(5)
    rows = []
    for number in range(posts):
        day = number * 100 // posts
        party = ("Greens", "Blues")[number % 2]
        greens, blues = ([0.6, 0.1, 0.3], [0.3, 0.3, 0.4]) if day < 50 else ([0.2, 0.6, 0.2], [0.1, 0.8, 0.1])
        shares = greens if party == "Greens" else blues
        emotion = EMOTIONS[random.choice(3, p=shares)]
        when = str(date(2012, 1, 30) + timedelta(day))
        author = f"author {random.integers(60)}"
        rows.append(row(f"{number}", emotion, 0.4 + 0.5 * random.random(), created_at=when, party=party, author=author))
    return write_rows(path, rows, about)
