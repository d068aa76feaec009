"""The figures of a comparison, in colours and marks that colour-blind readers tell apart."""

from collections.abc import Sequence

from feelscope.compare.curve import CurveRow
from feelscope.compare.missing import LOSES, TITLES
from feelscope.compare.scores import Line
from feelscope.drawing import BLUE, GREY, ORANGE, Drawn, Row, canvas
from feelscope.post import COMBINATIONS

_MARKS = {"both": ("o", BLUE), "text": ("s", ORANGE), "image": ("^", GREY)}
# Okabe and Ito 2008, without the yellow, which is too light for a line.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_POINTS = ("o", "s", "^", "D", "v", "P", "X")


def scores_figure(lines: Sequence[Line]) -> Drawn:
    """Macro-F1 of each model and combination of modalities with its deviation over seeds, the first model on top."""
    rows: list[Row] = [
        {
            "model": line.model,
            "combination": line.combination,
            "macro_f1": line.scores["macro_f1"].mean,
            "deviation": line.scores["macro_f1"].deviation,
        }
        for line in lines
    ]
    models = list(dict.fromkeys(line.model for line in lines))
    with canvas(5.0, 1.2 + 0.3 * len(models)) as figure:
        axes = figure.subplots()
        for number, combination in enumerate(COMBINATIONS):
            shown = [line for line in lines if line.combination == combination]
            if not shown:
                continue
            mark, colour = _MARKS[combination]
            heights = [models.index(line.model) + (number - 1) * 0.2 for line in shown]
            means = [line.scores["macro_f1"].mean for line in shown]
            spread = [0 if line.seeds < 2 else line.scores["macro_f1"].deviation for line in shown]
            axes.errorbar(
                means, heights, xerr=spread, fmt=mark, color=colour, capsize=2, label=COMBINATIONS[combination]
            )
        axes.set_yticks(range(len(models)), models)
        axes.set_ylim(len(models) - 0.5, -0.5)
        axes.set_xlabel("macro-F1, mean and standard deviation over seeds")
        axes.grid(axis="x", color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper center", ncols=3)
    return figure, rows


def missing_figure(curve: Sequence[CurveRow]) -> Drawn:
    """Macro-F1 by the share of posts that lost something, a panel each; dashed lines are models with dropout."""
    models = list(dict.fromkeys(row["model"] for row in curve))
    plain = [model for model in models if "dropout" not in model]
    with canvas(7.0, 3.2) as figure:
        panels = figure.subplots(1, len(LOSES), sharey=True)
        for axes, loses in zip(panels, LOSES, strict=True):
            for model in models:
                rows = [row for row in curve if row["model"] == model and row["loses"] == loses]
                base = model.removesuffix(" + dropout")
                number = plain.index(base) if base in plain else models.index(model)
                axes.plot(
                    [row["rate"] for row in rows],
                    [row["macro_f1"] for row in rows],
                    color=_COLOURS[number % len(_COLOURS)],
                    marker=_POINTS[number % len(_POINTS)],
                    markersize=3,
                    linestyle="--" if "dropout" in model else "-",
                    label=model,
                )
            axes.set_title(TITLES[loses])
            axes.set_xlabel("share of the posts with both")
            axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        panels[0].set_ylabel("macro-F1")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure, [dict(row) for row in curve]
