"""What is fixed before the first run: tasks, their parts, the model, and what is tried."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.emotions import GOEMOTIONS_TO_SEVEN, MSED, SEVEN
from feelscope.encoders.settings import TextSettings
from feelscope.models.settings import FusionSettings
from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.text.near_duplicates import fold
from feelscope.train.recipe import ChoiceSettings, Recipe, StepSettings

VALIDATION = 0.2  # of each training part, by the hash of a post's words
TRAINING_POSTS = {"goemotions": 6_000}  # the most of a set that are read, validation included; by another hash
SEEDS, TUNING_SEED = (0, 1, 2, 3, 4), 100
CURVE_SEEDS = SEEDS[:3]
WEIGHTS = (0.1, 0.5, 2.0)
RATIO = 2.0  # hard negatives for each positive: what the claim asks for, where there are as many
LONGER = 7  # epochs without the second softmax, whose steps are shorter: at least the wall time that it takes
RATIOS = (0.5, 1.0, 2.0, 4.0, 8.0)
METHODS = ("words", "chance")  # what calls a negative hard; chance is the control


@dataclass(frozen=True)
class Task:
    """An emotion of a set against the rest, or all emotions of it.

    Args:
        emotion: Empty for all.
    """

    name: str
    set: str
    emotions: tuple[str, ...]
    emotion: str = ""

    def label(self, post: Post) -> int:
        """The number of a post's emotion among `emotions`, or of the rest."""
        return self.emotions.index(str(post.emotion)) if not self.emotion else int(post.emotion == self.emotion)


def _tasks(name: str, emotions: tuple[str, ...]) -> list[Task]:
    one = [Task(f"{name} {emotion}", name, ("rest", emotion), emotion) for emotion in emotions]
    return [*one, Task(f"{name} all", name, emotions)]


TASKS = {
    task.name: task
    for task in (
        *_tasks("msed", MSED),
        *_tasks("goemotions", SEVEN),
        Task("sst2", "sst2", ("0", "1")),
    )
}
CURVE = ("msed fear", "msed disgust", "goemotions sadness")  # rare enough for large ratios


def read(data: Path, name: str) -> dict[str, list[Post]]:
    """The posts of a set: `train`, `validation` and `test`; no words of one in another."""
    rows, test = (_posts(data / name / f"{part}.csv", name) for part in ("train", "dev"))
    said = {key(post) for post in rows} | {fold(post.text or "") for post in rows}
    test = [post for post in test if key(post) not in said and fold(post.text or "") not in said]
    most = TRAINING_POSTS.get(name, len(rows))
    rows = sorted(rows, key=lambda post: fraction(f"training {post.id}"))[:most]
    held = [fraction(f"validation {key(post)}") < VALIDATION for post in rows]
    return {
        "train": [post for post, mark in zip(rows, held, strict=True) if not mark],
        "validation": [post for post, mark in zip(rows, held, strict=True) if mark],
        "test": test,
    }


def _posts(file: Path, name: str) -> list[Post]:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    if name == "msed":
        known = {"sad": "sadness"}
        return [
            Post(row["id"], row["text"], title=row["title"], emotion=known.get(row["emotion"], row["emotion"]))
            for row in rows
        ]
    if name == "goemotions":
        single = [row for row in rows if "|" not in row["emotions"]]
        return [Post(row["id"], row["text"], emotion=GOEMOTIONS_TO_SEVEN[row["emotions"]]) for row in single]
    return [Post(row["id"], row["text"], emotion=row["label"]) for row in rows]


def key(post: Post) -> str:
    """Equal for posts of the same words; the text itself where it has none."""
    return fold(" ".join(post.texts)) or str(post.text)


RECIPE = Recipe(
    "DSReg.",
    FusionSettings("text_only"),
    text=TextSettings("words", "new", tokens=30, pooling="mean", dropout=0.25),
    steps=StepSettings(optimizer="adamw", learning_rate=0.005, batch_size=64, epochs=6),
    choices=ChoiceSettings(patience=9),
)


def f1(labels: np.ndarray, answers: np.ndarray, task: Task, weights: np.ndarray | None = None) -> np.ndarray:
    """F1 of the emotion, or the mean over all emotions: a score for each row of `weights` (R, N), of posts (N,)."""
    weights = np.ones((1, len(labels)), np.float32) if weights is None else weights
    scores = []
    for emotion in (1,) if task.emotion else range(len(task.emotions)):
        is_it, said = labels == emotion, answers == emotion
        marks = np.stack([is_it & said, is_it, said], axis=1).astype(np.float32)  # (N, 3)
        both, true, answered = (weights @ marks).T  # (R,) each
        scores.append(2 * both / np.maximum(true + answered, 1))
    return np.mean(scores, axis=0)  # (R,)
