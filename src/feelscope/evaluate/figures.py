"""Figures of training and evaluation: each is drawn from rows, and the rows are saved beside it as CSV.

Every function returns the figure and its rows, for `save(*reliability_diagram(scores), folder, "reliability")`. What
they take as scores is one combination of modalities of `Evaluation.to_json()`, such as `["both"]`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, Drawn, Row, canvas, draw_intervals, save, write_in_cells
from feelscope.errors import FeelscopeError
from feelscope.metrics.intervals import shown
from feelscope.post import COMBINATIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOSSES, _ACCURACIES = ("train_loss", "validation_loss"), ("train_accuracy", "validation_accuracy")


def save_all(folder: Path | str, scores: Mapping[str, Any], history: Sequence[Row] = ()) -> list[Path]:
    """Save every figure there is data for.

    Args:
        history: As `learning_curve` takes it; empty for a model that was not trained here.
    """
    figures = {
        "confusion": confusion_matrix(scores),
        "reliability": reliability_diagram(scores),
        "f1_by_emotion": f1_by_emotion(scores),
    }
    if history:
        figures["learning_curve"] = learning_curve(history)
    return [file for name, drawn in figures.items() for file in save(*drawn, folder, name)]


def learning_curve(history: Sequence[Row]) -> Drawn:
    """Losses, accuracies and macro-F1 by epoch, the best epoch marked.

    Args:
        history: One dict an epoch: `epoch`, `train_loss`, `validation_loss`, `train_accuracy`, `validation_accuracy`,
            `validation_macro_f1`; values may be None.
    """
    keys = ("epoch", *_LOSSES, *_ACCURACIES, "validation_macro_f1")
    rows: list[Row] = [{key: epoch.get(key) for key in keys} for epoch in history]
    if not rows:
        raise FeelscopeError("a learning curve needs one epoch or more, the history is empty: train first")
    told = [row for row in rows if any(row[key] is not None for key in _ACCURACIES)]
    scored = [row for row in rows if row["validation_macro_f1"] is not None]
    count = 1 + bool(told) + bool(scored)
    with canvas(COLUMN, 0.4 + 1.4 * count) as figure:
        panels = list(figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0])
        for axes, name, (training, validation) in zip(
            panels, ("loss", "accuracy") if told else ("loss",), (_LOSSES, _ACCURACIES), strict=False
        ):
            _curve(axes, rows, training, "training", BLUE, "o")
            _curve(axes, rows, validation, "validation", ORANGE, "s")
            axes.set_ylabel(name)
        panels[0].legend()
        if scored:
            best = max(scored, key=lambda row: row["validation_macro_f1"])
            _curve(panels[-1], rows, "validation_macro_f1", "validation", ORANGE, "s")
            for axes in panels:
                axes.axvline(best["epoch"], color=GREY, linewidth=0.8, linestyle=":")
            title = f"best {best['validation_macro_f1']:.3f} at epoch {best['epoch']}"
            panels[-1].set(title=title, ylabel="macro-F1 (validation)")
        epochs = [row["epoch"] for row in rows]
        panels[-1].set(xlabel="epoch", xlim=(min(epochs) - 0.5, max(epochs) + 0.5))
        panels[-1].xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    return figure, rows


def _curve(axes: "Axes", rows: Sequence[Row], key: str, label: str, colour: str, marker: str) -> None:
    points = [(row["epoch"], row[key]) for row in rows if row[key] is not None]
    if points:
        axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=label)


def confusion_matrix(scores: Mapping[str, Any]) -> Drawn:
    """Share of each emotion's posts by answer: rows are the true emotions, every row sums to 100 with "no answer"."""
    confusion = scores["confusion"]
    emotions, answers, matrix = list(confusion["rows"]), list(confusion["columns"]), [*map(list, confusion["matrix"])]
    if any(confusion["unread"]):
        answers.append("no answer")
        matrix = [[*row, unread] for row, unread in zip(matrix, confusion["unread"], strict=True)]
    shares = [[posts / max(1, sum(row)) for posts in row] for row in matrix]
    rows: list[Row] = [
        {"emotion": emotion, "answer": answer, "posts": posts, "share": share}
        for emotion, counts, row in zip(emotions, matrix, shares, strict=True)
        for answer, posts, share in zip(answers, counts, row, strict=True)
    ]
    side, size = (0.27, 6) if len(answers) > 10 else (0.36, 7)  # inches a cell, points a number
    with canvas(max(COLUMN, 1.6 + side * len(answers)), 1.2 + side * len(emotions)) as figure:
        axes = figure.subplots()
        axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        axes.set_xticks(range(len(answers)), answers, rotation=45, ha="right", rotation_mode="anchor")
        names = [f"{emotion} ({sum(row):,})" for emotion, row in zip(emotions, matrix, strict=True)]
        axes.set_yticks(range(len(emotions)), names)
        axes.set(title="% of each emotion's posts, by answer", xlabel="answer", ylabel="true emotion (posts)")
        texts = [[f"{100 * share:.0f}" if share >= 0.005 else "" for share in row] for row in shares]
        write_in_cells(axes, texts, [[share < 0.5 for share in row] for row in shares], size)
    return figure, rows


def reliability_diagram(scores: Mapping[str, Any]) -> Drawn:
    """Accuracy by confidence in 15 bins, beside the diagonal of a perfectly calibrated model, and the posts a bin."""
    rows: list[Row] = list(scores["reliability"])
    filled = [row for row in rows if row["posts"]]
    if not filled:
        raise FeelscopeError(
            "a reliability diagram needs answered posts, there are none: check the model and the table"
        )
    edges, width = [row["lower"] for row in filled], filled[0]["upper"] - filled[0]["lower"]
    with canvas(COLUMN, 3.6) as figure:
        accuracy, posts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        heights = [row["accuracy"] for row in filled]
        accuracy.bar(edges, heights, width, align="edge", color=BLUE, edgecolor="white", alpha=0.85)
        means = [row["confidence"] for row in filled]
        accuracy.plot(means, heights, "o", color="black", markersize=2.5, label="mean confidence of the bin")
        accuracy.plot([0, 1], [0, 1], color=ORANGE, linestyle="--", label="perfectly calibrated")
        title = f"expected calibration error {shown(scores, 'ece')}"
        accuracy.set(title=title, xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
        accuracy.legend(loc="upper left", frameon=True, edgecolor="none", framealpha=0.8)
        posts.bar(edges, [row["posts"] for row in filled], width, align="edge", color=GREY, edgecolor="white")
        posts.set(xlabel="confidence", ylabel="posts")
    return figure, rows


def f1_by_emotion(scores: Mapping[str, Any]) -> Drawn:
    """F1 of each emotion with its 95% interval, the best on top, beside the macro-F1 over them."""
    rows: list[Row] = []
    for emotion, of in sorted(scores["per_emotion"].items(), key=lambda pair: -pair[1]["f1"]):
        low, high = of["f1_interval"] or (None, None)
        rows.append({"emotion": emotion, "f1": of["f1"], "low": low, "high": high, "posts": of["support"]})
    with canvas(COLUMN, 0.9 + 0.22 * len(rows)) as figure:
        axes = figure.subplots()
        draw_intervals(axes, [f"{row['emotion']} ({row['posts']:,})" for row in rows], rows, "f1")
        axes.axvline(scores["macro_f1"], color=ORANGE, linestyle="--", linewidth=1)
        axes.set_title(f"macro-F1 {shown(scores, 'macro_f1')}", color=ORANGE)
        axes.set(xlim=(0, 1), xlabel="F1 and its 95% interval")
    return figure, rows


def by_modality(scores: Mapping[str, Any]) -> Drawn:
    """Macro-F1 of posts as they are, of their words alone and of their pictures alone, each with its 95% interval.

    Args:
        scores: All of `Evaluation.to_json()`; a combination of modalities that no post has is left out.
    """
    rows: list[Row] = []
    for key, title in COMBINATIONS.items():
        if one := scores[key]:
            low, high = one["intervals"].get("macro_f1", (None, None))
            rows.append(
                {"modalities": title, "posts": one["posts"], "macro_f1": one["macro_f1"], "low": low, "high": high}
            )
    with canvas(COLUMN, 0.8 + 0.22 * len(rows)) as figure:
        axes = figure.subplots()
        draw_intervals(axes, [f"{row['modalities']} ({row['posts']:,})" for row in rows], rows, "macro_f1")
        axes.set(xlim=(-0.02, 1.02), xlabel="macro-F1 and its 95% interval")  # a dot at either end is whole
    return figure, rows
