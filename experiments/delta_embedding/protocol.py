"""What is fixed before the first run: tasks, their parts, models, prices and word similarity."""

import csv
from pathlib import Path

import numpy as np

from feelscope.encoders.settings import TextSettings
from feelscope.models.settings import FusionSettings
from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.text.near_duplicates import fold
from feelscope.train.recipe import ChoiceSettings, Recipe, StepSettings
from feelscope.words.evaluation import evaluate
from feelscope.words.word_vectors import WordVectors

TASKS = {"sst2": "label", "airline": "sentiment"}
TEST, VALIDATION = 0.2, 0.1  # of airline's texts by their hash; of each training part by another
GRID = {  # c by model; Adam's steps are as long for every word, so its prices are other ones
    "mean": (0.0, 0.0005, 0.001, 0.002, 0.003, 0.0035, 0.004, 0.005, 0.01, np.inf),
    "lstm": (0.0, 0.3, 1.0, 2.5, 4.0, np.inf),
}


def read(data: Path, task: str) -> dict[str, list[Post]]:
    """The posts of a task: `train`, `validation` and `test`, no words of one in another."""
    rows = posts_of(data / task / "train.csv", TASKS[task])
    if task == "airline":
        test = [post for post in rows if fraction(key(post)) < TEST]
        rows = [post for post in rows if fraction(key(post)) >= TEST]
    else:
        test = posts_of(data / task / "dev.csv", TASKS[task])
    known = {key(post) for post in test}
    rows = [post for post in rows if key(post) not in known]
    held = [fraction(f"validation {key(post)}") < VALIDATION for post in rows]
    return {
        "train": [post for post, mark in zip(rows, held, strict=True) if not mark],
        "validation": [post for post, mark in zip(rows, held, strict=True) if mark],
        "test": test,
    }


def posts_of(file: Path, column: str) -> list[Post]:
    with file.open(encoding="utf-8", newline="") as opened:
        return [Post(row["id"], row["text"], emotion=row[column]) for row in csv.DictReader(opened)]


def key(post: Post) -> str:
    """Equal for texts of the same words; the text itself where it has none."""
    return fold(post.text or "") or str(post.text)


def recipe_of(model: str) -> Recipe:
    """The mean of word vectors, or an LSTM over them."""
    return Recipe(
        "Delta embedding.",
        FusionSettings("text_only"),
        text=TextSettings("words", "new", tokens=64, pooling=model, hidden_size=128, dropout=0.25),
        steps=StepSettings(**STEPS[model]),
        choices=ChoiceSettings(patience=PATIENCE[model]),
    )


STEPS = {
    "mean": {"optimizer": "sgd", "learning_rate": 0.5, "momentum": 0.9, "batch_size": 32, "epochs": 40},
    "lstm": {"optimizer": "adamw", "learning_rate": 0.002, "batch_size": 32, "epochs": 12, "max_grad_norm": 5.0},
}
PATIENCE = {"mean": 8, "lstm": 4}


def word_similarity(words, table: np.ndarray, data: Path) -> dict[str, float]:
    """Spearman's correlation with people's ratings: WordSim-353 and MEN."""
    vectors = WordVectors(tuple(words), table)
    found = {}
    for name, file in (("wordsim", "EN-WS-353-ALL.txt"), ("men", "EN-MEN-TR-3k.txt")):
        (score,) = evaluate(vectors, data / "words" / "similarity" / file)
        found[name] = float(score.score)
    return found
