"""The named measures: what a model answers to posts of public dev parts, as they are and changed in one way.

Each takes a model and the folder of the data, and gives scores by name. What is drawn is drawn by seed 0.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import sources
from altered import ALTERED, altered
from groups import GROUPS, sentences
from scoring import Score, answers, calibration, f1, f1_cost, labels_of, mean, recall_cost

from feelscope import EmotionClassifier, Post
from feelscope.emotions import SEVEN

NAMES = "maria_k tom92 jess thebigcarl lena.b mr_okafor sunnydays ines noah_w kit_kat".split()
CITIES = "berlin london lagos lima paris tokyo chicago oslo mumbai sydney".split()
VALENCES = ("positive", "neutral", "negative")
# Surprise may be of good or of bad news: it is counted with what says neither.
_OF_VALENCE = {
    "positive": ("happiness",),
    "neutral": ("neutral", "surprise"),
    "negative": ("sadness", "anger", "fear", "disgust"),
}
_LENT = 3  # draws of random pictures

Scores = Mapping[str, Score]


def goemotions(model: EmotionClassifier, data: Path) -> Scores:
    """Words as they are, and with a name before them or a place behind."""
    posts = sources.goemotions(data)
    labels, before = labels_of(posts), answers(model, posts)
    found = before.argmax(axis=1)
    scores = {"macro-F1": f1(labels, found), "calibration error": calibration(labels, before)}
    for name, change in (
        ("@name", lambda text, row: f"@{NAMES[row % len(NAMES)]} {text}"),
        ("#city", lambda text, row: f"{text} #{CITIES[row % len(CITIES)]}"),
    ):
        changed = [replace(post, text=change(post.text, row)) for row, post in enumerate(posts)]
        after = answers(model, changed).argmax(axis=1)
        scores[f"{name}: answers changed"] = mean(after != found)
        scores[f"{name}: neutral recall lost"] = recall_cost(labels, found, after, "neutral")
    return scores


def msed(model: EmotionClassifier, data: Path) -> Scores:
    """Posts as they are and by one modality, and the words beside another post's picture."""
    posts = sources.msed(data)
    labels = labels_of(posts)
    scores: dict[str, Score] = {}
    words = [replace(post, image=None) for post in posts]
    pictures = [replace(post, title="", text="") for post in posts]
    by_words = np.zeros(0)
    for name, read in (("both", posts), ("words", words), ("picture", pictures)):
        probabilities = answers(model, read)
        scores[f"{name}: macro-F1"] = f1(labels, probabilities.argmax(axis=1))
        scores[f"{name}: calibration error"] = calibration(labels, probabilities)
        if name == "words":
            by_words = probabilities.argmax(axis=1)
    draws = np.random.default_rng(0)
    lent = []
    for _ in range(_LENT):
        order = draws.permutation(len(posts))
        beside = [replace(post, image=posts[row].image) for post, row in zip(words, order, strict=True)]
        lent.append(answers(model, beside).argmax(axis=1))
    scores["words beside a random picture: macro-F1 lost"] = f1_cost(
        np.tile(labels, _LENT), np.tile(by_words, _LENT), np.concatenate(lent)
    )
    return scores


def pictures(model: EmotionClassifier, data: Path) -> Scores:
    """MSED's pictures alone, altered: what macro-F1 loses."""
    posts = sources.msed(data)
    labels = labels_of(posts)
    stored = [Path(str(post.image)).read_bytes() for post in posts]
    plain = answers(model, [Post(post.id, image=content) for post, content in zip(posts, stored, strict=True)])
    scores: dict[str, Score] = {"as it is: macro-F1": f1(labels, plain.argmax(axis=1))}
    for name in ALTERED:
        read = [Post(post.id, image=altered(content, name)) for post, content in zip(posts, stored, strict=True)]
        found = answers(model, read).argmax(axis=1)
        scores[f"{name}: macro-F1"] = f1(labels, found)
        scores[f"{name}: macro-F1 lost"] = f1_cost(labels, plain.argmax(axis=1), found)
    return scores


def airline(model: EmotionClassifier, data: Path) -> Scores:
    """Tweets to airlines, by three valences."""
    posts = sources.airline(data, dev=True)
    labels, probabilities = labels_of(posts, VALENCES), valences(answers(model, posts))
    return {
        "macro-F1": f1(labels, probabilities.argmax(axis=1), len(VALENCES)),
        "neutral read as neutral": mean(probabilities[labels == 1].argmax(axis=1) == 1),
        "calibration error": calibration(labels, probabilities),
    }


def valences(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities (N, 7) of emotions to those of the valences (N, 3)."""
    columns = [[SEVEN.index(name) for name in _OF_VALENCE[valence]] for valence in VALENCES]
    return np.stack([probabilities[:, column].sum(axis=1) for column in columns], axis=1)  # (N, 3)


def fer(model: EmotionClassifier, data: Path) -> Scores:
    """Grey faces of 48 pixels."""
    posts = sources.fer(data / "fer2013/dev.parquet")
    labels, probabilities = labels_of(posts), answers(model, posts)
    return {
        "macro-F1": f1(labels, probabilities.argmax(axis=1)),
        "calibration error": calibration(labels, probabilities),
    }


def groups(model: EmotionClassifier, data: Path) -> Scores:
    """The mean probability of the four negative emotions in neutral sentences about a group."""
    columns = [SEVEN.index(name) for name in _OF_VALENCE["negative"]]
    negative = {
        group: answers(model, [Post(str(row), text) for row, text in enumerate(sentences(group))])[:, columns].sum(
            axis=1
        )
        for group in GROUPS
    }
    means = {group: float(values.mean()) for group, values in negative.items()}
    highest, lowest = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    return {
        f"highest, {highest}": mean(negative[highest]),
        f"lowest, {lowest}": mean(negative[lowest]),
        "highest less lowest": {"value": means[highest] - means[lowest]},
    }


MEASURES = {
    "GoEmotions": goemotions,
    "MSED": msed,
    "MSED pictures": pictures,
    "airline": airline,
    "FER-2013": fer,
    "groups": groups,
}
