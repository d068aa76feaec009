"""Pictures left out where the words are sure: how many, what it costs in macro-F1, and how much faster it is.

Posts of a labelled table that have words and a picture, drawn by a seed. Runs with and without take turns;
the rate is the ratio of their processor times, so that other work counts on both sides.

    python benchmarks/skip_pictures.py posts.csv --posts 400 --shares 0.7 0.8 0.9
"""

import argparse
import itertools
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from feelscope.metrics.scores import score
from feelscope.post import Post, Prediction
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("table", type=Path)
    arguments.add_argument("--model", default="builtin")
    arguments.add_argument("--posts", type=int, default=400)
    arguments.add_argument("--shares", type=float, nargs="+", default=[0.8])
    arguments.add_argument("--turns", type=int, default=2)
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    known = {*EmotionClassifier.load(options.model, workers=1).emotions}
    posts = [post for post in PostsTable(options.table) if post.has_text and post.image and post.emotion in known]
    posts = random.Random(options.seed).sample(posts, min(options.posts, len(posts)))
    ways = {
        share: EmotionClassifier.load(options.model, workers=1, skip_pictures=share) for share in [1.0, *options.shares]
    }
    for classifier in ways.values():
        classifier.predict(posts[:16])
    seconds: dict[float, list[float]] = {share: [] for share in ways}
    answers: dict[float, list[Prediction]] = {}
    for _, (share, classifier) in itertools.product(range(options.turns), ways.items()):
        start = time.process_time()
        answers[share] = classifier.predict(posts)
        seconds[share].append(time.process_time() - start)
    for share, found in answers.items():
        ratios = [whole / some for whole, some in zip(seconds[1.0], seconds[share], strict=True)]
        shown = {
            "skip_pictures": share,
            "skipped": sum("image" not in one.modalities for one in found) / len(found),
            "macro_f1": macro_f1(posts, found),
            "ms_a_post": 1000 * min(seconds[share]) / len(posts),
            "times_as_fast": [min(ratios), max(ratios)],
        }
        print(json.dumps(shown))


def macro_f1(posts: Sequence[Post], found: Sequence[Prediction]) -> float:
    """Over the emotions that the posts have."""
    emotions = [*found[0].probabilities]
    rows = np.array([[*one.probabilities.values()] for one in found])
    labels = np.array([emotions.index(str(post.emotion)) for post in posts])
    return float(score(labels, rows, emotions, resamples=0).macro_f1)


if __name__ == "__main__":
    main()
