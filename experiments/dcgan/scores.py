"""scores.csv: one line for each number that was measured."""

import csv
from pathlib import Path

import numpy as np

HEADER = ("part", "method", "steps", "seed", "measure", "value", "low", "high")


def add(path: Path, *row: object) -> None:
    """Write a number, in the place of an earlier one of the same method, steps, seed and measure."""
    rows = [HEADER]
    if path.exists():
        with path.open(newline="") as file:
            rows = [tuple(one) for one in csv.reader(file)]
    cells = tuple(f"{one:.4f}" if isinstance(one, float) else str(one) for one in row)
    cells += ("",) * (len(HEADER) - len(cells))
    rows = [one for one in rows if one[:5] != cells[:5]] + [cells]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(", ".join(cells), flush=True)


def share(right: list[bool]) -> tuple[float, float, float]:
    """A share and its Wilson interval, 95%."""
    count, p, z = len(right), float(np.mean(right)), 1.96
    middle, width = p + z**2 / (2 * count), z * np.sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    return p, float((middle - width) / (1 + z**2 / count)), float((middle + width) / (1 + z**2 / count))
