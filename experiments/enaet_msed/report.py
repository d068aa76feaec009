"""The tables of README.md, and scores.csv and scores.png beside it: `python report.py OUT`."""

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from feelscope.metrics.scores import count_answers, macro_f1

RESAMPLES, SEED = 2_000, 0
HERE = Path(__file__).parent
PAIRS = (
    ("EnAET", "supervised"),
    ("EnAET", "supervised, same wall"),
    ("EnAET", "supervised, frozen, same wall"),
    ("EnAET", "text"),
    ("EnAET", "MixMatch"),
    ("EnAET", "shuffled guesses"),
    ("MixMatch", "supervised, frozen, same wall"),
    ("MixMatch", "text"),
    ("shuffled guesses", "supervised, frozen, same wall"),
    ("image EnAET", "image"),
)


def main(out: Path) -> None:
    """Print the tables, and copy the scores."""
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers: dict[tuple[str, str], dict[str, np.ndarray]] = defaultdict(dict)
    labels = np.zeros(0)
    for row in rows:
        with np.load(out / f"{row['name']} {row['share']} {row['draw']}.npz") as kept:
            answers[row["name"], row["share"]][row["draw"]] = kept["macro_f1"]
            labels = kept["labels"]
    shares = sorted({row["share"] for row in rows})
    names = list(dict.fromkeys(row["name"] for row in rows))
    print("| model | labels | draws | macro-F1 | read by its words | by its picture | seconds |")
    print("|---|---|---|---|---|---|---|")
    for share in shares:
        for name in names:
            some = [row for row in rows if (row["name"], row["share"]) == (name, share)]
            if some:
                means = [_mean(some, column) for column in ("macro_f1", "by_text", "by_image")]
                seconds = np.mean([float(row["seconds"]) for row in some])
                shown = " | ".join("" if mean is None else f"{mean:.3f}" for mean in means)
                print(f"| {name} | {float(share):.0%} | {len(some)} | {shown} | {seconds:.0f} |")
    print("\n| difference | labels | draws | macro-F1 | 95% interval |\n|---|---|---|---|---|")
    for better, worse in PAIRS:
        for share in shares:
            one, other = answers[better, share], answers[worse, share]
            draws = sorted(one.keys() & other.keys())
            if draws:
                mean, low, high = paired([one[draw] for draw in draws], [other[draw] for draw in draws], labels)
                interval = f"{low:+.3f} to {high:+.3f}"
                print(f"| {better} - {worse} | {float(share):.0%} | {len(draws)} | {mean:+.3f} | {interval} |")
    (HERE / "scores.csv").write_bytes((out / "scores.csv").read_bytes())
    _draw(rows, names, shares)


def _mean(rows: list[dict[str, str]], column: str) -> float | None:
    values = [float(row[column]) for row in rows if row[column]]
    return float(np.mean(values)) if values else None


def paired(one: list[np.ndarray], other: list[np.ndarray], labels: np.ndarray) -> tuple[float, float, float]:
    """The mean difference of macro-F1 over draws, and its 95% interval over resampled posts and draws.

    Args:
        one, other: For each draw, the emotions answered (N,).
        labels: (N,).
    """
    random, count = np.random.default_rng(SEED), int(labels.max()) + 1
    both = np.stack([np.stack(one), np.stack(other)])  # (2, draws, N)
    counted = np.unique(labels)

    def score(posts: np.ndarray, draws: np.ndarray) -> float:
        return float(
            np.mean(
                [
                    _f1(labels[posts], both[0, draw, posts], count, counted)
                    - _f1(labels[posts], both[1, draw, posts], count, counted)
                    for draw in draws
                ]
            )
        )

    every = np.arange(len(labels))
    found = [
        score(random.integers(len(labels), size=len(labels)), random.integers(len(one), size=len(one)))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(found, [0.025, 0.975])
    return score(every, np.arange(len(one))), float(low), float(high)


def _f1(labels: np.ndarray, answers: np.ndarray, count: int, counted: np.ndarray) -> float:
    return float(macro_f1(count_answers(labels, answers, count), counted))


def _draw(rows: list[dict[str, str]], names: list[str], shares: list[str]) -> None:
    """Each draw as a point, by model and share."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(shares), figsize=(11, 4.5), sharey=True, layout="constrained")
    for axis, share in zip(np.atleast_1d(axes), shares, strict=True):
        for place, name in enumerate(names):
            values = [float(row["macro_f1"]) for row in rows if (row["name"], row["share"]) == (name, share)]
            if values:
                axis.plot(values, [place] * len(values), "o", color="0.6", markersize=4)
                axis.plot(np.mean(values), place, "D", color="C3" if name == "EnAET" else "C0")
        axis.set_yticks(range(len(names)), names)
        axis.set_title(f"{float(share):.0%} of the labels")
        axis.set_xlabel("macro-F1 on dev")
        axis.grid(axis="x", alpha=0.3)
    np.atleast_1d(axes)[0].invert_yaxis()
    figure.savefig(HERE / "scores.png", dpi=120)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
