"""Train classifiers and measure their bias after every epoch.

    python experiments/gender_mitigation/classifier.py DATA VECTORS WORK [--part cells|planted] [--seeds 3]

A line of WORK/classifier.jsonl for each cell and seed; it goes on where it was stopped. Dev is read at the end of each.
"""

import argparse
import copy
import json
import time
from dataclasses import replace
from pathlib import Path

import bias
import numpy as np
import torch
from protocol import CELLS, PLANTED, RECIPE, corpus_of, debiased

from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.word_encoder import WordEncoder
from feelscope.metrics.scores import accuracy, count_answers, macro_f1
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train import loop, selection
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.data import Corpus, read_dev
from feelscope.train.encoding import EncodedCorpus

SWAPS = {"gender": bias.GENDER, "control": bias.CONTROL}


class WatchedTask(ClassifierTask):
    """A classifier whose record of an epoch has its bias."""

    def __init__(self, *given, asked: dict[str, EncodedPosts]):
        super().__init__(*given)
        self._asked = asked

    def score(self, network):
        score, record = super().score(network)
        return score, record | biases(network, self._asked)


def biases(network, asked: dict[str, EncodedPosts]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, posts in asked.items():
        probabilities = selection.answer(network, posts).softmax(dim=1).numpy()
        found |= bias.named(bias.measure(probabilities, RECIPE.data.emotions, SWAPS[name]), name)
    return found


class Prepared:
    """Posts of one kind as word ids, which are the same for plain and debiased vectors, whose words are the same."""

    def __init__(self, corpus: Corpus, data: Path, vectors: dict[bool, Path]):
        self._corpus = corpus
        posts = corpus.posts(held=False)
        self._encoders = {which: WordEncoder(file, posts, RECIPE.text, sparse=False) for which, file in vectors.items()}
        assert self._encoders[False].words == self._encoders[True].words
        self._training, self._validation = (self._encoded(corpus.rows(held)) for held in (False, True))
        dev = read_dev(RECIPE, data, RECIPE.data.emotions, Quarantine())
        self.dev = {name: self._encoded([(0, post) for post in rows]) for name, rows in dev.items()}
        self.asked = {
            name: self._encoded([(0, Post(str(n), text, emotion="neutral")) for n, text in enumerate(some)])
            for name, some in ((name, bias.sentences(swaps)) for name, swaps in SWAPS.items())
        }

    def _encoded(self, rows: list[tuple[int, Post]]) -> EncodedPosts:
        ids, present = self._encoders[False].encode([post for _, post in rows], silent, lambda *_: None)
        labels = torch.tensor([RECIPE.data.emotions.index(str(post.emotion)) for _, post in rows])
        tables = torch.tensor([number for number, _ in rows])
        return encoded_posts({"text": ids}, {"text": present}, labels, tables=tables)

    def corpus(self, is_debiased: bool, recipe) -> EncodedCorpus:
        encoder = copy.copy(self._encoders[is_debiased])
        encoder._settings = recipe.text
        sources = tuple(entry.source for entry in self._corpus.sources)
        return EncodedCorpus(
            {"text": encoder}, self._training, self._validation, len(RECIPE.data.emotions), sources=sources
        )


def run(prepared: Prepared, cell: tuple[bool, bool, bool], seed: int) -> dict:
    """Train one cell and score it."""
    is_debiased, learns, _ = cell
    recipe = replace(RECIPE, seed=seed, text=replace(RECIPE.text, train_words=learns))
    task = WatchedTask(recipe, prepared.corpus(is_debiased, recipe), seed, asked=prepared.asked)
    started = time.process_time()
    history = loop.fit(task, recipe.steps, seed=seed, patience=recipe.choices.patience, folder=None, progress=silent)
    network = task.network.eval()
    found = {"seconds": time.process_time() - started, "history": history} | biases(network, prepared.asked)
    for name, posts in prepared.dev.items():
        labels, answers = posts.labels.numpy(), selection.answer(network, posts).argmax(dim=1).numpy()
        counts = count_answers(labels, answers, len(RECIPE.data.emotions))
        found[f"{name} macro_f1"] = float(macro_f1(counts, np.unique(labels)))
        found[f"{name} accuracy"] = float(accuracy(counts))
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "vectors", "work"):
        arguments.add_argument(name, type=Path)
    arguments.add_argument("--part", choices=("cells", "planted"), default="cells")
    arguments.add_argument("--seeds", type=int, default=3)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    out = options.work / "classifier.jsonl"
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    done = {(line["cell"], line["seed"]) for line in map(json.loads, lines)}
    vectors = {False: options.vectors, True: debiased(options.vectors, options.work)}
    cells = CELLS if options.part == "cells" else PLANTED
    prepared: dict[bool, Prepared] = {}
    for seed in range(options.seeds):
        for name, cell in cells.items():
            if (name, seed) in done:
                continue
            if cell[2] not in prepared:
                corpus = corpus_of(options.data, cell[2], options.part == "planted")
                prepared[cell[2]] = Prepared(corpus, options.data, vectors)
            line = {"cell": name, "seed": seed} | run(prepared[cell[2]], cell, seed)
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            shown = {key: round(line[key], 4) for key in line if key.split(" ", 1)[-1] in SHOWN}
            print(name, seed, round(line["seconds"]), shown, flush=True)


SHOWN = ("mean_effect", "largest_effect", "flips", "total_variation", "effect anger", "macro_f1", "accuracy")

if __name__ == "__main__":
    main()
