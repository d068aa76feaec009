"""What `table.py` found: the table, differences with intervals of a paired bootstrap over posts, curves of accuracy."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from feelscope.drawing import BLUE, ORANGE, Drawn, Row, canvas, save
from feelscope.files import write_text
from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.scores import answer, count_draws, macro_f1

COLUMNS = {
    "dev_loss": "dev loss",
    "train_accuracy": "train accuracy",
    "dev_accuracy": "dev accuracy",
    "dev_macro_f1": "dev macro-F1",
    "dev_macro_f1_without_overlap": "without overlap",
}
PICTURE, LSTM, JOINT, BARE = (
    "picture, frozen",
    "words, LSTM",
    "Deep Sentiment, LSTM",
    "Deep Sentiment, LSTM, nothing added",
)
ENSEMBLE = "LSTM and picture, answers multiplied"
PAIRS = ((JOINT, LSTM), (JOINT, PICTURE), (BARE, LSTM), (BARE, PICTURE), (ENSEMBLE, LSTM), (JOINT, ENSEMBLE))
CURVES = {"picture alone (figure 3.14)": PICTURE, "words, LSTM": LSTM, "Deep Sentiment, LSTM (figure 6.4)": JOINT}


def file_name(name: str, seed: int) -> str:
    return f"{name} {seed}".replace(",", "").replace(" ", "-")


def write_report(out: Path, folder: Path) -> None:
    lines = [json.loads(line) for line in (out / "lines.jsonl").read_text().splitlines()]
    with np.load(out / "dev.npz") as dev:
        labels, fresh = dev["labels"], dev["fresh"]
    answers = read_answers(out)
    lines += ensemble_lines(answers, labels, fresh)
    names = list(dict.fromkeys(name for line in lines for name in line))
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in line.items()} for line in lines)
    text = to_markdown(lines) + "\n" + differences(answers, labels)
    write_text(out / "table.md", text)
    print(text)
    print(*save(*accuracies(out / "answers"), folder / "figures", "accuracy"))


def read_answers(out: Path) -> dict[str, list[np.ndarray]]:
    """Dev probabilities (N, K) of every seed, by model; and those of the ensemble."""
    found: dict[str, list[np.ndarray]] = {}
    for name in (PICTURE, LSTM, JOINT, BARE):
        paths = [out / "answers" / f"{file_name(name, seed)}.npy" for seed in range(9)]
        found[name] = [np.load(path) for path in paths if path.exists()]
    found[ENSEMBLE] = [words * picture for words, picture in zip(found[LSTM], found[PICTURE], strict=False)]
    return {name: tables for name, tables in found.items() if tables}


def ensemble_lines(answers: dict[str, list[np.ndarray]], labels: np.ndarray, fresh: np.ndarray) -> list[dict]:
    lines = []
    for seed, table in enumerate(answers.get(ENSEMBLE, [])):
        shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-12)  # (N, K)
        scores = {
            "dev_macro_f1": macro_f1_of(table, labels),
            "dev_macro_f1_without_overlap": macro_f1_of(table[fresh], labels[fresh]),
        }
        right = float((answer(table) == labels).mean())
        loss = float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12)).mean())
        lines.append({"model": ENSEMBLE, "seed": seed, "dev_accuracy": right, "dev_loss": loss, **scores})
    return lines


def macro_f1_of(table: np.ndarray, labels: np.ndarray) -> float:
    counts = count_draws(np.ones((1, len(labels)), int), labels, answer(table), table.shape[1])
    return float(macro_f1(counts, np.unique(labels))[0])


def differences(answers: dict[str, list[np.ndarray]], labels: np.ndarray) -> str:
    """Of macro-F1, the mean over seeds, on the same draws of posts."""
    draws, present = draw(len(labels)), np.unique(labels)
    means = {
        name: np.mean([macro_f1(count_draws(draws, labels, answer(t), t.shape[1]), present) for t in tables], axis=0)
        for name, tables in answers.items()
    }
    lines = ["| macro-F1 of | less that of | difference (95%) |", "|---|---|---|"]
    for first, second in PAIRS:
        if first in means and second in means:
            less = means[first] - means[second]  # (1 + R,)
            low, high = interval(less[1:])
            lines.append(f"| {first} | {second} | {less[0]:+.3f} ({low:+.3f} to {high:+.3f}) |")
    return "\n".join(lines) + "\n"


def accuracies(answers: Path) -> Drawn:
    """Accuracy by epoch, on posts of the training and on the validation split, a line a seed."""
    rows: list[Row] = []
    histories = {
        title: {seed: path for seed in range(9) if (path := answers / f"{file_name(name, seed)}.json").exists()}
        for title, name in CURVES.items()
    }
    trained = {title: paths for title, paths in histories.items() if paths}
    with canvas(3.4, 0.4 + 1.6 * len(trained)) as figure:
        panels = figure.subplots(len(trained), 1, squeeze=False)[:, 0]
        for axes, (title, paths) in zip(panels, trained.items(), strict=True):
            name, first = CURVES[title], min(paths)
            for seed, path in paths.items():
                history = json.loads(path.read_text())
                mine = [
                    {
                        "model": name,
                        "seed": seed,
                        "epoch": record["epoch"],
                        "training": record["train_accuracy"],
                        "validation": record["validation_accuracy both"],
                    }
                    for record in history
                ]
                rows += mine
                for kind, colour in (("training", BLUE), ("validation", ORANGE)):
                    epochs, values = [row["epoch"] for row in mine], [row[kind] for row in mine]
                    axes.plot(epochs, values, color=colour, label=kind if seed == first else None)
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.set(title=title, ylabel="accuracy", ylim=(0.2, 1.0))
        axes.set_xlabel("epoch")
        axes.legend(loc="lower right")
    return figure, rows


def to_markdown(lines: Sequence[dict]) -> str:
    """The mean over seeds, with the lowest and highest where there are several."""
    rows = [f"| model | seeds | {' | '.join(COLUMNS.values())} |", "|---" * (2 + len(COLUMNS)) + "|"]
    for name in dict.fromkeys(line["model"] for line in lines):
        seeds = [line for line in lines if line["model"] == name]
        cells = []
        for key in COLUMNS:
            values = [line[key] for line in seeds if key in line]
            spread = f" ({min(values):.3f}–{max(values):.3f})" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.3f}{spread}" if values else "–")
        rows.append(f"| {name} | {len(seeds)} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"
