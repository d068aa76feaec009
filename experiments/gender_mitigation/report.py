"""The tables of README.md, scores.csv and the figure, from what classifier.py and writer.py wrote.

python experiments/gender_mitigation/report.py WORK
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from protocol import CELLS, PLANTED, RECIPE

from feelscope.drawing import BLUE, GREY, ORANGE, canvas, save

HERE = Path(__file__).parent
REMEDIES = {"none": GREY, "hard-debias": ORANGE, "augmentation": BLUE, "both": "#009E73"}
MEASURES = {
    "gender mean_effect": "mean effect",
    "gender largest_effect": "largest effect",
    "control mean_effect": "mean effect, control",
    "control largest_effect": "largest, control",
    "gender flips": "flips",
    "control flips": "flips, control",
    "gender total_variation": "total variation",
    "control total_variation": "total variation, control",
    "msed/dev.csv macro_f1": "MSED dev",
    "goemotions/dev.csv macro_f1": "GoEmotions dev",
}
_Lines = list[dict]


def read(file: Path) -> _Lines:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def of(lines: _Lines, cell: str) -> _Lines:
    return [line for line in lines if line["cell"] == cell]


def mean(lines: _Lines, name: str, digits: int = 4) -> str:
    """The mean over seeds, and beside it the least and the largest where there are several."""
    values = [line[name] for line in lines]
    ends = f" ({min(values):.{digits}f} to {max(values):.{digits}f})" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{ends}"


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def cells(lines: _Lines) -> str:
    rows = [
        [cell, str(len(found)), *(mean(found, name) for name in MEASURES)]
        for cell in CELLS
        if (found := of(lines, cell))
    ]
    return table(["cell", "seeds", *MEASURES.values()], rows)


def effects(lines: _Lines, names: list[str]) -> str:
    """Signed effects of seed 0 with their intervals over swaps, by emotion."""
    known = [name for name in names if of(lines, name)]
    rows = []
    for emotion in RECIPE.data.emotions:
        row = [emotion]
        for name in known:
            (line, *_) = of(lines, name)
            row += [
                f"{line[f'{swaps} effect {emotion}']:+.4f} ± {line[f'{swaps} half interval {emotion}']:.4f}"
                for swaps in ("gender", "control")
            ]
        rows.append(row)
    return table(["emotion", *(f"{name}{of}" for name in known for of in ("", ": control"))], rows)


def planted(lines: _Lines) -> str:
    names = ("gender effect anger", "gender half interval anger", "control effect anger", "control half interval anger")
    extra = ("gender flips", "msed/dev.csv macro_f1", "goemotions/dev.csv macro_f1")
    head = ["cell", "seeds", "effect on anger", "±", "control's", "±", "flips", "MSED dev", "GoEmotions dev"]
    rows = [
        [cell, str(len(found)), *(mean(found, name) for name in (*names, *extra))]
        for cell in PLANTED
        if (found := of(lines, cell))
    ]
    return table(head, rows)


def writers(lines: _Lines) -> str:
    names = ("gender bias", "control bias", "perplexity")
    rows = [
        [cell, str(len(found)), *(mean(found, name, 3) for name in names)]
        for cell in ("none", "none, as long", "hard-debias", "augmentation", "both")
        if (found := of(lines, cell))
    ]
    return table(["cell", "seeds", "mean absolute bias", "control's", "perplexity on dev"], rows)


def draw(classifiers: _Lines, writer_lines: _Lines) -> None:
    panels = [
        *(
            (f"classifier, vectors {kind}", kind, classifiers, "mean_effect", "validation_macro_f1")
            for kind in ("fixed", "trained")
        ),
        ("writer", "", writer_lines, "bias", "validation_perplexity"),
    ]
    panels = [panel for panel in panels if panel[2]]
    rows: list[dict] = []
    with canvas(2.6 * len(panels), 4.2) as figure:
        axes = figure.subplots(2, len(panels), squeeze=False)
        for column, (title, kind, lines, size, score) in enumerate(panels):
            for remedy, colour in REMEDIES.items():
                found = of(lines, f"{remedy}, {kind}" if kind else remedy)
                for place, measure in ((0, f"gender {size}"), (1, score), (0, f"control {size}")):
                    is_control = measure.startswith("control")
                    if not found or (is_control and remedy != "none"):
                        continue
                    values = np.mean([[one[measure] for one in line["history"]] for line in found], axis=0)
                    epochs = np.arange(1, len(values) + 1)
                    label = "control, none" if is_control else remedy
                    axes[place][column].plot(
                        epochs, values, ":" if is_control else "-", color=colour, marker=".", label=label
                    )
                    rows += [
                        {
                            "panel": title,
                            "remedy": remedy,
                            "measure": measure,
                            "epoch": int(epoch),
                            "value": float(value),
                        }
                        for epoch, value in zip(epochs, values, strict=True)
                    ]
            axes[0][column].set_title(title)
            axes[0][column].set_ylim(bottom=0)
            axes[1][column].set_xlabel("epoch")
            axes[0][column].set_ylabel("mean absolute bias" if size == "bias" else "mean absolute effect")
            axes[1][column].set_ylabel(score.replace("_", " ").replace("f1", "F1"))
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
        save(figure, rows, HERE / "figures", "over_training")


def main() -> None:
    work = Path(sys.argv[1])
    classifiers, writer_lines = read(work / "classifier.jsonl"), read(work / "writer.jsonl")
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    blocks = {
        "planted": planted(classifiers),
        "classifier": cells(classifiers),
        "effects": effects(classifiers, ["none, trained", "augmentation, trained"]),
        "writer": writers(writer_lines),
    }
    for name, block in blocks.items():
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, _, rest = readme.partition(begin)
        readme = f"{before}{begin}{block}\n{rest[rest.index(end) :]}"
    (HERE / "README.md").write_text(readme, encoding="utf-8")
    with (HERE / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("model", "cell", "seed", "measure", "value"))
        for model, lines in (("classifier", classifiers), ("writer", writer_lines)):
            for line in lines:
                for name, value in line.items():
                    if isinstance(value, float) and name != "seconds":
                        out.writerow((model, line["cell"], line["seed"], name, f"{value:.6f}"))
    drawn = [line for line in classifiers if line["cell"] in CELLS]
    if drawn:
        draw(drawn, writer_lines)


if __name__ == "__main__":
    main()
