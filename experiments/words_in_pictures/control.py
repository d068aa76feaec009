"""Posts with photos, read with and without --read-pictures: how often words are found, and what that changes.

    python experiments/words_in_pictures/control.py TABLE [OUT.csv]

A row for each post, as it is and with its picture alone.
"""

import csv
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from feelscope import EmotionClassifier, PostsTable
from feelscope.image_text.read import PictureWords, with_words

COLUMNS = ("id", "shown", "emotion", "without", "with", "words_found", "seconds")


def main(table: Path, out: Path) -> None:
    """Append what is missing in `out`."""
    done = set()
    if out.exists():
        with out.open(encoding="utf-8", newline="") as file:
            done = {(row["id"], row["shown"]) for row in csv.DictReader(file)}
    plain = EmotionClassifier.load(workers=1)
    pictures = PictureWords()
    with out.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if not done:
            writer.writerow(COLUMNS)
        posts = [*PostsTable(table)]
        random.Random(0).shuffle(posts)  # so that what a stopped run has is a sample
        for post in posts:
            if post.image is None or (post.id, "image") in done:
                continue
            start = time.process_time()
            words = pictures.read(post.image)
            seconds = f"{time.process_time() - start:.3f}"
            for shown, asked in (("both", post), ("image", replace(post, title="", text=""))):
                without = plain.predict([asked])[0]
                # A classifier that reads pictures answers the same where it finds no words: tests/image_text.
                read = plain.predict([with_words(asked, words)])[0] if words else without
                writer.writerow(
                    (post.id, shown, post.emotion, without.emotion, read.emotion, int(bool(words)), seconds)
                )
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else Path(__file__).with_name("control.csv"))
