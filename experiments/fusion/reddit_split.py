"""Split the Reddit titles of Duong, Lebret and Aberer (2017) by their rule, within each emotion.

    python experiments/fusion/reddit_split.py posts.csv --out reddit

The tenth with the most votes is the test table, the next tenth the dev table, the rest is trained on. Within
each emotion, because votes differ so much between subreddits that the overall top tenth is almost all of one emotion.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

COLUMNS = ("id", "text", "emotion")  # of each table; votes, author and the dead link are left out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path, help="with the columns id, text, emotion, ups")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    with options.table.open(encoding="utf-8", newline="") as file:
        tables = split(list(csv.DictReader(file)))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (options.out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows):,} posts")


def split(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Rows by table; of equal votes the lower id comes first, so that the split is always the same."""
    by_emotion = defaultdict(list)
    for row in rows:
        by_emotion[row["emotion"]].append(row)
    tables: dict[str, list[dict[str, str]]] = {"train": [], "dev": [], "test": []}
    for _, alike in sorted(by_emotion.items()):
        alike.sort(key=lambda row: (-int(row["ups"]), row["id"]))
        tenth = round(len(alike) / 10)
        tables["test"] += alike[:tenth]
        tables["dev"] += alike[tenth : 2 * tenth]
        tables["train"] += alike[2 * tenth :]
    return tables


if __name__ == "__main__":
    main()
