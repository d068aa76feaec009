"""DSReg: the gains of each task with their intervals, and the gain against the ratio of hard negatives to positives.

    python experiments/dsreg/table.py runs.jsonl DATA --out experiments/dsreg

Prints the tables, and writes scores.csv with a line for each training, and gains and ratio as PNG, SVG and CSV.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from paired import Gain, holm, over_seeds, resampled
from protocol import CURVE, LONGER, METHODS, RATIO, RECIPE, TASKS, read

from feelscope.drawing import BLUE, COLUMN, ORANGE, canvas, save
from feelscope.text.csv_cells import write_csv

EPOCHS = RECIPE.steps.epochs
NAMES = {"words": "by words", "chance": "by chance"}
COLOURS = {"words": BLUE, "chance": ORANGE}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("runs", type=Path)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    lines = [json.loads(line) for line in options.runs.read_text(encoding="utf-8").splitlines()]
    columns = ("stage", "task", "by", "weight", "ratio", "hard", "seed", "epochs", "epoch", "seconds")
    rows = [{name: line.get(name, "") for name in (*columns, "validation", "test")} for line in lines]
    write_csv(options.out / "scores.csv", [_rounded(row) for row in rows])
    scores = Scores(lines, options.data)
    gains(scores, options.out)
    curve(scores, options.out)


def _rounded(row: dict) -> dict:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}


class Scores:
    """Scores of resampled posts and seeds, by task, method, ratio and epochs."""

    def __init__(self, lines: list[dict], data: Path):
        lines = [line for line in lines if line["stage"] != "tune"]
        counts = Counter((line["stage"], line["seed"]) for line in lines)
        most = {stage: max(count for (one, _), count in counts.items() if one == stage) for stage, _ in counts}
        self._lines = [
            line for line in lines if counts[line["stage"], line["seed"]] == most[line["stage"]]
        ]  # whole seeds
        self._data, self._parts, self._known = data, {}, {}

    def parts(self, task: str) -> dict:
        """The posts of a task's set."""
        name = TASKS[task].set
        if name not in self._parts:
            self._parts[name] = read(self._data, name)
        return self._parts[name]

    def lines(self, task: str, by: str, stage: str = "test", ratio: float = RATIO, epochs: int = EPOCHS) -> list[dict]:
        """The trainings of one recipe, by seed."""
        wanted = {"task": task, "by": by, "stage": stage, "ratio": ratio, "epochs": epochs}
        found = [line for line in self._lines if all(line[name] == value for name, value in wanted.items())]
        return sorted(found, key=lambda line: line["seed"])

    def of(self, task: str, by: str, **settings) -> np.ndarray:
        """(S, 1 + R)."""
        known = (task, by, *sorted(settings.items()))
        if known not in self._known:
            posts = self.parts(task)["test"]
            labels = np.array([TASKS[task].label(post) for post in posts])
            found = self.lines(task, by, **settings)
            answers = np.array([[int(answer) for answer in line["answers"]] for line in found])
            self._known[known] = resampled(labels, answers, TASKS[task])
        return self._known[known]

    def gain(self, task: str, by: str, over: str, epochs: int = EPOCHS, **settings) -> Gain:
        """Of a method over another one, of the same seeds."""
        one = self.of(task, by, **settings)
        other = self.of(task, over, epochs=epochs) if over == "off" else self.of(task, over, **settings)
        return Gain(over_seeds(one - other[: len(one)]))

    def shares(self, task: str, line: dict) -> float:
        """Hard negatives for each positive in a training's posts."""
        posts, emotion = self.parts(task)["train"], TASKS[task].emotion
        return line["hard"] / sum(not emotion or post.emotion == emotion for post in posts)


def gains(scores: Scores, out: Path) -> None:
    """The main table and figure."""
    compared = {
        "over off": lambda task: scores.gain(task, "words", "off"),
        "over off, longer": lambda task: scores.gain(task, "words", "off", LONGER),
        "over the control": lambda task: scores.gain(task, "words", "chance"),
        "of the control over off": lambda task: scores.gain(task, "chance", "off"),
    }
    found = {name: {task: one(task) for task in TASKS} for name, one in compared.items()}
    for by_task in found.values():
        holm(list(by_task.values()))
    print("| task | hard for each positive | weight | off | off, longer | by words | by chance | seconds |")
    print("|---" * 8 + "|")
    for task in TASKS:
        first = scores.lines(task, "words")[0]
        weights = "; ".join(f"{scores.lines(task, by)[0]['weight']:g}" for by in METHODS)
        means = [
            np.mean([line["test"] for line in scores.lines(task, by, epochs=epochs)])
            for by, epochs in (("off", EPOCHS), ("off", LONGER), ("words", EPOCHS), ("chance", EPOCHS))
        ]
        seconds = "; ".join(
            f"{np.mean([line['seconds'] for line in scores.lines(task, by, epochs=epochs)]):.1f}"
            for by, epochs in (("off", EPOCHS), ("off", LONGER), ("words", EPOCHS))
        )
        cells = " | ".join(f"{mean:.3f}" for mean in means)
        print(f"| {task} | {scores.shares(task, first):.1f} | {weights} | {cells} | {seconds} |")
    rows = []
    for name, by_task in found.items():
        print(f"\n**Gain {name}**\n\n| task | gain | 95% | Holm: p | interval |\n|---|---|---|---|---|")
        for task, gain in by_task.items():
            (low, high), (p, below, above) = gain.interval(), gain.corrected
            print(f"| {task} | {gain.mean:+.3f} | {low:+.3f} to {high:+.3f} | {p:.3f} | {below:+.3f} to {above:+.3f} |")
            row = {"gain": name, "task": task, "mean": gain.mean, "low": low, "high": high}
            rows.append(_rounded(row | {"p_holm": p, "holm_low": below, "holm_high": above}))
        together = Gain(np.mean([gain.values for gain in by_task.values()], axis=0))
        low, high = together.interval()
        print(f"| mean | {together.mean:+.3f} | {low:+.3f} to {high:+.3f} | | |")
        row = {"gain": name, "task": "mean", "mean": together.mean, "low": low, "high": high}
        rows.append(_rounded(row | dict.fromkeys(("p_holm", "holm_low", "holm_high"), "")))
    with canvas(2 * COLUMN, 3.6) as drawn:
        axes = drawn.subplots()
        for by, name, shift in (("words", "over off", -0.15), ("chance", "of the control over off", 0.15)):
            for height, gain in enumerate(found[name].values()):
                label = NAMES[by] if not height else None
                axes.plot(gain.mean, height + shift, "o", color=COLOURS[by], label=label)
                axes.plot(gain.interval(), [height + shift] * 2, color=COLOURS[by])
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_yticks(range(len(TASKS)), list(TASKS))
        axes.set_ylim(len(TASKS) - 0.5, -0.5)
        axes.set_xlabel("gain in F1 over the labels alone, 95% interval")
        axes.legend(title="hard negatives")
    save(drawn, rows, out, "gains")


def curve(scores: Scores, out: Path) -> None:
    """The gain against the ratio."""
    rows = []
    print("\n| task | hard for each positive | by | gain over off | 95% | seeds |\n|---|---|---|---|---|---|")
    with canvas(2 * COLUMN, 2.2) as drawn:
        panels = drawn.subplots(1, len(CURVE), sharey=True)
        for axes, task in zip(panels, CURVE, strict=True):
            ratios = sorted({line["ratio"] for line in scores._lines if line["stage"] == "ratio"})
            for by in METHODS:
                points = []
                for ratio in ratios:
                    lines = scores.lines(task, by, "ratio", ratio)
                    gain = scores.gain(task, by, "off", stage="ratio", ratio=ratio)
                    share, (low, high) = scores.shares(task, lines[0]), gain.interval()
                    points.append((share, gain.mean, low, high))
                    row = {"task": task, "by": by, "ratio": share, "gain": gain.mean, "low": low, "high": high}
                    rows.append(_rounded(row | {"seeds": len(lines)}))
                    cells = f"{share:.1f} | {NAMES[by]} | {gain.mean:+.3f} | {low:+.3f} to {high:+.3f} | {len(lines)}"
                    print(f"| {task} | {cells} |")
                share, mean, low, high = np.array(points).T
                axes.fill_between(share, low, high, color=COLOURS[by], alpha=0.15, linewidth=0)
                axes.plot(share, mean, "o-", color=COLOURS[by], label=NAMES[by])
            axes.axhline(0, color="black", linewidth=0.8)
            axes.set_xscale("log", base=2)
            axes.set_xticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
            axes.set(title=task, xlabel="hard negatives for each positive")
        panels[0].set_ylabel("gain in F1 over the labels alone")
        panels[0].legend()
    save(drawn, rows, out, "ratio")


if __name__ == "__main__":
    main()
