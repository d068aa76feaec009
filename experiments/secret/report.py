"""SECRET: scores of every row, what it gains over the others with Holm's correction over sets, and the figure.

    python experiments/secret/report.py runs.jsonl --out experiments/secret

Writes scores.csv, gains.csv, gains.png and gains.svg, and prints the tables.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from data import SETS
from run import ROWS

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, canvas, save
from feelscope.metrics.intervals import draw, interval, with_interval
from feelscope.metrics.many_tests import bootstrap_p, holm
from feelscope.metrics.scores import accuracy, count_draws, macro_f1
from feelscope.text.csv_cells import write_csv

RESAMPLES = 10_000
SCORES = {"macro_f1": macro_f1, "accuracy": accuracy}
OTHERS = {"single": GREY, "ensemble": ORANGE, "permuted": BLUE}  # what SECRET is compared with
NAMES = dict(zip(SETS, ("MSED", "airline", "TweetEval", "SST-2", "digits", "breast cancer"), strict=True))
MEASURED = ("macro_f1", "accuracy", "validation_macro_f1")
COST = ("models", "seconds", "processor_seconds")
KEPT = ("set", "seed", "row", *MEASURED, "trials", *COST)

Runs = dict[str, list[dict]]  # by row, one a seed


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("runs", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    lines = [json.loads(line) for line in options.runs.read_text(encoding="utf-8").splitlines()]
    sets: dict[str, Runs] = {}
    for line in sorted(lines, key=lambda line: line["seed"]):
        sets.setdefault(line["set"], {}).setdefault(line["row"], []).append(line)
    sets = {name: sets[name] for name in SETS if name in sets}
    kept = [{name: line[name] for name in KEPT} | {"settings": json.dumps(line["settings"])} for line in lines]
    write_csv(options.out / "scores.csv", kept)
    show_scores(sets)
    gains = [gain for name, runs in sets.items() for gain in gains_of(name, runs)]
    show_gains(gains)
    figure(gains, options.out)


def show_scores(sets: dict[str, Runs]) -> None:
    """Means over seeds, and what a run cost."""
    print("| set | row | macro-F1 | accuracy | on rows held out | share | models | seconds | of a processor |")
    print("|---" * 9 + "|")
    for name, runs in sets.items():
        for row in ROWS:
            scores, cost = ([np.mean([run[key] for run in runs[row]]) for key in keys] for keys in (MEASURED, COST))
            shares = [run["settings"]["share"] for run in runs[row] if "share" in run["settings"]]
            share = f"{np.mean(shares):.2f}" if shares else "–"
            cells = " | ".join([*(f"{value:.3f}" for value in scores), share, *(f"{value:.0f}" for value in cost)])
            print(f"| {NAMES[name]} | {row} | {cells} |")


def gains_of(name: str, runs: Runs) -> list[dict]:
    """SECRET less each other row, by score: the mean over seeds, its interval over posts and seeds, and p."""
    size = 1 + max(max(run["rows"]) for run in runs["secret"])
    seeds = len(runs["secret"])
    posts, drawn_seeds = draw(size, RESAMPLES), draw(seeds, RESAMPLES, seed=1) / seeds  # (1 + R, N), (1 + R, S)
    found: dict[tuple[str, str], np.ndarray] = {}
    for row in ROWS:
        by_score: dict[str, list[np.ndarray]] = {score: [] for score in SCORES}
        for run in runs[row]:
            emotions = 1 + max(run["labels"])
            counts = count_draws(posts[:, run["rows"]], np.array(run["labels"]), np.array(run["answers"]), emotions)
            for score, function in SCORES.items():
                by_score[score].append(function(counts, np.arange(emotions)))
        for score, values in by_score.items():
            found[row, score] = np.stack(values, axis=1)  # (1 + R, S)
    gains = []
    for other in OTHERS:
        for score in SCORES:
            less = ((found["secret", score] - found[other, score]) * drawn_seeds).sum(axis=1)  # (1 + R,)
            low, high = interval(less[1:])
            gain = {"set": name, "over": other, "score": score, "gain": float(less[0]), "low": low, "high": high}
            gains.append(gain | {"p": bootstrap_p(less[1:])})
    return gains


def show_gains(gains: list[dict]) -> None:
    """A row for each set: three gains of macro-F1, the largest p of the three, corrected, and the gains of accuracy."""
    sets = list(dict.fromkeys(gain["set"] for gain in gains))
    of = {(gain["set"], gain["over"], gain["score"]): gain for gain in gains}
    decided = {name: [of[name, other, "macro_f1"] for other in OTHERS] for name in sets}
    corrected = holm([max(gain["p"] for gain in decided[name]) for name in sets])
    print("\n| set | over single | over ensemble | over permuted | p, corrected | holds |\n" + "|---" * 6 + "|")
    for name, p in zip(sets, corrected, strict=True):
        holds = p < 0.05 and all(gain["gain"] > 0 for gain in decided[name])
        print(f"| {NAMES[name]} | {cells(decided[name])} | {p:.3f} | {'yes' if holds else 'no'} |")
    print("\n| set, accuracy | over single | over ensemble | over permuted |\n" + "|---" * 4 + "|")
    for name in sets:
        print(f"| {NAMES[name]} | {cells([of[name, other, 'accuracy'] for other in OTHERS])} |")


def cells(gains: list[dict]) -> str:
    return " | ".join(with_interval(gain["gain"], (gain["low"], gain["high"]), " to ") for gain in gains)


def figure(gains: list[dict], out: Path) -> None:
    """Gains of macro-F1 by set, each with its interval."""
    shown = [gain for gain in gains if gain["score"] == "macro_f1"]
    sets = list(dict.fromkeys(gain["set"] for gain in shown))
    with canvas(COLUMN * 1.3, 3.0) as drawn:
        axes = drawn.subplots()
        for number, (other, colour) in enumerate(OTHERS.items()):
            own = [gain for gain in shown if gain["over"] == other]
            places = [sets.index(gain["set"]) + (number - 1) * 0.22 for gain in own]
            values = np.array([[gain["gain"], gain["low"], gain["high"]] for gain in own]) * 100
            ends = [values[:, 0] - values[:, 1], values[:, 2] - values[:, 0]]
            axes.errorbar(values[:, 0], places, xerr=ends, fmt="o", color=colour, label=f"over {other}", capsize=2)
        axes.axvline(0, color="black", linewidth=0.6)
        axes.set(yticks=range(len(sets)), yticklabels=[NAMES[name] for name in sets], xlabel="points of macro-F1")
        axes.invert_yaxis()
        drawn.legend(loc="outside upper center", ncols=3, fontsize=7)
    save(drawn, gains, out, "gains")


if __name__ == "__main__":
    main()
