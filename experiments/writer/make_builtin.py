"""Put a trained writer into the package as the built-in one, with its card.

python experiments/writer/make_builtin.py WORK/all-0

The card's scores are those of scores.csv, so run report.py before.
"""

import csv
import sys
from dataclasses import replace
from pathlib import Path

from feelscope.files import write_text
from feelscope.generate.writer import card, folder

HERE = Path(__file__).parent
SOURCES = (
    "The posts are those of MSED's training part (Jia et al. 2022): captions of stock photographs, for research only, "
    "not to be passed on; no sentence of them is in this folder. Its word vectors began as vectors that were trained "
    "on posts of Reddit. Use it, and what it writes, for research."
)


def scores(row: str) -> str:
    """A perplexity of the first seed and its interval."""
    with (HERE / "scores.csv").open(encoding="utf-8", newline="") as file:
        found = {(one["measure"], one["row"], one["seed"]): one for one in csv.DictReader(file)}
    one = found["perplexity", row, "0"]
    return "{:.1f} ({:.1f} to {:.1f})".format(*(float(one[name]) for name in ("value", "low", "high")))


def measured() -> str:
    """What the card says of the scores."""
    return (
        f"Perplexity on the 1,021 posts of MSED's dev part: {scores('writer')}, with shuffled pictures "
        f"{scores('writer, pictures shuffled')}; of a Kneser-Ney 5-gram of the same text "
        f"{scores('Kneser-Ney 5-gram, three discounts')}. 95% intervals over posts. What is read in its posts, copies "
        "and variety are in `experiments/writer`, whose `make_builtin.py` made this folder."
    )


def main() -> None:
    """Write the folder."""
    saved = replace(folder.read(Path(sys.argv[1])), name="The built-in writer")
    folder.FOLDER.mkdir(exist_ok=True)
    folder.write(folder.FOLDER, saved)
    text = card.card(saved).replace("EMOTION --model RUN", "EMOTION")
    text = text.replace(card.UNMEASURED, measured()).replace(card.LICENCE, SOURCES)
    write_text(folder.FOLDER / card.FILE, text)


if __name__ == "__main__":
    main()
