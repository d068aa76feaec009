"""Posts of planted emotions for the fusion family: as tensors, and as a table with a file of word vectors."""

import csv
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.word_average import WordAverage
from feelscope.family.signals import Signals
from feelscope.train.fusion_recipe import FusionRecipe

EMOTIONS = ("happiness", "sadness", "fear")
WIDTHS = {"text": 6, "image": 9, "tags": 4}
SAID = {"happiness": ("sunny", "laugh"), "sadness": ("grave", "tears"), "fear": ("scream", "dark")}
FILLERS = ("the", "a", "we", "saw", "house", "then", "went")


def recipe(model: str, **changes) -> FusionRecipe:
    """A recipe that learns the planted emotions in a second."""
    settings = {"rate": 0.05, "momentum": 0.9, "batch": 8, "epochs": 12, "patience": 12, "text_dropout": 0.0}
    reads = {"text_only": {"text": "words"}, "image_only": {"image": "lite0"}}
    both = {"text": "words", "image": "lite0"}
    return FusionRecipe("A test.", model, **{**settings, **reads.get(model, both), **changes})


class Fixed:
    """An input whose vectors are there already."""

    def __init__(self, width: int):
        self.width = width

    def reader(self) -> nn.Module:
        return FixedVectors(self.width, normalise=False, dropout=0.0)


class Words:
    """An input of word ids 1 to 9: three for each emotion."""

    width = 5

    def __init__(self, train: bool = True, dropout: float = 0.0):
        self.train, self.dropout = train, dropout

    def reader(self) -> nn.Module:
        table = np.random.default_rng(0).normal(0, 1, (10, self.width)).astype(np.float32)
        table[0] = 0
        return WordAverage(table, 10, train=self.train, dropout=self.dropout, aggregate="max")


def inputs(*names: str, words: Words | None = None) -> dict:
    """Inputs by name, of `text` word ids where `words` is given."""
    made: dict = {name: Fixed(WIDTHS[name]) for name in names or WIDTHS}
    return made | ({"text": words} if words else {})


def signals(posts: int = 96, seed: int = 0, names=tuple(WIDTHS), words: bool = False, missing: bool = True) -> Signals:
    """Posts of three emotions: number `label` of every vector is high, a word of three says it as well.

    Of six posts, each modality is missing in one, where `missing` says so.
    """
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(posts) % len(EMOTIONS)
    given, present = {}, {}
    for place, name in enumerate(names):
        given[name] = torch.randn(posts, WIDTHS[name], generator=draw) * 0.3
        given[name][torch.arange(posts), labels] += 2
        present[name] = torch.ones(posts)
        if missing and len(names) > 1:
            present[name][(torch.arange(posts) // 3) % 6 == place] = 0
    if words:
        saying = 1 + labels * 3 + torch.randint(0, 3, (posts,), generator=draw)
        given["text"] = torch.stack([saying, torch.zeros(posts, dtype=torch.long)], dim=1)
    return Signals(given, present, labels)


def write_vectors(path: Path, width: int = 6) -> Path:
    """Word vectors as GloVe writes them; words of one emotion are alike."""
    draw = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for number, (_, words) in enumerate(SAID.items()):
            for word in (*words, f"rare{'abc'[number]}"):
                vector = draw.normal(0, 0.1, width)
                vector[number] += 1
                file.write(f"{word} {' '.join(f'{value:.4f}' for value in vector)}\n")
        for word in FILLERS:
            file.write(f"{word} {' '.join(f'{value:.4f}' for value in draw.normal(0, 0.1, width))}\n")
    return path


def write_table(path: Path, posts: int = 60, first: int = 0) -> Path:
    """Posts whose words, tags and votes say the emotion; of six, one has no known word and one no tags and votes."""
    draw = np.random.default_rng(first)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", "tags", "votes", "emotion"])
        for number in range(first, first + posts):
            label = number % 3
            emotion = EMOTIONS[label]
            way = number // 3 % 6
            some = [*draw.choice(FILLERS, 3), str(draw.choice(SAID[emotion])), f"xy{number}"]
            text = f"zzz qqq{number}" if way == 4 else " ".join(draw.permutation(some))
            tags, votes = ("", "") if way == 5 else (f"#{emotion[:3]}", label * 10 + draw.integers(3))
            table.writerow([f"post {number}", text, tags, votes, emotion])
    return path
