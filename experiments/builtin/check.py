"""What the built-in model is asked to reach, on development parts that it was not trained on.

    python experiments/builtin/check.py --data DIR [--model RUN] [--before RUN] [--float]

Prints scores on MSED's dev (all of it, and without the posts whose text or picture also stands in train) and on
GoEmotions' dev (rows with one label), the recall of surprise beside a random picture, with --before the gain over
another model on MSED's dev, and with --float what the float weights of RUN score before they are made small.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from feelscope.train.corpus import SourcePosts, read_source, without_overlap

from feelscope import EmotionClassifier, Post
from feelscope.emotions import SEVEN, match
from feelscope.evaluate.evaluate import evaluate
from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.scores import count_draws, macro_f1
from feelscope.table import PostsTable
from feelscope.train.recipe import Source, read_recipe

SEEDS = range(5)  # of the random pictures


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--model", default="builtin")
    arguments.add_argument("--before", type=Path, help="a model to compare with, as an earlier version's folder")
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
    print(f"## Surprise beside a random picture\n\n{json.dumps(results['surprise'], indent=2)}\n")
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
        options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def single_label(path: Path) -> list[Post]:
    """GoEmotions rows with exactly one label, mapped to the seven emotions."""
    source = Source(table="", name="", licence="", column="emotions", map="goemotions")
    single = {post.id for post in PostsTable(path, {"emotion": "emotions"}) if "|" not in (post.emotion or "|")}
    return [post for post in read_source(path, source, SEVEN).posts if post.id in single]


def surprise(classifier: EmotionClassifier, texts: list[Post], pictured: list[Post]) -> dict[str, object]:
    """Recall of surprise for the words alone, and beside a random picture, for each seed."""
    surprised = [post for post in texts if post.emotion == "surprise"]

    def recall(posts: list[Post]) -> float:
        return float(np.mean([answer.emotion == "surprise" for answer in classifier.predict(posts)]))

    alone = recall(surprised)
    beside = []
    for seed in SEEDS:
        draw = np.random.default_rng(seed).integers(len(pictured), size=len(surprised))
        beside.append(
            recall([replace(post, image=pictured[at].image) for post, at in zip(surprised, draw, strict=True)])
        )
    return {"posts": len(surprised), "alone": alone, "beside": beside, "kept": float(np.mean(beside)) / alone}


def gain(now: EmotionClassifier, before: EmotionClassifier, posts: list[Post]) -> dict[str, object]:
    """By way, macro-F1 now and before, and the difference with its 95% interval of a paired bootstrap over posts."""
    names = list(SEVEN)
    mapped, _ = match({str(post.emotion) for post in posts}, names)
    labels = np.array([names.index(mapped[str(post.emotion)]) for post in posts])
    draws = draw(len(posts))
    ways = {
        "both": posts,
        "text": [replace(post, image=None) for post in posts],
        "image": [replace(post, title="", text="") for post in posts],
    }
    found: dict[str, object] = {}
    for way, read in ways.items():
        scores = [
            macro_f1(count_draws(draws, labels, answers, len(names)), np.unique(labels))
            for answers in (
                np.array([names.index(one.emotion) for one in model.predict(read)]) for model in (now, before)
            )
        ]
        difference = scores[0] - scores[1]
        ends = interval(difference[1:])
        found[way] = {"now": scores[0][0], "before": scores[1][0], "gain": difference[0], "interval": list(ends)}
    return found


def float_scores(folder: Path, posts: list[Post]) -> dict[str, float]:
    """Macro-F1 of `model.safetensors` in 32-bit floats, by way; the tables' emotions only, as `evaluate` counts."""
    from feelscope.train.corpus import build
    from safetensors.torch import load_file

    from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0
    from feelscope.encoders.minilm import MiniLM
    from feelscope.encoders.tokenizer import Tokenizer
    from feelscope.encoders.trunk_cache import TrunkFeatures
    from feelscope.encoders.weights import find
    from feelscope.table import Quarantine
    from feelscope.train import tuning
    from feelscope.train.fit import build_towers

    recipe = replace(read_recipe(folder / "recipe.toml"), tuning=0.0)
    names = json.loads((folder / "labels.json").read_text())["emotions"]
    recipe = replace(recipe, emotions=tuple(names), data=())
    mapped, _ = match({str(post.emotion) for post in posts}, names)
    labelled = [replace(post, emotion=mapped[str(post.emotion)]) for post in posts]
    image = EfficientNetLite0.pretrained()
    features = TrunkFeatures(folder.parent / "features", image)
    source = SourcePosts(Source(table="", name="dev", licence=""), labelled, 0)
    tokenizer = Tokenizer(find("minilm-tokenizer"), recipe.tokens)
    corpus = build([source], recipe, tokenizer, features, quarantine=Quarantine(), progress=lambda *_: None)
    parts = json.loads((folder / "metrics.json").read_text())["parts"]
    towers = build_towers(len(names), recipe, image, MiniLM(), [emotion for emotion, _ in parts])
    towers.load_state_dict(load_file(folder / "model.safetensors"))
    answers = tuning.answer(towers, [corpus.training[0].posts], corpus.trunk)
    return {way.removeprefix("0 "): entry.macro_f1() for way, entry in answers.items()}


if __name__ == "__main__":
    main()
