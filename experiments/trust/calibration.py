"""Calibration errors on MSED dev, what never-drawn posts say of temperature, and whether they were drawn at all.

python experiments/trust/calibration.py VECTORS
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feelscope.emotions import SEVEN, match
from feelscope.metrics.intervals import with_interval
from feelscope.metrics.scaling import fit_scaling
from feelscope.metrics.scores import score
from feelscope.saved_model import folder as model_folder

EMOTIONS = model_folder.read_labels(model_folder.BUILTIN).emotions
PERMUTATIONS = 500
LEAST = 10  # posts of an emotion, drawn and never drawn


def main() -> None:
    """Print the numbers of the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path)
    folder = parser.parse_args().vectors
    dev, kept = np.load(folder / "msed_dev.npz"), np.load(folder / "kept.npz")
    names = match(set(dev["emotion"].tolist()), SEVEN)[0]
    true = np.array([EMOTIONS.index(names[one]) for one in dev["emotion"].tolist()])
    apart = np.isin(dev["id"], kept["msed"])
    for read in ("both", "text", "image"):
        scores = score(true[apart], dev[read][apart], EMOTIONS)
        print(f"MSED dev, {read}: {with_interval(scores.ece, scores.intervals['ece'])}, accuracy {scores.accuracy:.3f}")
    _print_thresholds(folder, dev["text"][apart], kept["goemotions_shares"])
    for name in ("go_train", "feelings"):
        rows = np.load(folder / f"{name}.npz")
        labels = np.array([EMOTIONS.index(one) for one in rows["mapped"].tolist()])
        table, drawn = rows["text"].astype(float), rows["drawn"] > 0
        losses = -np.log(table[np.arange(len(labels)), labels])
        random = np.random.default_rng(0)
        found = _gap(losses, labels, drawn)
        by_chance = [_gap(losses, labels, _permuted(drawn, labels, random)) for _ in range(PERMUTATIONS)]
        share = np.mean(np.array(by_chance) >= found)
        temperature = fit_scaling(table[~drawn], labels[~drawn], None).temperature
        print(f"{name}: loss of never-drawn posts higher by {found:.3f}, p {share:.3f}; temperature {temperature:.3f}")


def _print_thresholds(folder: Path, msed: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    """Of other posts, the share that is less sure than a tenth of GoEmotions' never-drawn posts."""
    rows = np.load(folder / "go_train.npz")
    new = rows["drawn"] == 0
    labels = np.array([EMOTIONS.index(one) for one in rows["mapped"][new].tolist()])
    weights = (shares / np.maximum(np.bincount(labels, minlength=len(EMOTIONS)), 1))[labels]
    sure = rows["text"][new].max(axis=1)
    order = sure.argsort()
    tenth = sure[order][np.searchsorted(weights[order].cumsum() / weights.sum(), 0.1)]
    for name, table in (("GoEmotions dev", np.load(folder / "go_dev.npz")["text"]), ("MSED dev, text", msed)):
        print(f"{name}: {(table.max(axis=1) < tenth).mean():.3f} below the tenth of GoEmotions")


def _gap(losses: NDArray[np.float64], labels: NDArray[np.int64], drawn: NDArray[np.bool_]) -> float:
    """How much higher the loss of never-drawn posts is, within emotions."""
    total = weights = 0.0
    for emotion in range(len(EMOTIONS)):
        seen, new = losses[drawn & (labels == emotion)], losses[~drawn & (labels == emotion)]
        if min(len(seen), len(new)) >= LEAST:
            weight = len(seen) * len(new) / (len(seen) + len(new))
            total, weights = total + weight * (new.mean() - seen.mean()), weights + weight
    return total / weights


def _permuted(drawn: NDArray[np.bool_], labels: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.bool_]:
    permuted = drawn.copy()
    for emotion in range(len(EMOTIONS)):
        own = np.flatnonzero(labels == emotion)
        permuted[own] = drawn[random.permutation(own)]
    return permuted


if __name__ == "__main__":
    main()
