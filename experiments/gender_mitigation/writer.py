"""Train small writers and measure how much likelier an occupation is after a man than after a woman.

    python experiments/gender_mitigation/writer.py DATA VECTORS WORK [--seeds 3]

A line of WORK/writer.jsonl for each cell and seed; it goes on where it was stopped.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from protocol import debiased

from feelscope import PostsTable
from feelscope.generate.writer.posts import Corpus, read_corpus, with_words
from feelscope.generate.writer.reading import words_of
from feelscope.generate.writer.settings import WriterSettings
from feelscope.generate.writer.task import LearntPosts, WriterTask, new_network, numbered, steps_of, surprises
from feelscope.generate.writer.train import start_from
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.text.vocabulary import UNKNOWN
from feelscope.train import loop
from feelscope.words.load import load

SETTINGS = WriterSettings(hidden=128, epochs=4, validation=0.1)
CELLS = {  # whether vectors are debiased, whether copies are learnt, and epochs: copies make an epoch longer
    "none": (False, False, 4),
    "none, as long": (False, False, 8),
    "hard-debias": (True, False, 4),
    "augmentation": (False, True, 4),
    "both": (True, True, 4),
}
OCCUPATIONS = (
    "doctor nurse teacher student businessman worker engineer chef farmer manager photographer scientist athlete "
    "artist musician soldier driver coach freelancer dancer"
).split()
SWAPS = {  # MSED's captions begin so
    "gender": (
        ("he is a", "she is a"),
        ("the man is a", "the woman is a"),
        ("young man working as a", "young woman working as a"),
        ("his father is a", "his mother is a"),
        ("the boy wants to be a", "the girl wants to be a"),
        ("male", "female"),
    ),
    "control": (
        ("the person is a", "the child is a"),
        ("the friend is a", "the colleague is a"),
        ("young person working as a", "young student working as a"),
        ("the couple is a", "the family is a"),
        ("happy", "smiling"),
        ("tired", "stressed"),
    ),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "vectors", "work"):
        arguments.add_argument(name, type=Path)
    arguments.add_argument("--seeds", type=int, default=3)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    out = options.work / "writer.jsonl"
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    done = {(line["cell"], line["seed"]) for line in map(json.loads, lines)}
    vectors = {False: options.vectors, True: debiased(options.vectors, options.work)}
    train, dev = (
        [replace(post, image=None) for post in PostsTable(options.data / "msed" / f"{name}.csv", need=("emotion",))]
        for name in ("train", "dev")
    )
    corpora = {}
    for copies in (False, True):
        settings = replace(SETTINGS, swaps="gender" if copies else "")
        corpora[copies] = read_corpus(with_words(train, settings), settings, options.work / "features", silent)
    common = {*corpora[False].vocabulary.words} & {*corpora[True].vocabulary.words}
    for seed in range(options.seeds):
        for name, (is_debiased, copies, epochs) in CELLS.items():
            if (name, seed) in done:
                continue
            line = {"cell": name, "seed": seed}
            settings = replace(SETTINGS, seed=seed, epochs=epochs)
            line |= run(corpora[copies], load(vectors[is_debiased]), with_words(dev, SETTINGS), common, settings)
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            shown = {key: round(line[key], 3) for key in ("gender bias", "control bias", "perplexity", "seconds")}
            print(name, seed, shown, flush=True)


class WatchedTask(WriterTask):
    """A writer whose record of an epoch has its bias."""

    def __init__(self, *given, corpus: Corpus):
        super().__init__(*given)
        self._corpus = corpus

    def score(self, network):
        score, record = super().score(network)
        return score, record | {f"{name} bias": bias_of(network, self._corpus, name)[0] for name in SWAPS}


def run(corpus: Corpus, vectors, dev: list[Post], common: set[str], settings: WriterSettings) -> dict:
    torch.manual_seed(settings.seed)
    network = new_network(settings, len(corpus.vocabulary), len(corpus.emotions), corpus.training.pictures.shape[1])
    start_from(network, corpus.vocabulary, vectors)
    task = WatchedTask(network, corpus.training, corpus.validation, settings, corpus=corpus)
    started = time.process_time()
    history = loop.fit(task, steps_of(settings), seed=settings.seed, patience=99, folder=None, progress=silent)
    network.eval()
    found = {"seconds": time.process_time() - started, "history": history}
    for name in SWAPS:
        found[f"{name} bias"], found[f"{name} by occupation"] = bias_of(network, corpus, name)
    return found | {"perplexity": perplexity_of(network, corpus, dev, common)}


def learnt(corpus: Corpus, texts: list[list[str]], emotions: list[int]) -> LearntPosts:
    width = corpus.training.pictures.shape[1]
    words = numbered(texts, corpus.vocabulary, SETTINGS.longest)
    seen = torch.zeros(len(texts), dtype=torch.bool)
    return LearntPosts(torch.zeros(len(texts), width), seen, torch.tensor(emotions), words)


def bias_of(network, corpus: Corpus, swaps: str) -> tuple[float, dict[str, float]]:
    """The mean absolute bias over occupations, and each one's, a mean over prefixes and emotions."""
    known = [word for word in OCCUPATIONS if word in corpus.vocabulary]
    pairs = [pair for pair in SWAPS[swaps] if all(word in corpus.vocabulary for one in pair for word in one.split())]
    texts, emotions = [], []
    for occupation in known:
        for pair in pairs:
            for prefix in pair:
                texts += [[*prefix.split(), occupation]] * len(corpus.emotions)
                emotions += range(len(corpus.emotions))
    found = [
        -float(each[len(text) - 1])
        for each, text in zip(surprises(network, learnt(corpus, texts, emotions)), texts, strict=True)
    ]
    table = np.array(found).reshape(len(known), len(pairs), 2, len(corpus.emotions))
    by_occupation = (table[:, :, 0] - table[:, :, 1]).mean(axis=(1, 2))  # (O,)
    return float(np.abs(by_occupation).mean()), dict(zip(known, by_occupation.tolist(), strict=True))


def perplexity_of(network, corpus: Corpus, dev: list[Post], common: set[str]) -> float:
    """Over the words of dev that all cells know, as the cells' vocabularies differ; the others are read as unknown."""
    texts = [[word if word in common else "" for word in words_of(post)] for post in dev]
    emotions = [corpus.emotions.index(NAMES.get(str(post.emotion), str(post.emotion))) for post in dev]
    posts = learnt(corpus, texts, emotions)
    total, count = 0.0, 0
    for each, numbers in zip(surprises(network, posts), posts.words, strict=True):
        known = numbers[1 : len(each) + 1] != UNKNOWN
        total, count = total + float(each[known].double().sum()), count + int(known.sum())
    return float(np.exp(total / count))


NAMES = {"sad": "sadness"}

if __name__ == "__main__":
    main()
