"""The tables of this page's README, from report.csv and control.csv.

    python experiments/words_in_pictures/table.py

Shares right have 95% intervals by a bootstrap over texts, each with all pictures that were drawn of it.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

HOME = Path(__file__).parent
STYLES = ("meme", "caption", "card", "tweet", "chat")
EMOTIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
OTHER_NAMES = {"sad": "sadness"}  # in MSED
RESAMPLES, SEED = 2000, 0
Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (HOME / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(rows: Sequence[Row], column: str, group: str, score: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """A score with its interval, groups drawn whole."""
    groups = sorted({row[group] for row in rows})
    places = [[number for number, row in enumerate(rows) if row[group] == name] for name in groups]
    true = np.array([EMOTIONS.index(OTHER_NAMES.get(row["emotion"], row["emotion"])) for row in rows])
    said = np.array([EMOTIONS.index(row[column]) if row[column] else -1 for row in rows])
    draw = np.random.default_rng(SEED)
    scores = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([places[number] for number in draw.integers(len(places), size=len(places))])
        scores.append(score(true[drawn], said[drawn]))
    low, high = np.percentile(scores, [2.5, 97.5])
    return f"{score(true, said):.3f} ({low:.3f}–{high:.3f})"


def accuracy(true: np.ndarray, said: np.ndarray) -> float:
    return float((true == said).mean())


def macro_f1(true: np.ndarray, said: np.ndarray) -> float:
    scores = []
    for emotion in np.unique(true):
        both = ((true == emotion) & (said == emotion)).sum()
        scores.append(2 * both / ((true == emotion).sum() + (said == emotion).sum()))
    return float(np.mean(scores))


def main() -> None:
    rows = rows_of("report.csv")
    print("| style | picture, not read | with --read-pictures | the typed words |\n|---|---|---|---|")
    for style in ("all", *STYLES):
        some = [row for row in rows if style in ("all", row["style"])]
        cells = [shown(some, column, "text_id", accuracy) for column in ("picture", "read", "typed")]
        print(f"| {style} | {' | '.join(cells)} |")
    for emotion in EMOTIONS:
        some = [row for row in rows if row["emotion"] == emotion]
        cells = [f"{np.mean([row[column] == emotion for row in some]):.2f}" for column in ("picture", "read", "typed")]
        print(f"| {emotion} | {' | '.join(cells)} |")
    same = np.mean([row["read"] == row["typed"] for row in rows])
    found = np.mean(["image_text" in row["modalities"] for row in rows])
    seconds = [float(row["seconds"]) for row in rows]
    print(
        f"words found in {found:.1%}; the answer of the typed words in {same:.1%}; {np.mean(seconds):.2f} s a picture"
    )
    if not (HOME / "control.csv").exists():
        return
    control = rows_of("control.csv")
    for kind in ("both", "image"):
        some = [row for row in control if row["shown"] == kind]
        cells = [shown(some, column, "id", macro_f1) for column in ("without", "with")]
        words = sum(int(row["words_found"]) for row in some)
        changed = sum(row["without"] != row["with"] for row in some)
        right = [
            sum(row[column] == OTHER_NAMES.get(row["emotion"], row["emotion"]) for row in some)
            for column in ("without", "with")
        ]
        more = np.mean([float(row["seconds"]) for row in some])
        print(
            f"{kind}: {len(some)} posts, words in {words}, {changed} answers changed, right {right}, {more:.3f} s more"
        )
        print(f"| {kind} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
