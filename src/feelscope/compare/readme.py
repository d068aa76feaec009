"""The README.md of a comparison: who was compared on what, scores, costs, and where the models disagree."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from feelscope.compare.curve import CurveRow
from feelscope.compare.disagreement import Row
from feelscope.compare.material import Material
from feelscope.compare.missing import TITLES
from feelscope.compare.scores import Line
from feelscope.compare.training import Outcome
from feelscope.metrics.intervals import RESAMPLES
from feelscope.metrics.scores import Mean
from feelscope.post import COMBINATIONS
from feelscope.text.counts import counted

SHOWN = 5  # of the disagreements of each combination; the CSV has all
_SCORES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "micro_f1": "micro-F1"}
_LONGEST = 90  # characters of a text in a table


@dataclass(frozen=True, slots=True)
class Names:
    """What the reader knows the tables by, and the command that compared them.

    Args:
        train: The table that is trained on.
        dev: The one that is scored; empty where that is the validation split.
        validation: The one on which the epochs are chosen; empty where that is some of `train`.
        left_out: Baselines without a row, and why.
    """

    train: str
    dev: str
    validation: str
    command: str
    left_out: Mapping[str, str] = field(default_factory=dict)


def heading(names: Names, material: Material, models: int) -> str:
    """The title, the command, the posts, and what the tables below show."""
    training, validation, scored = (len(material.posts[name]) for name in ("training", "validation", "scored"))
    if not validation:
        choice = "nothing is kept apart for choosing, so each training's last epoch is taken"
    elif names.validation:
        choice = f"each epoch is chosen on {counted(validation, 'post')} of {names.validation}"
    else:
        choice = f"each epoch is chosen on a validation split of {counted(validation, 'other post')}"
    if names.dev:
        scores = f"Scored on {counted(scored, 'post')} of {names.dev}."
    else:
        scores = (
            f"Scored on the same {counted(scored, 'post')} that chose the epochs, so the scores are a little too high; "
            "give others with --dev."
        )
    return "\n".join(
        [
            f"# {counted(models, 'model')} on {names.dev or names.train}",
            "",
            f"`{names.command}`",
            "",
            f"All models are trained on the same {counted(training, 'post')} of {names.train}; {choice}. {scores}",
            "",
            "Each score is the mean over seeds ± their standard deviation. *Behind* is the best model's macro-F1 minus "
            "this one's, with the 95% interval of a paired bootstrap over posts "
            f"({RESAMPLES:,} draws, seeds averaged). *As they are* scores every post with all it has; *text only* and "
            "*image only* score it with its words or its picture alone.",
            *(f"\nWithout a row: {name}, as {reason}." for name, reason in names.left_out.items()),
        ]
    )


def heading_apart(names: Names, overlapping: int) -> str:
    """Above the scores without the posts that were trained on as well."""
    return f"## Without the {counted(overlapping, 'post')} whose words or picture also appear in {names.train}"


def score_tables(lines: Sequence[Line]) -> str:
    """A table for each combination of modalities, the best model on top."""
    tables = []
    for combination, title in COMBINATIONS.items():
        ranked = sorted(
            (line for line in lines if line.combination == combination), key=lambda line: -line.scores["macro_f1"].mean
        )
        if ranked:
            head = [f"{title}, {counted(ranked[0].posts, 'post')}", *_SCORES.values(), "behind"]
            rows = [[line.model, *(_mean(line.scores[name]) for name in _SCORES), _behind(line)] for line in ranked]
            tables.append(_table(head, rows, numbers=True))
    return "\n\n".join(tables)


def costs(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    """What a training of each model took, the mean over seeds."""
    head = ["model", "training, seconds of one core", "epochs", "parameters that learn"]
    rows = []
    for model, seeds in outcomes.items():
        seconds, epochs = (np.mean([outcome.facts[fact] for outcome in seeds]) for fact in ("seconds", "epochs"))
        rows.append([model, f"{seconds:,.1f}", _count(epochs), _count(seeds[0].facts["parameters"])])
    return _table(head, rows, numbers=True)


def missing(rows: Sequence[CurveRow], rates: Sequence[float]) -> str:
    """The missing-rate curve as tables."""
    sections = [
        "## Where posts lose a modality",
        "Macro-F1 of all scored posts, the mean over seeds, by the share of the complete posts that lost something. "
        "`missing/` says which posts these are; `missing.csv` has deviations and accuracy.",
    ]
    for loses, title in TITLES.items():
        by_model: dict[str, list[str]] = {}
        for row in rows:
            if row["loses"] == loses:
                by_model.setdefault(str(row["model"]), []).append(f"{row['macro_f1']:.3f}")
        head = [title, *(f"{rate:.0%}" for rate in rates)]
        sections.append(_table(head, [[model, *scores] for model, scores in by_model.items()], numbers=True))
    return "\n\n".join([*sections, "![Missing modalities](figures/missing.png)"])


def disagreements(rows: Sequence[Row], models: Sequence[str]) -> str:
    """The posts that divide the models most, with each model's answer; those that are right are bold."""
    sections = [
        "## Posts on which the models disagree",
        f"The {SHOWN} posts of each kind that divide the models most, with the right answers in bold; "
        f"`disagreements.csv` has all {len(rows):,}.",
    ]
    for combination, title in COMBINATIONS.items():
        shown = [row for row in rows if row["combination"] == combination][:SHOWN]
        able = [model for model in models if any(row[model] for row in shown)]
        cells = [[_post(row), str(row["emotion"]), *(_answer(row, model) for model in able)] for row in shown]
        if shown:
            sections.append(_table([title, "emotion", *able], cells))
    return "\n\n".join(sections)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    """A Markdown table; of numbers, all columns but the first are flush right."""

    def lines() -> Iterator[Sequence[str]]:
        yield head
        yield ["---", *(["---:" if numbers else "---"] * (len(head) - 1))]
        yield from rows

    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines())


def _mean(value: Mean) -> str:
    return f"{value.mean:.3f}" if math.isnan(value.deviation) else f"{value.mean:.3f} ± {value.deviation:.3f}"


def _count(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _behind(line: Line) -> str:
    if line.behind is None:
        return "best"
    difference, (low, high) = line.behind
    return f"{difference:.3f} ({low:.3f} to {high:.3f})"


def _post(row: Row) -> str:
    text = str(row["text"])
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    shown = {"both": f"{text} ({row['image']})", "text": text, "image": str(row["image"])}
    return f"{row['id']}: {shown[str(row['combination'])]}"


def _answer(row: Row, model: str) -> str:
    return f"**{row[model]}**" if row[model] == row["emotion"] else str(row[model])
