"""The figure of `coverage.csv`.

python experiments/estimate/draw.py
"""

import csv
from pathlib import Path

from feelscope.drawing import BLUE, ORANGE, canvas, save

FOLDER = Path(__file__).parent
NAMES = {"msed": "MSED", "goemotions": "GoEmotions", "reddit": "Reddit titles"}


def main() -> None:
    with (FOLDER / "coverage.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["sample"] == "by chance"]
    with canvas(7.0, 2.8, "train") as figure:
        left, right = figure.subplots(1, 2)
        for place, name in enumerate(NAMES):
            for labels, colour, aside in (("100", BLUE, -0.15), ("300", ORANGE, 0.15)):
                own = [row for row in rows if (row["set"], row["labels"]) == (name, labels)]
                at = [place + aside + 0.05 * (int(row["shift"]) - 0.5) for row in own]
                left.plot(at, [100 * float(row["coverage"]) for row in own], ".", color=colour)
                label = f"{labels} labels" if not place else None
                right.plot(at, [float(row["ratio"]) for row in own], ".", color=colour, label=label)
        for panel in (left, right):
            panel.set_xticks(range(len(NAMES)), [*NAMES.values()])
        for height in (93, 95, 97):
            left.axhline(height, color="grey", linewidth=0.8, linestyle="-" if height == 95 else ":")
        left.set_ylim(90, 100)
        left.set_ylabel("intervals that hold the share, %")
        right.axhline(1, color="grey", linewidth=0.8)
        right.set_ylim(0, 1.1)
        right.set_ylabel("width over that of labels alone")
        right.legend(loc="lower right", frameon=False)
    figures = ("set", "shift", "labels", "emotion", "coverage", "ratio")
    save(figure, [{name: row[name] for name in figures} for row in rows], FOLDER, "coverage_figure")


if __name__ == "__main__":
    main()
