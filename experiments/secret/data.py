"""The six sets as numbers: frozen vectors of texts, and digits and breast cancer as scikit-learn has them.

    python experiments/secret/data.py DATA --out vectors

Texts are read by MiniLM as published, frozen; each vector has length one. No text of a test part is in training.
"""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import TextSettings
from feelscope.models.settings import FusionSettings
from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.progress import silent
from feelscope.text.near_duplicates import fold
from feelscope.train.encoding import open_encoders
from feelscope.train.recipe import Recipe

TEXTS = {"msed": "emotion", "airline": "sentiment", "tweeteval_emotion": "emotion", "sst2": "label"}  # their labels
SETS = (*TEXTS, "digits", "breast_cancer")
WORDS = {  # labels that are no words themselves
    "sst2": {"0": "negative", "1": "positive"},
    "digits": dict(enumerate("zero one two three four five six seven eight nine".split())),
    "breast_cancer": {0: "malignant", 1: "benign"},
}
TEST = 0.2  # of airline's texts by their hash
SPLIT_TEST = 0.3  # of digits and breast cancer, drawn by each seed


@dataclass(frozen=True)
class Parts:
    """One seed's training and test rows, and which rows of the whole set the test's are."""

    train: np.ndarray  # (N, D)
    train_labels: np.ndarray  # words (N,)
    test: np.ndarray  # (M, D)
    test_labels: np.ndarray  # words (M,)
    test_rows: np.ndarray  # (M,)


def parts(folder: Path, name: str, seed: int) -> Parts:
    """The same parts in every seed for texts, other ones for digits and breast cancer."""
    if name in TEXTS:
        known = np.load(folder / f"{name}.npz")
        train, test = known["train"], known["test"]
        return Parts(train, known["train_labels"], test, known["test_labels"], np.arange(len(test)))
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    loaded = {"digits": datasets.load_digits, "breast_cancer": datasets.load_breast_cancer}[name]()
    labels = np.array([WORDS[name][label] for label in loaded.target])
    rows = np.arange(len(labels))
    train, test = train_test_split(rows, test_size=SPLIT_TEST, random_state=seed, stratify=labels)
    return Parts(loaded.data[train], labels[train], loaded.data[test], labels[test], test)


def posts_of(file: Path, name: str) -> list[Post]:
    """The posts of a table, each label a word."""
    words = WORDS.get(name, {})
    with file.open(encoding="utf-8", newline="") as opened:
        return [
            Post(row["id"], row["text"], title=row.get("title", ""), emotion=words.get(label, label))
            for row in csv.DictReader(opened)
            for label in [row[TEXTS[name]]]
        ]


def key(post: Post) -> str:
    """Equal for texts of the same words; the text itself where it has none."""
    return fold(post.text or "") or str(post.text)


def read(data: Path, name: str) -> dict[str, list[Post]]:
    """Train and test: of MSED the dev posts whose caption is in train are left out, elsewhere the training's."""
    train = posts_of(data / name / "train.csv", name)
    if name == "airline":
        test = [post for post in train if fraction(key(post)) < TEST]
        train = [post for post in train if fraction(key(post)) >= TEST]
    else:
        test = posts_of(data / name / "dev.csv", name)
    if name == "msed":
        known = {key(post) for post in train}
        return {"train": train, "test": [post for post in test if key(post) not in known]}
    known = {key(post) for post in test}
    return {"train": [post for post in train if key(post) not in known], "test": test}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe("Vectors.", FusionSettings("text_only"), text=TextSettings("minilm"))
    for name in TEXTS:
        if (options.out / f"{name}.npz").exists():
            continue
        found = {}
        for part, posts in read(options.data, name).items():
            (encoder,) = open_encoders(recipe, posts, Resources(cache=options.out / "features")).values()
            values, _ = encoder.encode(posts, silent, lambda *_: None)
            rows = encoder.embedder().eval()(values).detach().numpy()
            found[part] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
            found[f"{part}_labels"] = np.array([str(post.emotion) for post in posts])
        np.savez(options.out / f"{name}.npz", **found)
        print(name, {part: value.shape for part, value in found.items()}, flush=True)


if __name__ == "__main__":
    main()
