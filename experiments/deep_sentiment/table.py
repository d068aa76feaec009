"""Table 6.1 of the thesis of Hu 2017 on MSED: guessing, pictures, words, both; loss, accuracy and macro-F1.

    python experiments/deep_sentiment/table.py --data DIR --words FILE --out FOLDER
    python experiments/deep_sentiment/table.py --data DIR --words FILE --out FOLDER --report experiments/deep_sentiment

Each line of the table is written to FOLDER/lines.jsonl as soon as it is computed, and is not computed again; a killed
training goes on from its checkpoint. The networks are trained with each of three seeds; the epoch is chosen on the
validation split, a tenth of train; dev is only scored. "Frozen" lines are linear layers on frozen encoders. `--fast`
adds `deep-sentiment-fast`, which tunes both; FOLDER/fast-SEED is its model. The second command trains nothing and
writes the table, differences with intervals, and the curves of accuracy.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from report import file_name, write_report
from torch.nn import functional as F

from feelscope.cli.progress import Stages
from feelscope.compare import baselines
from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode
from feelscope.files import write_json, write_whole
from feelscope.metrics import scores as metrics
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import Quarantine
from feelscope.text.tokens import words_of
from feelscope.train import checkpoint
from feelscope.train.data import read_corpus, read_source, without_overlap
from feelscope.train.encoding import EncodedCorpus, encode_corpus
from feelscope.train.fit import Fitted, fit_classifier
from feelscope.train.recipe import Recipe, Source, change, read_recipe
from feelscope.train.selection import answer
from feelscope.train.train import train
from feelscope.words.load import load

FAST, THESIS, TEXT, MEAN = "deep-sentiment-fast", "deep-sentiment", "deep-sentiment-text", "deep-sentiment-mean"
SUBCLASS = "desire"  # the column of MSED that tells subclasses of an emotion apart; learnt, never read


@dataclass
class Material:
    """Posts and labels of train (without the validation split) and dev, and the same encoded."""

    train: list[Post]
    dev: list[Post]
    train_labels: np.ndarray
    dev_labels: np.ndarray
    fresh: np.ndarray  # bool (N,): dev posts whose text and picture are not in train
    emotions: tuple[str, ...]
    encoded: EncodedCorpus
    encoded_dev: EncodedPosts


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds msed/")
    parser.add_argument("--words", type=Path, required=True, help="word vectors")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=None, help="the feature cache; by default, OUT/features")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--fast", action="store_true", help="the tuned encoders as well; 23 minutes a seed")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="train nothing and write what was found here")
    options = parser.parse_args()
    (options.out / "answers").mkdir(parents=True, exist_ok=True)
    if options.report:
        write_report(options.out, options.report)
        return
    written = options.out / "lines.jsonl"
    lines = [json.loads(line) for line in written.read_text().splitlines()] if written.exists() else []
    finished = {(line["model"], line["seed"]) for line in lines}
    with written.open("a") as file:
        for line in compute(options, finished):
            file.write(json.dumps(line) + "\n")
            file.flush()


def compute(options: argparse.Namespace, finished: set) -> Iterator[dict]:
    """The lines that are not finished yet."""
    material = read_material(options, read_recipe("strong/early"))
    np.savez(options.out / "dev.npz", labels=material.dev_labels, fresh=material.fresh)
    yield from guess(material, finished)
    yield from plain(material, options, finished)
    # Each alone by a linear layer on its frozen encoder, with the dropout of strong/early, as it was recorded.
    for name, modality in (("picture, frozen", "image"), ("words, frozen", "text")):
        yield from one_network(material, read_recipe(f"strong/{modality}_only"), options, finished, name)
    if options.fast:
        yield from fast(material, options, finished)
    joint, text, mean = (read_recipe(name) for name in (THESIS, TEXT, MEAN))
    bare = replace(joint, combinations=None, image=replace(joint.image, normalise=False, dropout=0.0))
    for name, recipe in (
        ("words, LSTM", text),
        ("Deep Sentiment, LSTM", joint),
        ("words, vanilla RNN", replace(text, text=replace(text.text, pooling="rnn"))),
        ("words, mean and 2,048", mean),
        ("Deep Sentiment, LSTM, nothing added", bare),
    ):
        if not {(name, seed) for seed in range(options.seeds)} <= finished:
            yield from one_network(read_material(options, recipe), recipe, options, finished, name)


def read_material(options: argparse.Namespace, recipe: Recipe) -> Material:
    resources = Resources(
        options.cache or options.out / "features", options.words if recipe.text.encoder == "words" else None
    )
    with Stages() as stages, Quarantine(options.out / "quarantine.jsonl") as quarantine:
        corpus = read_corpus(
            recipe,
            table=options.data / "msed" / "train.csv",
            data=None,
            columns=None,
            quarantine=quarantine,
            progress=stages,
        )
        encoded = encode_corpus(corpus, recipe, resources, quarantine=quarantine, progress=stages)
        source = Source(table="msed/dev.csv", name="MSED dev", licence="research use")
        dev = read_source(options.data / source.table, source, corpus.emotions, quarantine=quarantine).posts
        labels = [corpus.emotions.index(str(post.emotion)) for post in dev]
        encoded_dev = encode(dev, labels, encoded.encoders, progress=stages, refuse=lambda position, error: None)
    fresh = {post.id for post in without_overlap(dev, corpus.sources)}
    return Material(
        corpus.posts(held=False),
        dev,
        encoded.training.labels.numpy(),
        np.array(labels),
        np.array([post.id in fresh for post in dev]),
        corpus.emotions,
        encoded,
        encoded_dev,
    )


def guess(material: Material, finished: set) -> Iterator[dict]:
    if ("prior guessing", 0) in finished:
        return
    prior = baselines.guess(material.train_labels, len(material.emotions))
    train, dev = (baselines.guessing_accuracy(prior, labels) for labels in (material.train_labels, material.dev_labels))
    loss = float(-np.log(prior[material.dev_labels]).mean())
    yield {"model": "prior guessing", "seed": 0, "train_accuracy": train, "dev_accuracy": dev, "dev_loss": loss}


def plain(material: Material, options: argparse.Namespace, finished: set) -> Iterator[dict]:
    """scikit-learn's classifiers of pixels and of mean word vectors."""
    both = (material.train, material.dev)
    for of in ("pixels", "mean word vectors"):
        kinds = [kind for kind in baselines.KINDS if (f"{of}, {kind}", 0) not in finished]
        if not kinds:
            continue
        if of == "pixels":
            train, dev = (baselines.pixels(posts) for posts in both)
        else:
            vectors = load(options.words, {word for posts in both for post in posts for word in words_of(post)})
            train, dev = (baselines.mean_words(posts, vectors) for posts in both)
        for kind in kinds:
            predict = baselines.fit(kind, train, material.train_labels, seed=0)
            yield to_line(f"{of}, {kind}", 0, material, predict(train), predict(dev))


def fast(material: Material, options: argparse.Namespace, finished: set) -> Iterator[dict]:
    """The recipe that tunes both encoders, as users train it; with both modalities, and with each alone."""
    name = "Deep Sentiment, fast"
    for seed in range(options.seeds):
        if (name, seed) in finished:
            continue
        out = options.out / f"fast-{seed}"
        if not (out / "metrics.json").exists():
            with Stages() as stages:
                train(
                    change(read_recipe(FAST), seed=seed, subclass=SUBCLASS),
                    out,
                    table=options.data / "msed" / "train.csv",
                    dev=options.data / "msed" / "dev.csv",
                    resources=Resources(options.cache or options.out / "features"),
                    resume=checkpoint.has_begun(out),
                    progress=stages,
                )
        model = EmotionClassifier.load(out)
        order = [model.emotions.index(emotion) for emotion in material.emotions]

        def read(posts: Sequence[Post], model: EmotionClassifier = model, order: list[int] = order) -> np.ndarray:
            return np.array([list(answer.probabilities.values()) for answer in model.predict(posts)])[:, order]

        line = to_line(name, seed, material, read(material.train), read(material.dev))
        for modality, taken in (("text", {"image": None}), ("image", {"text": "", "title": ""})):
            alone = read([replace(post, **taken) for post in material.dev])
            line[f"dev_macro_f1_{modality}_alone"] = macro_f1(material.dev_labels, alone)
        yield line


def one_network(
    material: Material, recipe: Recipe, options: argparse.Namespace, finished: set, name: str
) -> Iterator[dict]:
    """A training for each seed, on those of the encoded modalities that the recipe reads."""
    corpus, dev = material.encoded, material.encoded_dev
    if len(recipe.modalities) == 1:
        corpus, dev = corpus.only(*recipe.modalities), dev.only(*recipe.modalities)
    for seed in range(options.seeds):
        if (name, seed) in finished:
            continue
        folder = options.out / "trainings" / file_name(name, seed)
        begun = checkpoint.has_begun(folder)
        with Stages() as stages:
            fitted = fit_classifier(change(recipe, seed=seed), corpus, folder, resume=begun, progress=stages)

        def read(posts: EncodedPosts, fitted: Fitted = fitted) -> np.ndarray:
            probabilities = (answer(fitted.network, posts) / fitted.temperature).softmax(dim=1)
            return (probabilities * (posts.counts() > 0).unsqueeze(1)).numpy()  # zeros where nothing can be read

        with write_whole(options.out / "answers" / f"{file_name(name, seed)}.npy", "wb") as file:
            np.save(file, read(dev))
        write_json(options.out / "answers" / f"{file_name(name, seed)}.json", fitted.history)
        line = to_line(name, seed, material, read(corpus.training), read(dev))
        if len(recipe.modalities) > 1:
            for modality, other in (("text", "image"), ("image", "text")):
                line[f"dev_macro_f1_{modality}_alone"] = macro_f1(material.dev_labels, read(dev.without(other)))
        yield line | {"epochs": len(fitted.history)}
        (folder / checkpoint.FILE).unlink()


def to_line(name: str, seed: int, material: Material, train: np.ndarray, dev: np.ndarray) -> dict:
    """Scores of probabilities (N, K) of train and dev."""
    fresh = material.fresh
    return {
        "model": name,
        "seed": seed,
        "train_accuracy": float((train.argmax(axis=1) == material.train_labels).mean()),
        "dev_accuracy": float((dev.argmax(axis=1) == material.dev_labels).mean()),
        "train_loss": loss(material.train_labels, train),
        "dev_loss": loss(material.dev_labels, dev),
        "dev_macro_f1": macro_f1(material.dev_labels, dev),
        "dev_macro_f1_without_overlap": macro_f1(material.dev_labels[fresh], dev[fresh]),
    }


def loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(F.nll_loss(torch.tensor(probabilities).double().clamp(min=1e-12).log(), torch.tensor(labels)))


def macro_f1(labels: np.ndarray, probabilities: np.ndarray) -> float:
    counts = metrics.count_answers(labels, probabilities.argmax(axis=1), probabilities.shape[1])
    return float(metrics.macro_f1(counts, np.unique(labels)))


if __name__ == "__main__":
    main()
