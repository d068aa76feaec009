"""Posts with photos, read with and without --read-pictures: how often words are found, and what that changes.

    python experiments/words_in_pictures/control.py TABLE [OUT.csv]

A row for each post, as it is and with its picture alone.
"""

import csv
import sys
import time
from dataclasses import replace
from pathlib import Path

from feelscope import EmotionClassifier, PostsTable
from feelscope.post import IMAGE_TEXT

COLUMNS = ("id", "shown", "emotion", "without", "with", "words_found", "seconds_more")


def main(table: Path, out: Path) -> None:
    """Append what is missing in `out`."""
    done = set()
    if out.exists():
        with out.open(encoding="utf-8", newline="") as file:
            done = {(row["id"], row["shown"]) for row in csv.DictReader(file)}
    plain = EmotionClassifier.load(workers=1)
    reading = EmotionClassifier.load(workers=1, read_pictures=True)
    with out.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if not done:
            writer.writerow(COLUMNS)
        for post in PostsTable(table):
            for shown, asked in (("both", post), ("image", replace(post, title="", text=""))):
                if post.image is None or (post.id, shown) in done:
                    continue
                start = time.process_time()
                without = plain.predict([asked])[0]
                middle = time.process_time()
                read = reading.predict([asked])[0]
                more = time.process_time() - middle - (middle - start)
                found = int(IMAGE_TEXT in read.modalities)
                writer.writerow((post.id, shown, post.emotion, without.emotion, read.emotion, found, f"{more:.3f}"))
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else Path(__file__).with_name("control.csv"))
