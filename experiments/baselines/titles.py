"""Reddit's titles: what the settings of TF-IDF with a linear SVM change, and what the split changes.

    python experiments/baselines/titles.py reddit/train.csv reddit/dev.csv

Each row of settings is trained on the first table and scored on the second, the validation split. Then both tables
are cut at random into nine parts, each scored by an SVM of the other eight: what a random split would have given. The
test table is not opened.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

PLAIN: dict = {"words": (1, 2), "characters": (3, 5), "least": 1, "C": 1.0}
TRIES: tuple[dict, ...] = (
    {},
    {"C": 0.25},
    {"C": 0.5},
    {"C": 2.0},
    {"characters": (2, 5)},
    {"least": 2},
    {"characters": (2, 5), "least": 2},
    {"words": (1, 1)},
    {"words": (1, 3)},
)
PARTS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("validation", type=Path)
    options = parser.parse_args()
    (train, labels), (validation, answers) = read(options.train), read(options.validation)
    every, both = np.concatenate([train, validation]), np.concatenate([labels, answers])
    parts = list(StratifiedKFold(PARTS, shuffle=True, random_state=0).split(every, both))
    print(f"{len(train):,} posts, {len(validation):,} of the validation split\n")
    print("| settings | validation split | random parts |\n|---|---|---|")
    for tried in TRIES:
        settings = PLAIN | tried
        alone = accuracy(settings, train, labels, validation, answers)
        each = [accuracy(settings, every[near], both[near], every[far], both[far]) for near, far in parts]
        named = ", ".join(f"{name} {value}" for name, value in tried.items()) or f"plain: {PLAIN}"
        spread = f"{np.mean(each):.3f} ± {np.std(each, ddof=1):.3f} ({min(each):.3f} to {max(each):.3f})"
        print(f"| {named} | {alone:.3f} | {spread} |", flush=True)


def read(table: Path) -> tuple[np.ndarray, np.ndarray]:
    """Titles and emotions, each (N,)."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([row["text"] for row in rows], dtype=object), np.array([row["emotion"] for row in rows])


def accuracy(settings: dict, train: np.ndarray, labels: np.ndarray, posts: np.ndarray, answers: np.ndarray) -> float:
    """Of an SVM of the n-grams of `train`, on `posts`."""
    counted = {"sublinear_tf": True, "min_df": settings["least"]}
    words = TfidfVectorizer(ngram_range=settings["words"], **counted)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=settings["characters"], **counted)
    model = make_pipeline(make_union(words, characters), LinearSVC(C=settings["C"]))
    return float((model.fit(train, labels).predict(posts) == answers).mean())


if __name__ == "__main__":
    main()
