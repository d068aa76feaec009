"""Calibration on posts of another kind: fitted to 200 titles of Reddit posts, scored on all others, over 20 draws.

python experiments/trust/reddit.py VECTORS --out experiments/trust/reddit.csv
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from feelscope.emotions import match
from feelscope.files import write_whole
from feelscope.metrics.scaling import AS_IT_IS, choose_scaling, fit_scaling
from feelscope.metrics.scores import score
from feelscope.saved_model import folder as model_folder

FITTED, DRAWS = 200, 20


def main() -> None:
    """Score each way on each draw and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    emotions = model_folder.read_labels(model_folder.BUILTIN).emotions
    posts = np.load(given.vectors / "reddit.npz")
    names = match(set(posts["emotion"].tolist()), emotions)[0]
    true = np.array([emotions.index(names[one]) for one in posts["emotion"].tolist()])
    table = posts["text"].astype(float)
    rows = []
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(true))
        own, others = order[:FITTED], order[FITTED:]
        ways = {
            "none": AS_IT_IS,
            "temperature alone": fit_scaling(table[own], true[own], None),
            "as chosen": choose_scaling(table[own], true[own]),
        }
        for way, scaling in ways.items():
            scores = score(true[others], scaling(table[others]), emotions, resamples=0)
            rows.append(
                {"draw": seed, "scaling": way, "posts": scores.posts, "ece": scores.ece, "accuracy": scores.accuracy}
            )
    with write_whole(given.out, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for way in ways:
        errors, right = (np.array([row[key] for row in rows if row["scaling"] == way]) for key in ("ece", "accuracy"))
        print(
            f"{way}: error {errors.mean():.3f} ({errors.min():.3f} to {errors.max():.3f}), accuracy {right.mean():.3f}"
        )


if __name__ == "__main__":
    main()
