"""What the built-in model's `predict --abstain` goes by: how sure it is of posts that it was not trained on.

python experiments/trust/thresholds.py --data DIR --vectors VECTORS [--write]

No labels are used, and nothing is scaled: the confidence that each share of these posts stays below is kept.

words                Reddit posts of the archive, drawn by a seed
picture, and both    Flickr8k, each picture alone and with its first caption

Then it prints which share of MSED's dev posts is refused by that, and how many of the refused and of the others are
wrong. `--write` puts calibration.json into the package.
"""

import argparse
import csv
import random
from pathlib import Path

import numpy as np

from feelscope import EmotionClassifier, Post, PostsTable
from feelscope.emotions import SEVEN, match
from feelscope.metrics.scaling import AS_IT_IS
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import Calibration, Calibrations, confidence_of

WORDS, SEED = 2_000, 0
SHARES = (0.05, 0.1, 0.2)


def main() -> None:
    """Find the thresholds, tell what they do on MSED's dev posts, and write them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="with reddit_archive/ and flickr8k_1k/")
    parser.add_argument("--vectors", type=Path, required=True, help="what read.py wrote, with msed_dev.npz")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    classifier = EmotionClassifier.load().uncalibrated()
    captioned = pictures(given.data / "flickr8k_1k")
    sets = {
        "text": words(given.data / "reddit_archive" / "posts.parquet"),
        "image": [Post(post.id, image=post.image) for post in captioned],
        "text+image": captioned,
    }
    found = {}
    for name, posts in sets.items():
        table = [[*one.probabilities.values()] for one in classifier.stream(posts) if one.emotion is not None]
        found[name] = Calibration(len(table), AS_IT_IS, confidence_of(table))
    calibrations = Calibrations(found)
    tell(calibrations, given.vectors)
    if given.write:
        model_folder.set_calibration(model_folder.BUILTIN, calibrations.to_json(classifier.emotions))


def words(path: Path) -> list[Post]:
    """Some posts of the archive, title and text alone."""
    posts = [Post(post.id, post.text, post.title) for post in PostsTable(path)]
    return random.Random(SEED).sample(posts, WORDS)


def pictures(folder: Path) -> list[Post]:
    """Each picture with its first caption."""
    first: dict[str, str] = {}
    with (folder / "captions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            first.setdefault(row["image"], row["caption"])
    return [Post(name, caption, image=folder / "images" / name) for name, caption in first.items()]


def tell(calibrations: Calibrations, vectors: Path) -> None:
    """Print shares and errors of MSED dev, without the posts that are also in the training data."""
    dev, kept = np.load(vectors / "msed_dev.npz"), np.load(vectors / "kept.npz")
    emotions = list(model_folder.read_labels(model_folder.BUILTIN).emotions)
    names = match(set(dev["emotion"].tolist()), SEVEN)[0]
    true = np.array([emotions.index(names[one]) for one in dev["emotion"].tolist()])
    apart = np.isin(dev["id"], kept["msed"])
    for name, column in (("text+image", "both"), ("text", "text"), ("image", "image")):
        table = dev[column][apart]
        wrong, sure = table.argmax(axis=1) != true[apart], table.max(axis=1)
        for share in SHARES:
            refused = sure < calibrations.by_combination[name].threshold(share)
            print(
                f"{name}, {share:.0%} asked: {refused.mean():.1%} of {len(sure)} refused, "
                f"{wrong[refused].mean():.1%} of these wrong, {wrong[~refused].mean():.1%} of the others"
            )


if __name__ == "__main__":
    main()
