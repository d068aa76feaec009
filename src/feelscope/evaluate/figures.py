"""Figures of training and evaluation: each is drawn from rows, and the rows are saved beside it as CSV.

Every function returns the figure and its rows, for `save(*reliability_diagram(scores), folder, "reliability")`. What
they take as scores is one combination of modalities of `Evaluation.to_json()`, such as `["both"]`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.drawing import (
    BLUE,
    COLUMN,
    GREY,
    ORANGE,
    Drawn,
    Row,
    canvas,
    intervals_beside_names,
    save,
    style,
    write_in_cells,
)
from feelscope.errors import FeelscopeError
from feelscope.metrics.intervals import with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    """Losses and macro-F1 by epoch, the best epoch marked.

    Args:
        history: One dict an epoch: `epoch`, `train_loss`, `validation_loss`, `validation_macro_f1`; values may be None.
    """
    keys = ("epoch", "train_loss", "validation_loss", "validation_macro_f1")
    rows: list[Row] = [{key: epoch.get(key) for key in keys} for epoch in history]
    if not rows:
        raise FeelscopeError("a learning curve needs one epoch or more, the history is empty: train first")
    with style():
        scored = [row for row in rows if row["validation_macro_f1"] is not None]
        figure = canvas(COLUMN, 3.2 if scored else 1.8)
        panels = figure.subplots(2 if scored else 1, 1, sharex=True, squeeze=False)[:, 0]
        _curve(panels[0], rows, "train_loss", "training", BLUE, "o")
        _curve(panels[0], rows, "validation_loss", "validation", ORANGE, "s")
        panels[0].set_ylabel("loss")
        panels[0].legend()
        if scored:
            best = max(scored, key=lambda row: row["validation_macro_f1"])
            _curve(panels[1], rows, "validation_macro_f1", "validation", ORANGE, "s")
            panels[1].axvline(best["epoch"], color=GREY, linewidth=0.8, linestyle=":")
            panels[1].set_title(f"best {best['validation_macro_f1']:.3f} at epoch {best['epoch']}")
            panels[1].set_ylabel("macro-F1 (validation)")
        epochs = [row["epoch"] for row in rows]
        panels[-1].set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
        panels[-1].xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        panels[-1].set_xlabel("epoch")
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
    with style():
        figure = canvas(max(COLUMN, 1.6 + side * len(answers)), 1.2 + side * len(emotions))
        axes = figure.subplots()
        axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        axes.set_title("% of each emotion's posts, by answer")
        axes.set_xticks(range(len(answers)), answers, rotation=45, ha="right", rotation_mode="anchor")
        names = [f"{emotion} ({sum(row):,})" for emotion, row in zip(emotions, matrix, strict=True)]
        axes.set_yticks(range(len(emotions)), names)
        axes.set_xlabel("answer")
        axes.set_ylabel("true emotion (posts)")
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
    edges = [row["lower"] for row in filled]
    width = filled[0]["upper"] - filled[0]["lower"]
    with style():
        figure = canvas(COLUMN, 3.6)
        accuracy, posts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        heights = [row["accuracy"] for row in filled]
        accuracy.bar(edges, heights, width, align="edge", color=BLUE, edgecolor="white", alpha=0.85)
        means = [row["confidence"] for row in filled]
        accuracy.plot(means, heights, "o", color="black", markersize=2.5, label="mean confidence of the bin")
        accuracy.plot([0, 1], [0, 1], color=ORANGE, linestyle="--", label="perfectly calibrated")
        accuracy.set_ylim(0, 1)
        accuracy.set_xlim(0, 1)
        accuracy.set_ylabel("accuracy")
        accuracy.legend(loc="upper left", frameon=True, edgecolor="none", framealpha=0.8)
        error = with_interval(scores["ece"], scores["intervals"].get("ece"))
        accuracy.set_title(f"expected calibration error {error}")
        posts.bar(edges, [row["posts"] for row in filled], width, align="edge", color=GREY, edgecolor="white")
        posts.set_ylabel("posts")
        posts.set_xlabel("confidence")
    return figure, rows


def f1_by_emotion(scores: Mapping[str, Any]) -> Drawn:
    """F1 of each emotion with its 95% interval, the best on top, beside the macro-F1 over them."""
    rows: list[Row] = []
    for emotion, of in sorted(scores["per_emotion"].items(), key=lambda pair: -pair[1]["f1"]):
        low, high = of["f1_interval"] or (None, None)
        rows.append({"emotion": emotion, "f1": of["f1"], "low": low, "high": high, "posts": of["support"]})
    with style():
        figure = canvas(COLUMN, 0.9 + 0.22 * len(rows))
        axes = figure.subplots()
        intervals_beside_names(axes, [f"{row['emotion']} ({row['posts']:,})" for row in rows], rows, "f1")
        axes.axvline(scores["macro_f1"], color=ORANGE, linestyle="--", linewidth=1)
        macro_f1 = with_interval(scores["macro_f1"], scores["intervals"].get("macro_f1"))
        axes.set_title(f"macro-F1 {macro_f1}", color=ORANGE)
        axes.set_xlim(0, 1)
        axes.set_xlabel("F1 and its 95% interval")
    return figure, rows
