"""Posts of planted emotions: as tensors for trainings of a second, and as a table with a file of word vectors."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.encoder import Encoder
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.word_average import WordAverage
from feelscope.models.settings import FusionSettings
from feelscope.progress import Progress
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.recipe import ChoiceSettings, Recipe, StepSettings

EMOTIONS = ("happiness", "sadness", "fear")
WIDTHS = {"text": 6, "image": 9, "tags": 4}
SAID = {"happiness": ("sunny", "laugh"), "sadness": ("grave", "tears"), "fear": ("scream", "dark")}
FILLERS = ("the", "a", "we", "saw", "house", "then", "went")
WORDS = TextSettings("words", "new", dropout=0.0)


def recipe(model: str, **changes) -> Recipe:
    """A recipe that learns the planted emotions in a second.

    Args:
        changes: Whole tables by name, or single settings of any of them as `table__setting`.
    """
    made = Recipe(
        "A test.",
        FusionSettings(model),
        text=TextSettings() if model == "image_only" else WORDS,
        image=ImageSettings() if model == "text_only" else ImageSettings("lite0"),
        steps=StepSettings(learning_rate=0.05, momentum=0.9, batch_size=8, epochs=12),
        choices=ChoiceSettings(patience=12),
    )
    return changed(made, **changes)


def changed(made: Recipe, **changes) -> Recipe:
    """A recipe with other tables, or single settings as `table__setting`."""
    tables = {name: value for name, value in changes.items() if "__" not in name}
    settings: dict[str, dict] = {}
    for name, value in changes.items():
        table, _, setting = name.partition("__")
        if setting:
            settings.setdefault(table, {})[setting] = value
    for table, values in settings.items():  # all at once: some belong together
        tables[table] = replace(tables.get(table, getattr(made, table)), **values)
    return replace(made, **tables)


class Stopped(Exception):
    """A test's Ctrl+C."""


def stop_at(stage: str, step: int) -> Progress:
    """A progress that stops a training at a step of a stage."""

    def progress(now, done, total, detail):
        if now == stage and done == step:
            raise Stopped

    return progress


class Fixed(Encoder):
    """An encoder whose vectors are there already."""

    def __init__(self, width: int):
        self.width = width

    def encode(self, posts, progress, refuse):
        raise NotImplementedError

    def embedder(self) -> nn.Module:
        return FixedVectors(self.width, normalise=False, dropout=0.0)

    def write(self, folder, embedder, posts):
        raise NotImplementedError


class Words(Fixed):
    """An encoder of word ids 1 to 9: three for each emotion."""

    def __init__(self, train: bool = True, dropout: float = 0.0):
        super().__init__(5)
        self.train, self.dropout = train, dropout

    def embedder(self) -> nn.Module:
        table = np.random.default_rng(0).normal(0, 1, (10, self.width)).astype(np.float32)
        table[0] = 0
        return WordAverage(table, 10, train=self.train, dropout=self.dropout, pooling="max")


def encoders(*names: str, words: Words | None = None) -> dict[str, Encoder]:
    """Encoders by name, of `text` word ids where `words` is given."""
    made: dict[str, Encoder] = {name: Fixed(WIDTHS[name]) for name in names or WIDTHS}
    return made | ({"text": words} if words else {})


def posts(
    count: int = 96, seed: int = 0, names=tuple(WIDTHS), words: bool = False, missing: bool = True
) -> EncodedPosts:
    """Posts of three emotions: number `label` of every vector is high, a word of three says it as well.

    Of six posts, each modality is missing in one, where `missing` says so.
    """
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(EMOTIONS)
    inputs, present = {}, {}
    for place, name in enumerate(names):
        inputs[name] = torch.randn(count, WIDTHS[name], generator=draw) * 0.3
        inputs[name][torch.arange(count), labels] += 2
        present[name] = torch.ones(count)
        if missing and len(names) > 1:
            present[name][(torch.arange(count) // 3) % 6 == place] = 0
    if words:
        saying = 1 + labels * 3 + torch.randint(0, 3, (count,), generator=draw)
        inputs["text"] = torch.stack([saying, torch.zeros(count, dtype=torch.long)], dim=1)
    return encoded_posts(inputs, present, labels)


def corpus(
    *names: str,
    training: EncodedPosts | None = None,
    validation: EncodedPosts | None = None,
    words: Words | None = None,
) -> EncodedCorpus:
    """Posts to train on and to choose on, with their encoders."""
    names = names or tuple(WIDTHS)
    given = {"names": names, "words": words is not None}
    return EncodedCorpus(
        encoders(*names, words=words),
        posts(**given) if training is None else training,
        posts(30, 1, **given) if validation is None else validation,
        len(EMOTIONS),
    )


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


def write_table(path: Path, count: int = 60, first: int = 0) -> Path:
    """Posts whose words, tags and votes say the emotion; of six, one has no known word and one no tags and votes."""
    draw = np.random.default_rng(first)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", "tags", "votes", "emotion"])
        for number in range(first, first + count):
            label = number % 3
            emotion = EMOTIONS[label]
            sixth = number // 3 % 6
            words = [*draw.choice(FILLERS, 3), str(draw.choice(SAID[emotion])), f"xy{number}"]
            text = f"zzz qqq{number}" if sixth == 4 else " ".join(draw.permutation(words))
            tags, votes = ("", "") if sixth == 5 else (f"#{emotion[:3]}", label * 10 + draw.integers(3))
            table.writerow([f"post {number}", text, tags, votes, emotion])
    return path
