"""The three tables of the experiment, cleaned and split: texts, and the number of each one's answer.

airline            sentiment; a fifth of the texts, by their hash, is the test part
tweeteval_emoji    one of 20 emoji; its own dev table, without the texts that are in train too
semeval2018        emotions, several a post; folds by the hash of the text
"""

import csv
from collections import Counter
from dataclasses import dataclass

import numpy as np

from feelscope.prepare.split import fraction
from feelscope.text.emoji import find_emoji
from feelscope.text.near_duplicates import fold
from feelscope.text.without_emoji import without_emoji, without_leftovers

SENTIMENTS = {"positive": "🎉", "neutral": "😈", "negative": "😡"}  # the author's emoji
TEST, FOLDS = 0.2, 5


@dataclass(frozen=True)
class Texts:
    """Some texts, the number of each one's answer (N,), and what the numbers are."""

    texts: list[str]
    answers: np.ndarray
    names: tuple[str, ...]

    def __len__(self):
        return len(self.texts)

    def at(self, rows):
        return Texts([self.texts[row] for row in rows], self.answers[rows], self.names)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(text):
    """Equal for texts of the same words; the text itself where it has none."""
    return fold(text) or text


def airline(data):
    """Training and test part."""
    names = tuple(SENTIMENTS)
    rows = read(data / "airline" / "train.csv")
    texts = [without_leftovers(row["text"]) for row in rows]
    answers = np.array([names.index(row["sentiment"]) for row in rows])
    both = Texts(texts, answers, names)
    held = np.array([fraction(key(text)) < TEST for text in texts])
    return both.at(np.flatnonzero(~held)), both.at(np.flatnonzero(held))


def tweeteval_emoji(data):
    """Training and dev part; the names are the emoji, the most frequent first."""
    parts = {name: read(data / "tweeteval_emoji" / f"{name}.csv") for name in ("train", "dev")}
    counts = Counter(row["emoji"] for row in parts["train"])
    names = tuple(sorted(counts, key=lambda emoji: (-counts[emoji], emoji)))
    train, dev = (
        Texts(
            [without_leftovers(row["text"]) for row in rows],
            np.array([names.index(row["emoji"]) for row in rows]),
            names,
        )
        for rows in parts.values()
    )
    known = {key(text) for text in train.texts}
    return train, dev.at(np.array([row for row, text in enumerate(dev.texts) if key(text) not in known]))


def validation(training, seed=0, share=0.1):
    """A training part cut in two by the hash of the text: what is left, and what choices are made on."""
    held = np.array([fraction(f"{seed} {key(text)}") < share for text in training.texts])
    return training.at(np.flatnonzero(~held)), training.at(np.flatnonzero(held))


@dataclass(frozen=True)
class EmotionPosts:
    """Posts with emoji: texts without them, the emoji of each, emotions (N, K), folds (N,)."""

    texts: list[str]
    emoji: list[list[str]]
    emotions: np.ndarray
    names: tuple[str, ...]
    folds: np.ndarray


def semeval2018(data):
    """The posts that have an emoji; near-copies, which differ in nothing but signs, are in one fold."""
    rows = [row for row in read(data / "semeval2018" / "train.csv") if find_emoji(row["text"])]
    said = [{name for name in row["emotions"].split("|") if name} for row in rows]
    names = tuple(sorted(set().union(*said)))
    texts = [without_emoji(row["text"]) for row in rows]
    return EmotionPosts(
        texts,
        [find_emoji(row["text"]) for row in rows],
        np.array([[name in one for name in names] for one in said]),
        names,
        np.array([int(fraction(key(text)) * FOLDS) for text in texts]),
    )
