"""Write the table of README.md from scores.csv.

python experiments/emoji_answers/fill_readme.py
"""

import csv
import re
from pathlib import Path

import numpy as np

from feelscope.metrics.intervals import with_interval

HERE = Path(__file__).parent
TITLES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "top_5": "right one in the first five"}


def cell(lines, name):
    """One run with its interval; the mean of several and the least to the most."""
    values = [float(line[name]) for line in lines if line[name]]
    if not values:
        return ""
    if len(values) == 1:
        return with_interval(values[0], (float(lines[0][f"{name}_low"]), float(lines[0][f"{name}_high"])))
    return f"{np.mean(values):.3f} (seeds {min(values):.3f} to {max(values):.3f})"


def table(lines, data):
    lines = [line for line in lines if line["data"] == data]
    columns = [name for name in TITLES if any(line[name] for line in lines)]
    recipes = [*dict.fromkeys(line["recipe"] for line in lines)]
    rows = [
        [recipe, str(len(of)), *(cell(of, name) for name in columns)]
        for recipe in recipes
        for of in [[line for line in lines if line["recipe"] == recipe]]
    ]
    head = ["recipe", "seeds", *(TITLES[name] for name in columns)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def main():
    with (HERE / "scores.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for data in dict.fromkeys(line["data"] for line in lines):
        pattern = rf"(<!-- {data} -->\n).*?(<!-- end -->)"
        made = table(lines, data)
        text = re.sub(pattern, lambda found, made=made: f"{found[1]}{made}\n{found[2]}", text, flags=re.DOTALL)
    (HERE / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
