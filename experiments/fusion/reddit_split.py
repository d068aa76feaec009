"""Split the Reddit titles of Duong, Lebret and Aberer (2017) by their rule, within each emotion.

    python experiments/fusion/reddit_split.py posts.csv --out reddit

The tenth with the most votes is the test part, the next tenth the development part, the rest is trained on. Within each
emotion, because votes differ so much between subreddits that the overall top tenth is almost all of one emotion.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

COLUMNS = ("id", "text", "emotion")  # of each part; votes, author and the dead link stay behind


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path, help="with the columns id, text, emotion, ups")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    with options.table.open(encoding="utf-8", newline="") as file:
        parts = split(list(csv.DictReader(file)))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, rows in parts.items():
        with (options.out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows):,} posts")


def split(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Rows by part; of equal votes, the lower id counts as higher, so that the split is one and the same."""
    by_emotion = defaultdict(list)
    for row in rows:
        by_emotion[row["emotion"]].append(row)
    parts: dict[str, list[dict[str, str]]] = {"train": [], "dev": [], "test": []}
    for _, some in sorted(by_emotion.items()):
        some.sort(key=lambda row: (-int(row["ups"]), row["id"]))
        tenth = round(len(some) / 10)
        parts["test"] += some[:tenth]
        parts["dev"] += some[tenth : 2 * tenth]
        parts["train"] += some[2 * tenth :]
    return parts


if __name__ == "__main__":
    main()
