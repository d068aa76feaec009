"""Table 6.1 of the thesis of Hu 2017 on MSED: guessing, pictures, words, both; loss, accuracy and macro-F1.

    python experiments/deep_sentiment/table.py --data DIR --words FILE --out FOLDER
    python experiments/deep_sentiment/table.py --data DIR --words FILE --out FOLDER --thesis --steps 10000

Each line of the table is kept in FOLDER/lines.jsonl as soon as it is there, and is not computed again. The networks
are trained with each of three seeds; the epoch is chosen on a tenth of train, dev is only scored. Picture and words
alone are linear layers on frozen encoders; `deep-sentiment-fast` tunes both, and FOLDER/fast-SEED is its model.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.cli.progress import Stages
from feelscope.compare import baselines
from feelscope.family.answers import answer, probabilities
from feelscope.family.fit import fit
from feelscope.family.inputs import encode
from feelscope.family.signals import Signals
from feelscope.family.train import Material, prepare, read_table
from feelscope.metrics import scores as metrics
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import Quarantine
from feelscope.text.tokens import words_of
from feelscope.train import refit, train
from feelscope.train.corpus import read_source, without_overlap
from feelscope.train.fusion_recipe import FusionRecipe
from feelscope.train.recipe import Recipe, Source, read_recipe
from feelscope.words.load import load

FAST, THESIS, TEXT = "deep-sentiment-fast", "deep-sentiment", "deep-sentiment-text"
FINER = "desire"  # the column of MSED that tells parts of an emotion apart; learnt, never read


@dataclass
class Parts:
    """Posts and labels of train (the trained part) and dev, and which dev posts also stand in train."""

    train: list[Post]
    dev: list[Post]
    train_labels: np.ndarray
    dev_labels: np.ndarray
    fresh: np.ndarray  # bool (N,): dev posts whose text and picture are not in train
    material: Material
    dev_signals: Signals


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--data", type=Path, required=True, help="the folder that holds msed/")
    given.add_argument("--words", type=Path, required=True, help="word vectors")
    given.add_argument("--out", type=Path, required=True)
    given.add_argument("--cache", type=Path, default=None, help="frozen encoders' outputs; OUT/features if not given")
    given.add_argument("--seeds", type=int, default=3)
    given.add_argument("--thesis", action="store_true", help="the LSTM recipes as well; they take hours")
    given.add_argument("--steps", type=int, default=0, help="of the LSTM recipes, instead of theirs")
    asked = given.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    kept = asked.out / "lines.jsonl"
    lines = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    there = {(line["model"], line["seed"]) for line in lines}
    with kept.open("a") as file:
        for line in compute(asked, there):
            file.write(json.dumps(line) + "\n")
            file.flush()
            lines.append(line)
    table = to_markdown(lines)
    (asked.out / "table.md").write_text(table)
    print(table)


def compute(asked: argparse.Namespace, there: set) -> Iterator[dict]:
    """The lines that are not there yet."""
    frozen = read_recipe("strong/early")
    assert isinstance(frozen, FusionRecipe)
    parts = read_parts(asked, frozen)
    yield from guess(parts, there)
    yield from plain(parts, asked, there)
    yield from halves(parts, asked, there)
    yield from fast(parts, asked, there)
    if asked.thesis:
        joint, text = read_recipe(THESIS), read_recipe(TEXT)
        assert isinstance(joint, FusionRecipe) and isinstance(text, FusionRecipe)
        if asked.steps:
            joint, text = replace(joint, steps=asked.steps), replace(text, steps=asked.steps)
        for name, recipe, modalities in (
            ("words, LSTM", text, ("text",)),
            ("words, vanilla RNN", replace(text, aggregate="rnn"), ("text",)),
            ("Deep Sentiment, LSTM", joint, ("text", "image")),
        ):
            if not {(name, seed) for seed in range(asked.seeds)} <= there:
                yield from one_network(read_parts(asked, recipe), recipe, asked, there, name, modalities)


def read_parts(asked: argparse.Namespace, recipe: FusionRecipe) -> Parts:
    stages = Stages()
    words = asked.words if recipe.text == "words" else None
    cache = asked.cache or asked.out / "features"
    with Quarantine(asked.out / "quarantine.jsonl") as quarantine:
        table = asked.data / "msed" / "train.csv"
        source = read_table(table, recipe, None, quarantine)
        material = prepare(
            source, recipe, words=words, weights=None, cache=cache, quarantine=quarantine, progress=stages
        )
        dev = read_source(
            asked.data / "msed" / "dev.csv",
            Source(table="msed/dev.csv", name="MSED dev", licence="research use"),
            material.emotions,
            quarantine=quarantine,
        ).posts
        index = {name: number for number, name in enumerate(material.emotions)}
        labels = [index[str(post.emotion)] for post in dev]
        signals = encode(dev, labels, material.inputs, progress=stages, refuse=lambda row, error: None)
        fresh = {post.id for post in without_overlap(dev, [source])}
    return Parts(
        material.training_posts,
        dev,
        material.training.labels.numpy(),
        np.array(labels),
        np.array([post.id in fresh for post in dev]),
        material,
        signals,
    )


def guess(parts: Parts, there: set) -> Iterator[dict]:
    if ("prior guessing", 0) in there:
        return
    prior = baselines.guess(parts.train_labels, len(parts.material.emotions))
    accuracy = [baselines.guessing_accuracy(prior, labels) for labels in (parts.train_labels, parts.dev_labels)]
    loss = float(-np.log(prior[parts.dev_labels]).mean())
    names = ("train_accuracy", "dev_accuracy", "dev_loss")
    yield {"model": "prior guessing", "seed": 0, **dict(zip(names, (*accuracy, loss), strict=True))}


def plain(parts: Parts, asked: argparse.Namespace, there: set) -> Iterator[dict]:
    """scikit-learn's classifiers of pixels and of mean word vectors."""
    wanted = [(kind, of) for of in ("pixels", "mean word vectors") for kind in baselines.KINDS]
    wanted = [(kind, of) for kind, of in wanted if (f"{of}, {kind}", 0) not in there]
    if not wanted:
        return
    said = {word for post in (*parts.train, *parts.dev) for word in words_of(post)}
    vectors = load(asked.words, said)
    features = {}
    for kind, of in wanted:
        if of not in features:
            both = (parts.train, parts.dev)
            features[of] = [
                baselines.pixels(posts) if of == "pixels" else baselines.mean_words(posts, vectors) for posts in both
            ]
        train, dev = features[of]
        predict = baselines.fit(kind, train, parts.train_labels, seed=0)
        yield line(f"{of}, {kind}", 0, parts, predict(train), predict(dev))


def halves(parts: Parts, asked: argparse.Namespace, there: set) -> Iterator[dict]:
    """Each half by a linear layer on its frozen encoder."""
    for name, modality in (("picture, frozen", "image"), ("words, frozen", "text")):
        recipe = read_recipe(f"strong/{modality}_only")
        assert isinstance(recipe, FusionRecipe)
        yield from one_network(parts, recipe, asked, there, name, (modality,))


def fast(parts: Parts, asked: argparse.Namespace, there: set) -> Iterator[dict]:
    """The recipe that tunes both encoders, as users train it; whole, and with one half taken away."""
    recipe = read_recipe(FAST)
    assert isinstance(recipe, Recipe)
    tables = [asked.data / "msed" / f"{part}.csv" for part in ("train", "dev")]
    for seed in range(asked.seeds):
        if ("Deep Sentiment, fast", seed) in there:
            continue
        out = asked.out / f"fast-{seed}"
        stages = Stages()
        if not (out / "metrics.json").exists():
            train.train(
                replace(recipe, seed=seed, finer=FINER),
                out,
                table=tables[0],
                dev=tables[1],
                resume=refit.begun(out),
                cache=asked.cache or asked.out / "features",
                progress=stages,
            )
        model = EmotionClassifier.load(out)
        order = [model.emotions.index(emotion) for emotion in parts.material.emotions]

        def read(posts: Sequence[Post], model: EmotionClassifier = model, order: list[int] = order) -> np.ndarray:
            return np.array([list(one.probabilities.values()) for one in model.predict(posts)])[:, order]

        found = line("Deep Sentiment, fast", seed, parts, read(parts.train), read(parts.dev))
        for kept, taken in (("text", {"image": None}), ("image", {"text": "", "title": ""})):
            alone = read([replace(post, **taken) for post in parts.dev])
            found[f"dev_macro_f1_{kept}_alone"] = macro_f1(parts.dev_labels, alone)
        stages.close()
        yield found


def one_network(
    parts: Parts, recipe: FusionRecipe, asked: argparse.Namespace, there: set, name: str, modalities: Sequence[str]
) -> Iterator[dict]:
    inputs = {key: parts.material.inputs[key] for key in modalities}
    training, tuning, dev = (
        one.only(*modalities) for one in (parts.material.training, parts.material.tuning, parts.dev_signals)
    )
    for seed in range(asked.seeds):
        if (name, seed) in there:
            continue
        stages = Stages()
        seeded = replace(recipe, seed=seed)
        fitted = fit(seeded, inputs, len(parts.material.emotions), training, tuning, stages)
        stages.close()
        train_p, dev_p = (
            probabilities(answer(fitted.network, one), fitted.temperature).numpy() for one in (training, dev)
        )
        found = line(name, seed, parts, train_p, dev_p)
        if len(modalities) > 1:  # the joint model with one half taken away
            for kept in modalities:
                rest = dev
                for other in modalities:
                    rest = rest if other == kept else rest.without(other)
                logits = answer(fitted.network, rest)
                found[f"dev_macro_f1_{kept}_alone"] = macro_f1(parts.dev_labels, logits.numpy())
        yield found | {"epochs": len(fitted.history)}


def line(name: str, seed: int, parts: Parts, train: np.ndarray, dev: np.ndarray) -> dict:
    """Scores of probabilities (N, K) of train and dev."""
    fresh = parts.fresh
    return {
        "model": name,
        "seed": seed,
        "train_accuracy": float((train.argmax(axis=1) == parts.train_labels).mean()),
        "dev_accuracy": float((dev.argmax(axis=1) == parts.dev_labels).mean()),
        "train_loss": loss(parts.train_labels, train),
        "dev_loss": loss(parts.dev_labels, dev),
        "dev_macro_f1": macro_f1(parts.dev_labels, dev),
        "dev_macro_f1_without_overlap": macro_f1(parts.dev_labels[fresh], dev[fresh]),
    }


def loss(labels: np.ndarray, found: np.ndarray) -> float:
    return float(F.nll_loss(torch.tensor(found).double().clamp(min=1e-12).log(), torch.tensor(labels)))


def macro_f1(labels: np.ndarray, found: np.ndarray) -> float:
    counts = metrics.count_answers(labels, found.argmax(axis=1), found.shape[1])
    return float(metrics.macro_f1(counts, np.unique(labels)))


COLUMNS = {
    "dev_loss": "dev loss",
    "train_accuracy": "train accuracy",
    "dev_accuracy": "dev accuracy",
    "dev_macro_f1": "dev macro-F1",
    "dev_macro_f1_without_overlap": "without overlap",
}


def to_markdown(lines: Sequence[dict]) -> str:
    """The mean over seeds, with the lowest and highest where there are several."""
    rows = [f"| model | seeds | {' | '.join(COLUMNS.values())} |", "|---" * (2 + len(COLUMNS)) + "|"]
    for name in dict.fromkeys(one["model"] for one in lines):
        some = [one for one in lines if one["model"] == name]
        cells = []
        for key in COLUMNS:
            values = [one[key] for one in some if key in one]
            spread = f" ({min(values):.3f}–{max(values):.3f})" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.3f}{spread}" if values else "–")
        rows.append(f"| {name} | {len(some)} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
