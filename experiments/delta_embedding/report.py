"""Delta embedding: the table against c, what the claim comes to, and the figure.

    python experiments/delta_embedding/report.py DATA runs*.jsonl --out .

Writes scores.csv, scores.png and scores.svg, and prints the tables.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from protocol import TASKS, read

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, canvas, save
from feelscope.metrics.intervals import draw, interval, with_interval
from feelscope.metrics.many_tests import bootstrap_p, holm
from feelscope.metrics.scores import count_draws, macro_f1

COLUMNS = ("validation_macro_f1", "test_accuracy", "test_macro_f1", "control_macro_f1", "moved", "wordsim", "men")
FULL, FROZEN = 0.0, np.inf  # the ends
MOST_MOVED = 0.3

Runs = dict[float, list[dict]]  # by c, one a seed


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data", type=Path)
    arguments.add_argument("runs", type=Path, nargs="+")
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    groups: dict[tuple[str, str], Runs] = {}
    for file in options.runs:
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            groups.setdefault((line["task"], line["model"]), {}).setdefault(float(line["c"]), []).append(line)
    for (task, model), runs in groups.items():
        show(task, model, runs)
    for most in (MOST_MOVED, 1.0):
        print(f"\nc by the validation split, of those at which at most {most:.0%} of the words moved:")
        show_claims(
            [(task, model, *gains(runs, labels_of(options.data, task), most)) for (task, model), runs in groups.items()]
        )
    figure(groups, options.out)


def labels_of(data: Path, task: str) -> np.ndarray:
    """The labels of the test part, (N,)."""
    posts = read(data, task)["test"]
    emotions = sorted({str(post.emotion) for post in posts})
    return np.array([emotions.index(str(post.emotion)) for post in posts])


def mean(runs: Sequence[dict], name: str) -> float:
    known = [run[name] for run in runs if name in run]
    return float(np.mean(known)) if known else float("nan")


def show(task: str, model: str, runs: Runs) -> None:
    """Means over seeds, a row for each c."""
    print(f"\n**{task}, {model}**\n\n| c | seeds |", " | ".join(COLUMNS), "| seconds | moved farthest |")
    print("|---" * (len(COLUMNS) + 4) + "|")
    for c in sorted(runs):
        cells = " | ".join(f"{mean(runs[c], name):.3f}" for name in COLUMNS)
        words = ", ".join(runs[c][0]["words"][:5])
        print(f"| {c:g} | {len(runs[c])} | {cells} | {mean(runs[c], 'seconds'):.0f} | {words} |")


def chosen(runs: Runs, most: float) -> float:
    """The price with the best score on the validation split, of those at which at most this share of words moved."""
    allowed = [c for c in runs if c not in (FULL, FROZEN) and mean(runs[c], "moved") <= most]
    return max(allowed, key=lambda c: mean(runs[c], "validation_macro_f1"))


def gains(
    runs: Runs, labels: np.ndarray, most: float
) -> tuple[float, dict[str, tuple[float, tuple[float, float], float]], float]:
    """The chosen c; its macro-F1 less that of both ends, each with interval and p; how much WordSim it lost."""
    c = chosen(runs, most)
    draws = draw(len(labels))  # (1 + R, N)
    emotions = int(labels.max()) + 1

    def resampled(price: float) -> np.ndarray:
        """The mean macro-F1 of the seeds in every draw, (1 + R,)."""
        scores = []
        for run in runs[price]:
            answers = np.array(list(map(int, run["test_answers"])))
            scores.append(macro_f1(count_draws(draws, labels, answers, emotions), np.arange(emotions)))
        return np.mean(scores, axis=0)

    own = resampled(c)
    found = {}
    for name, price in (("full", FULL), ("frozen", FROZEN)):
        less = own - resampled(price)
        found[name] = float(less[0]), interval(less[1:]), bootstrap_p(less[1:])
    return c, found, mean(runs[FROZEN], "wordsim") - mean(runs[c], "wordsim")


def show_claims(claims: list) -> None:
    """What the claim comes to for each task and model, with Holm's correction over all of them."""
    corrected = holm([max(p for _, _, p in found.values()) for _, _, _, found, _ in claims])
    print("\n| task, model | c | less full | less frozen | p, corrected | WordSim lost |\n|---|---|---|---|---|---|")
    for (task, model, c, found, lost), p in zip(claims, corrected, strict=True):
        less = [with_interval(value, ends, " to ") for value, ends, _ in found.values()]
        print(f"| {task}, {model} | {c:g} | {less[0]} | {less[1]} | {p:.3f} | {lost:.4f} |")


def figure(groups: dict[tuple[str, str], Runs], out: Path) -> None:
    """Macro-F1 and word similarity against the share of words that moved."""
    rows = [
        {"task": task, "model": model, "c": c, "seed": run["seed"], **{name: run.get(name) for name in COLUMNS}}
        for (task, model), runs in groups.items()
        for c in sorted(runs)
        for run in runs[c]
    ]
    with canvas(COLUMN * 1.9, 4.4) as drawn:
        for number, ((task, model), runs) in enumerate(groups.items(), start=1):
            axes = drawn.add_subplot(2, len(groups) // 2 or 1, number)
            prices = sorted(runs)
            moved = [mean(runs[c], "moved") for c in prices]
            for name, colour in (("test_macro_f1", BLUE), ("control_macro_f1", GREY), ("wordsim", ORANGE)):
                values = [mean(runs[c], name) for c in prices]
                axes.plot(moved, values, "o-", color=colour, markersize=3, label=LABELS[name])
            axes.axvline(MOST_MOVED, color=GREY, linewidth=0.5, linestyle=":")
            axes.set(title=f"{TASKS_SHOWN[task]}, {MODELS[model]}", xlabel="share of words moved", ylim=(0.5, 0.85))
        drawn.axes[0].legend(loc="lower left", fontsize=6)
    save(drawn, rows, out, "scores")


LABELS = {"test_macro_f1": "macro-F1", "control_macro_f1": "moved at random", "wordsim": "WordSim-353"}
TASKS_SHOWN = dict(zip(TASKS, ("SST-2", "airline"), strict=True))
MODELS = {"mean": "mean of vectors", "lstm": "LSTM"}


if __name__ == "__main__":
    main()
