"""Scores of the built-in model on dev tables that it was not trained on, for comparison with its aims.

    python experiments/builtin/check.py --data DIR [--model RUN] [--before RUN] [--float]

Prints scores on MSED's dev (all of it, and without the posts whose text or picture also appears in train) and on
GoEmotions' dev (rows with one label), the recall of surprise next to a random picture, with --before the gain over
another model on MSED's dev, and with --float the scores of the float weights of RUN, before quantisation.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from feelscope import EmotionClassifier, Post
from feelscope.emotions import SEVEN, match
from feelscope.evaluate.evaluate import evaluate
from feelscope.files import write_text
from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.scores import count_draws, macro_f1
from feelscope.progress import silent
from feelscope.table import PostsTable
from feelscope.train.data import read_source, without_overlap
from feelscope.train.recipe import Source, read_recipe

SEEDS = range(5)  # of the random pictures


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--model", default="builtin")
    arguments.add_argument("--before", type=Path, help="a model to compare with, such as an earlier run")
    arguments.add_argument("--float", action="store_true", help="also score the float weights in RUN")
    arguments.add_argument("--out", type=Path)
    options = arguments.parse_args()
    classifier = EmotionClassifier.load(options.model)
    results: dict[str, object] = {}

    msed = list(PostsTable(options.data / "msed/dev.csv", need=("emotion",)))
    train = Source(table="msed/train.csv", name="MSED", licence="research use")
    apart = without_overlap(msed, [read_source(options.data / train.table, train, SEVEN)])
    goemotions = single_label(options.data / "goemotions/dev.csv")
    tables = {"MSED dev without overlap": apart, "MSED dev": msed, "GoEmotions dev, one label": goemotions}
    for name, posts in tables.items():
        evaluation = evaluate(classifier, posts)
        results[name] = evaluation.to_json()
        print(f"## {name}\n\n```\n{evaluation.to_text()}\n```\n")

    results["surprise"] = surprise(classifier, goemotions, msed)
    print(f"## Surprise next to a random picture\n\n{json.dumps(results['surprise'], indent=2)}\n")
    if options.before:
        earlier = EmotionClassifier.load(options.before)
        results["gain"] = {
            name: gain(classifier, earlier, tables[name]) for name in ("MSED dev without overlap", "MSED dev")
        }
        print(f"## Gain over {options.before}\n\n{json.dumps(results['gain'], indent=2)}\n")
    if options.float:
        results["float"] = float_scores(Path(options.model), apart)
        print(f"## Float weights, MSED dev without overlap\n\n{json.dumps(results['float'], indent=2)}")
    if options.out:
        write_text(options.out, json.dumps(results, indent=2) + "\n")


def single_label(path: Path) -> list[Post]:
    """GoEmotions rows with exactly one label, mapped to the seven emotions."""
    source = Source(table="", name="", licence="", column="emotions", map="goemotions")
    single = {post.id for post in PostsTable(path, {"emotion": "emotions"}) if "|" not in (post.emotion or "|")}
    return [post for post in read_source(path, source, SEVEN).posts if post.id in single]


def surprise(classifier: EmotionClassifier, texts: list[Post], pictured: list[Post]) -> dict[str, object]:
    """Recall of surprise for the words alone, and next to a random picture, for each seed."""
    surprised = [post for post in texts if post.emotion == "surprise"]

    def recall(posts: list[Post]) -> float:
        return float(np.mean([answer.emotion == "surprise" for answer in classifier.predict(posts)]))

    alone = recall(surprised)
    beside = []
    for seed in SEEDS:
        drawn = np.random.default_rng(seed).integers(len(pictured), size=len(surprised))
        beside.append(
            recall([replace(post, image=pictured[row].image) for post, row in zip(surprised, drawn, strict=True)])
        )
    return {"posts": len(surprised), "alone": alone, "beside": beside, "kept": float(np.mean(beside)) / alone}


def gain(now: EmotionClassifier, before: EmotionClassifier, posts: list[Post]) -> dict[str, object]:
    """Macro-F1 now and before, and their difference with the 95% interval of a paired bootstrap over posts."""
    names = list(SEVEN)
    mapped, _ = match({str(post.emotion) for post in posts}, names)
    labels = np.array([names.index(mapped[str(post.emotion)]) for post in posts])
    draws = draw(len(posts))
    combinations = {
        "both": posts,
        "text": [replace(post, image=None) for post in posts],
        "image": [replace(post, title="", text="") for post in posts],
    }
    gains: dict[str, object] = {}
    for combination, read in combinations.items():
        scores = [
            macro_f1(count_draws(draws, labels, answers, len(names)), np.unique(labels))
            for answers in (
                np.array([names.index(answer.emotion) for answer in model.predict(read)]) for model in (now, before)
            )
        ]
        difference = scores[0] - scores[1]
        ends = interval(difference[1:])
        gains[combination] = {
            "now": scores[0][0],
            "before": scores[1][0],
            "gain": difference[0],
            "interval": list(ends),
        }
    return gains


def float_scores(folder: Path, posts: list[Post]) -> dict[str, float]:
    """Macro-F1 of `model.safetensors` in 32-bit floats, by combination of modalities."""
    from safetensors.torch import load_file

    from feelscope.encoders.encoder import Resources
    from feelscope.encoders.opening import encode
    from feelscope.train.classifier_task import build_network
    from feelscope.train.encoding import EncodedCorpus, open_encoders
    from feelscope.train.selection import answer_combinations

    recipe = read_recipe(folder / "recipe.toml")
    names = json.loads((folder / "labels.json").read_text())["emotions"]
    subclasses = json.loads((folder / "metrics.json").read_text())["subclasses"]
    mapped, _ = match({str(post.emotion) for post in posts}, names)
    labels = [names.index(mapped[str(post.emotion)]) for post in posts]
    encoders = open_encoders(recipe, posts, Resources(folder.parent / "features"))
    encoded = encode(posts, labels, encoders, progress=silent, refuse=lambda position, error: None)
    emotion_of = tuple(emotion for emotion, _ in subclasses)
    network = build_network(recipe, EncodedCorpus(encoders, encoded, encoded, len(names), emotion_of))
    network.load_state_dict(load_file(folder / "model.safetensors"))
    return {name: answers.macro_f1() for name, answers in answer_combinations(network, encoded).items()}


if __name__ == "__main__":
    main()
