"""Emotions of MSED's pictures from bottleneck texts alone: choices on a part of train, then the dev table once.

    python experiments/semantic_bottleneck/emotions.py choose data/msed --work DIR
    python experiments/semantic_bottleneck/emotions.py score data/msed --work DIR [SEED ...]

DIR keeps the feature cache (`features`), captioners and texts; what is small is written beside this file.
"""

import csv
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from feelscope.bottleneck.bottleneck_text import BottleneckText
from feelscope.bottleneck.captions import caption_of, said_of
from feelscope.bottleneck.fit import Training, fit_bottleneck, fit_captioner, new_captioner, new_network
from feelscope.bottleneck.folder import BottleneckParts
from feelscope.bottleneck.pictures import Pictures
from feelscope.bottleneck.reading import Bottleneck
from feelscope.bottleneck.tasks import BottleneckTask, ReadPictures
from feelscope.drawing import canvas, draw_intervals, save
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import open_image
from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.scores import count_draws, macro_f1
from feelscope.prepare.validation_split import validation_split
from feelscope.table import PostsTable
from feelscope.text.vocabulary import Vocabulary
from feelscope.train.data import Source, SourcePosts, without_overlap
from feelscope.train.recipe import read_recipe

HERE = Path(__file__).parent
EMOTIONS = ("happiness", "neutral", "sad", "anger", "fear", "disgust")
SEEDS = range(5)
RECIPE = read_recipe("bottleneck")
SETTINGS = RECIPE.bottleneck


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Data:
    """MSED, its pictures' vectors, and a validation split of near-duplicate groups of train."""

    def __init__(self, folder: Path, work: Path):
        torch.set_num_threads(1)
        self.train, self.dev = (list(PostsTable(folder / f"{name}.csv")) for name in ("train", "dev"))
        self.encoder = open_image(RECIPE.image, Resources(work / "features"), seed=0)
        held = np.array(validation_split(self.train, RECIPE.choices.validation))
        self.all = self.pictures(self.train)
        self.training, self.validation = (self.all.rows(np.flatnonzero(side).tolist()) for side in (~held, held))
        self.held = [post for post, is_held in zip(self.train, held, strict=True) if is_held]

    def pictures(self, posts):
        vectors, present = self.encoder.encode(posts, lambda *_: None, lambda *problem: say(*problem))
        assert present.all()
        return Pictures(
            vectors,
            [[caption_of(post)] for post in posts],
            [said_of(post) for post in posts],
            torch.tensor([EMOTIONS.index(post.emotion) for post in posts]),
        )


def training(seed):
    return Training(RECIPE.steps, seed, RECIPE.choices.patience, None, False, lambda *_: None)


def captioner(data, work):
    """One captioner, of seed 0, for all seeds: it is what takes the time. Its captions are remembered."""
    words = Vocabulary.of((words for captions in data.training.captions for words in captions), SETTINGS.caption_least)
    path = work / "captioner.safetensors"
    if path.exists():
        made = new_captioner(data.training.vectors.shape[1], len(words), SETTINGS)
        made.load_state_dict(load_file(path))
    else:
        made, words = fit_captioner(data.training, data.validation, SETTINGS, training(0))
        save_file(made.state_dict(), path)
    plain, kept = made.eval().caption, work / "captions.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}

    def caption(vectors, beam, longest):
        key = hashlib.sha256(vectors.numpy().tobytes() + bytes([beam, longest])).hexdigest()
        if key not in known:
            known[key] = plain(vectors, beam, longest)
            kept.write_text(json.dumps(known))
        return known[key]

    made.caption = caption
    return made, words


def bottleneck(data, settings, seed, written):
    fitted = fit_bottleneck(data.training, data.validation, settings, training(seed), written=written)
    parts = BottleneckParts(
        f"seed {seed}", EMOTIONS, "lite0", data.encoder.identity, data.encoder.width, fitted.temperature, settings,
        fitted.vocabulary, fitted.words, fitted.asked, fitted.captioner, fitted.network,
    )  # fmt: skip
    return fitted, Bottleneck(parts)


def probe(data, seed, *sets):
    """A linear layer on all of the frozen vectors, trained by the same steps: answers to each set."""

    def read(pictures):
        scaled = torch.nn.functional.layer_norm(pictures.vectors, pictures.vectors.shape[1:])
        nothing = torch.zeros(len(pictures), 1)
        return ReadPictures(nothing, scaled, torch.zeros(len(pictures), 0), pictures.labels)

    torch.manual_seed(seed)
    network = new_network(1, data.encoder.width, 0, len(EMOTIONS), replace(SETTINGS, text_dropout=SETTINGS.dropout))
    weights = (len(data.training) / torch.bincount(data.training.labels) / len(EMOTIONS)) ** SETTINGS.balance
    task = BottleneckTask(
        network, read(data.training), read(data.validation), RECIPE.steps, seed,
        learns=network.classifier, question_weight=0.0, decision_weight=1.0, weights=weights,
    )  # fmt: skip
    training(seed).run("probe", task, RECIPE.steps.epochs)
    network.eval()
    with torch.no_grad():
        return [network(*[getattr(read(one), name) for name in ("vectors", "words")]).decision.numpy() for one in sets]


VARIANTS = {
    "as the recipe": {},
    "answers in 2 grades": {"answers": 2},
    "a hidden layer of 64": {"text_hidden": 64},
    "question_weight 0": {"question_weight": 0.0},
    "quiz alone": {"caption_words": 0},
    "caption alone": {"questions": 0},
}


def choose(data, work):
    """Macro-F1 on the validation split, before and after all learnt together, for two seeds."""
    written, rows = captioner(data, work), []
    for name, changes in VARIANTS.items():
        for seed in range(2):
            fitted, _ = bottleneck(data, replace(SETTINGS, **changes), seed, written)
            for when, found in fitted.record.items():
                rows.append({"what": name, "seed": seed, "when": when} | found)
            say(name, seed, fitted.record)
            write(HERE / "choices.csv", rows)


def score(data, work, seeds=SEEDS):
    """The dev table, once: each variant's macro-F1 over seeds, with intervals over posts and seeds' deviation."""
    dev = data.pictures(data.dev)
    apart = {post.id for post in without_overlap(data.dev, [SourcePosts(Source("train", "", ""), data.train, 0)])}
    sets = {
        "without overlap": np.flatnonzero([post.id in apart for post in data.dev]),
        "all": np.arange(len(data.dev)),
    }
    for seed in seeds:
        if not (work / f"seed-{seed}.json").exists():
            score_seed(data, work, dev, seed, captioner(data, work))
    found = [
        json.loads((work / f"seed-{seed}.json").read_text()) for seed in SEEDS if (work / f"seed-{seed}.json").exists()
    ]
    write(HERE / "answers.csv", [row for one in found for row in one["asked"]])
    answers = {what: [np.array(one["answers"][what]) for one in found] for what in found[0]["answers"]}
    summarise(answers, dev.labels.numpy(), sets)


def score_seed(data, work, dev, seed, written):
    """All answers of one seed's bottlenecks to the dev table, kept in DIR so that seeds can be run side by side."""
    answers, asked = {}, []
    for name, changes in (("caption and quiz", {}), ("caption alone", {"questions": 0})):
        fitted, model = bottleneck(data, replace(SETTINGS, **changes), seed, written)
        texts = model.texts(dev.vectors)
        probabilities = model.probabilities(texts)
        answers[name] = probabilities.argmax(axis=1).tolist()
        asked += [{"what": name, "seed": seed, "when": when} | found for when, found in fitted.record.items()]
        say(seed, name, fitted.record)
        if name == "caption and quiz":
            say(seed, "asked:", ", ".join(fitted.asked))
            order = np.random.default_rng(seed).permutation(len(texts))
            others = [texts[order[(place + 1) % len(order)]] for place in np.argsort(order)]  # never its own
            answers["texts of other pictures"] = model.probabilities(others).argmax(axis=1).tolist()
            if seed == 0:
                write_texts(work / "bottleneck_dev.jsonl", data.dev, texts, probabilities)
                held = model.texts(data.validation.vectors)
                write_texts(work / "bottleneck_validation.jsonl", data.held, held, model.probabilities(held))
    answers["linear probe on all 1,280 numbers"] = probe(data, seed, dev)[0].argmax(axis=1).tolist()
    (work / f"seed-{seed}.json").write_text(json.dumps({"answers": answers, "asked": asked}))


def summarise(answers, labels, sets):
    """Tables and figure: macro-F1, the mean over seeds, with its interval over posts and its deviation over seeds."""
    rows, differences = [], []
    for name, index in sets.items():
        draws = draw(len(index))
        means = {}
        for what, seeds in answers.items():
            drawn = [macro_f1(count_draws(draws, labels[index], one[index], 6), np.arange(6)) for one in seeds]
            scores = np.array(drawn)  # (S, 1 + R)
            means[what] = scores.mean(axis=0)
            deviation = float(scores[:, 0].std(ddof=1)) if len(seeds) > 1 else float("nan")
            rows.append({"posts": name, "count": len(index), "what": what, "seeds": len(seeds)} | row(means[what]))
            rows[-1]["deviation"] = round(deviation, 4)
        apart = means["caption and quiz"] - means["caption alone"]
        differences.append({"posts": name, "what": "caption and quiz minus caption alone"} | row(apart))
    write(HERE / "differences.csv", differences)
    shown = sorted((row for row in rows if row["posts"] == "without overlap"), key=lambda row: -row["macro_f1"])
    with canvas(5, 1.8) as figure:
        axes = figure.add_subplot()
        draw_intervals(axes, [row["what"] for row in shown], shown, "macro_f1")
        axes.axvline(0.75 * 0.612, color="#D55E00", linestyle=":")
        axes.set_title("Macro-F1 on MSED dev, pictures alone; dotted: 75% of the built-in model's")
        save(figure, rows, HERE, "scores")
    for one in [*rows, *differences]:
        say(one)


def row(values):
    """The score of the posts as they are, and the interval over resampled ones."""
    low, high = interval(values[1:])
    return {"macro_f1": round(float(values[0]), 4), "low": round(low, 4), "high": round(high, 4)}


def write(path, rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()})


def write_texts(path, posts, texts, probabilities):
    """A row for each post: what was said of its picture, and what was read from that."""
    with path.open("w", encoding="utf-8") as file:
        for post, text, row in zip(posts, texts, probabilities, strict=True):
            said = BottleneckText.parse(text)
            value = {
                "id": post.id,
                "probabilities": dict(zip(EMOTIONS, map(float, row), strict=True)),
                "caption": said.caption,
                "answers": dict(said.answers),
                "text": text,
            }
            file.write(json.dumps(value, ensure_ascii=False) + "\n")


def main():
    what, folder, option, work, *seeds = sys.argv[1:]
    assert what in ("choose", "score") and option == "--work", __doc__
    data = Data(Path(folder), Path(work))
    if what == "choose":
        choose(data, Path(work))
    else:
        score(data, Path(work), [*map(int, seeds)] or SEEDS)


if __name__ == "__main__":
    main()
