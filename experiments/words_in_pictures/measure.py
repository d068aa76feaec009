"""Ask the built-in model about drawn texts: the picture without reading, with reading, and the typed words.

    python experiments/words_in_pictures/measure.py FOLDER HALF [OUT.csv]

FOLDER is what draw.py made, HALF is `choose` or `report`. A row is added for each picture; a run that was stopped goes
on where it stopped.
"""

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from feelscope import EmotionClassifier, Post

COLUMNS = ("text_id", "style", "emotion", "picture", "read", "typed", "modalities", "seconds")


def drawn(folder: Path, half: str) -> Iterator[dict[str, str]]:
    """The pictures of texts, without signs."""
    with (folder / "pictures.csv").open(encoding="utf-8", newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["half"] == half and row["style"] != "sign")


def main(folder: Path, half: str, out: Path) -> None:
    """Append what is missing in `out`."""
    done = set()
    if out.exists():
        with out.open(encoding="utf-8", newline="") as file:
            done = {(row["text_id"], row["style"]) for row in csv.DictReader(file)}
    plain = EmotionClassifier.load(workers=1)
    reading = EmotionClassifier.load(workers=1, read_pictures=True)
    with out.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if not done:
            writer.writerow(COLUMNS)
        for row in drawn(folder, half):
            if (row["text_id"], row["style"]) in done:
                continue
            picture = Post("1", image=folder / row["picture"])
            typed = Post("1", text=row["typed"])
            without, words = (plain.predict([post])[0].emotion for post in (picture, typed))
            started = time.process_time()
            answer = reading.predict([picture])[0]
            seconds = f"{time.process_time() - started:.3f}"
            used = "+".join(answer.modalities)
            writer.writerow(
                (row["text_id"], row["style"], row["emotion"], without, answer.emotion, words, used, seconds)
            )
            file.flush()


if __name__ == "__main__":
    home = Path(__file__).parent
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if sys.argv[3:] else home / f"{sys.argv[2]}.csv")
