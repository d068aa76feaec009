"""How often the 95% intervals hold the share, and how wide they are: 1,000 samples of labels from posts all labelled.

python experiments/estimate/measure.py PREDICTIONS DATA
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from data import SETS, read

from feelscope.emotions import SEVEN
from feelscope.metrics.intervals import wilson
from feelscope.metrics.prediction_powered import Shares, corrected_shares, labels_alone
from feelscope.metrics.sampling import Frame

RESAMPLES, LABELS, SEED = 1000, (100, 300), 22
LEAST = 0.05  # share of the emotions that count
_AT_ONCE = 100


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("predictions", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    rows = []
    for name, table in SETS.items():
        truth, probabilities = read(given.predictions / f"{name}.parquet", given.data / table)
        for shift in (False, True):
            for labels in LABELS:
                rows += measured(name, truth, probabilities, shift, labels, planned=False)
                if not shift:
                    rows += measured(name, truth, probabilities, shift, labels, planned=True)
                    rows += groups(name, truth, probabilities, labels)
    out = Path(__file__).with_name("coverage.csv")
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def shifted(truth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Which posts are kept so that the shares are others: each emotion with a chance of its own, 0.25 to 1."""
    chances = random.uniform(0.25, 1, truth.shape[1])
    return np.flatnonzero(random.random(len(truth)) < chances[truth.argmax(axis=1)])


def planned_sample(frame: Frame, probabilities: np.ndarray, labels: int, seed: int) -> dict[str, float]:
    """A sample of `estimate plan`, of the posts in another order each time: rows and chances."""
    order = np.random.default_rng(seed).permutation(len(probabilities))
    drawing = frame.draw(labels, seed)
    drawing.add([str(row) for row in order], probabilities[order])
    return drawing.drawn()


def measured(
    name: str, truth: np.ndarray, probabilities: np.ndarray, shift: bool, labels: int, *, planned: bool
) -> list[dict[str, object]]:
    """Coverage and width for each emotion; with a shift, of 10 shifted sets with 100 samples each."""
    random = np.random.default_rng(SEED)
    tallies = Tally(), Tally(), Tally()
    for _ in range(RESAMPLES // _AT_ONCE):
        kept = shifted(truth, random) if shift else np.arange(len(truth))
        y, f = truth[kept], probabilities[kept]
        share, posts = y.mean(axis=0), len(y)
        if planned:
            frame = Frame(y.shape[1])
            frame.add(f)
            drawn = [planned_sample(frame, f, labels, int(random.integers(2**32))) for _ in range(_AT_ONCE)]
            chosen = np.array([[*map(int, sample)] for sample in drawn])
            chances = np.array([[*sample.values()] for sample in drawn])
        else:
            chosen = np.argpartition(random.random((_AT_ONCE, posts)), labels, axis=1)[:, :labels]
            chances = np.full(chosen.shape, labels / posts)
        alike = np.full(chosen.shape, labels / posts)
        tallies[0].add(corrected_shares(y[chosen], f[chosen], f.mean(axis=0), chances, posts), share)
        plain_labels = y[np.argpartition(random.random((_AT_ONCE, posts)), labels, axis=1)[:, :labels]]
        tallies[1].add(labels_alone(plain_labels, alike, posts), share)
        counts = np.bincount(f.argmax(axis=1), minlength=y.shape[1])
        low, high = wilson(counts, posts)
        repeated = [np.broadcast_to(of, (_AT_ONCE, len(of))) for of in (counts / posts, low, high, low, low)]
        tallies[2].add(Shares(*repeated), share)
    how = "planned" if planned else "by chance"
    return [
        {
            "set": name,
            "posts": len(truth),
            "shift": int(shift),
            "sample": how,
            "labels": labels,
            "emotion": emotion,
            "share": f"{truth[:, k].mean():.4f}",
            "samples": int(tallies[0].samples[k]),
            "coverage": f"{tallies[0].held[k]:.3f}",
            "coverage_labels_alone": f"{tallies[1].held[k]:.3f}",
            "coverage_count": f"{tallies[2].held[k]:.3f}",
            "width": f"{tallies[0].width[k]:.4f}",
            "width_labels_alone": f"{tallies[1].width[k]:.4f}",
            "ratio": f"{tallies[0].width[k] / tallies[1].width[k]:.3f}",
        }
        for k, emotion in enumerate(SEVEN)
        if tallies[0].samples[k]
    ]


def groups(name: str, truth: np.ndarray, probabilities: np.ndarray, labels: int) -> list[dict[str, object]]:
    """The same of the difference between two groups, of a third and two thirds of the posts."""
    from feelscope.metrics.prediction_powered import difference_of

    random = np.random.default_rng(SEED)
    member = np.random.default_rng(1).random(len(truth)) < 1 / 3
    places = [np.flatnonzero(member), np.flatnonzero(~member)]
    real = truth[member].mean(axis=0) - truth[~member].mean(axis=0)
    held, width, plain_width = np.zeros((3, truth.shape[1]))
    for _ in range(RESAMPLES):
        chosen = random.permutation(len(truth))[:labels]
        found, alone = [], []
        for own in places:
            here = chosen[np.isin(chosen, own)]
            chances = np.full(len(here), len(here) / len(own))
            means = probabilities[own].mean(axis=0)
            found.append(corrected_shares(truth[here], probabilities[here], means, chances, len(own)))
            alone.append(labels_alone(truth[here], chances, len(own)))
        _, low, high = difference_of(*found)
        held += (low <= real) & (real <= high)
        width += high - low
        _, low, high = difference_of(*alone)
        plain_width += high - low
    return [
        {
            "set": name,
            "posts": len(truth),
            "shift": 0,
            "sample": "difference of groups",
            "labels": labels,
            "emotion": emotion,
            "share": f"{truth[:, k].mean():.4f}",
            "samples": RESAMPLES,
            "coverage": f"{held[k] / RESAMPLES:.3f}",
            "coverage_labels_alone": "",
            "coverage_count": "",
            "width": f"{width[k] / RESAMPLES:.4f}",
            "width_labels_alone": f"{plain_width[k] / RESAMPLES:.4f}",
            "ratio": f"{width[k] / plain_width[k]:.3f}",
        }
        for k, emotion in enumerate(SEVEN)
        if truth[:, k].mean() >= LEAST
    ]


class Tally:
    """Counts how often intervals hold a share of `LEAST` or more, and adds up their widths."""

    def __init__(self) -> None:
        self._samples, self._held, self._width = np.zeros((3, len(SEVEN)))

    def add(self, found: Shares, share: np.ndarray) -> None:
        frequent = share >= LEAST
        self._samples += len(found.low) * frequent
        self._held += ((found.low <= share) & (share <= found.high)).sum(axis=0) * frequent
        self._width += (found.high - found.low).sum(axis=0) * frequent

    @property
    def samples(self) -> np.ndarray:
        return self._samples

    @property
    def held(self) -> np.ndarray:
        return np.asarray(self._held / np.maximum(self._samples, 1))

    @property
    def width(self) -> np.ndarray:
        return np.asarray(self._width / np.maximum(self._samples, 1))


if __name__ == "__main__":
    main()
