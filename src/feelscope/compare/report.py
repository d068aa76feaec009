"""What a comparison leaves: README.md for people, CSV for programs, and figures."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feelscope import drawing
from feelscope.compare.curve import curve
from feelscope.compare.disagreement import Row, disagreements
from feelscope.compare.figure import missing_figure, scores_figure
from feelscope.compare.material import Material
from feelscope.compare.missing import TITLES as LOST
from feelscope.compare.scores import Line, members, score
from feelscope.compare.training import Outcome
from feelscope.files import write_csv, write_text
from feelscope.metrics.intervals import RESAMPLES
from feelscope.metrics.scores import Mean
from feelscope.post import COMBINATIONS

SHOWN = 5  # of the disagreements of each combination; the CSV has all
_NAMES = {"accuracy": "accuracy", "macro_f1": "F-macro", "micro_f1": "F-micro"}
_LONGEST = 90  # characters of a text in a table


@dataclass(frozen=True, slots=True)
class Tables:
    """Names of the posts tables; empty: the validation split is scored, and it is of `train`."""

    train: str
    dev: str
    validation: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is written.

    Args:
        outcomes: By model, one a seed.
        rates: Of missing modalities.
        command: That wrote it.
    """

    tables: Tables
    material: Material
    outcomes: Mapping[str, Sequence[Outcome]]
    rates: tuple[float, ...]
    command: str

    def write(self, folder: Path) -> Path:
        """Write all into a folder; returns README.md."""
        posts, labels = self.material.posts["scored"], self.material.labels("scored").numpy()
        asked = members(posts)
        lines = score(self.outcomes, labels, asked)
        apart = np.array(self.material.apart, dtype=bool)
        lines_apart = []
        if self.material.has_dev and not apart.all() and apart.any():
            lines_apart = score(
                self.outcomes, labels, {combination: some & apart for combination, some in asked.items()}
            )
        divided = disagreements(self.outcomes, posts, self.material.emotions, asked)
        along = curve(self.outcomes, labels, len(self.material.emotions), self.rates) if self.rates else []
        write_csv(folder / "scores.csv", [*_rows(lines, self.outcomes, "all"), *_rows(lines_apart, {}, "apart")])
        drawing.save(*scores_figure(lines), folder / "figures", "scores")
        if divided:
            write_csv(folder / "disagreements.csv", divided)
        if along:
            write_csv(folder / "missing.csv", along)
            drawing.save(*missing_figure(along), folder / "figures", "missing")
        blocks = [*self._head(len(posts)), *_table(lines), "", *self._costs(), "", "![Scores](figures/scores.png)"]
        if lines_apart:
            twice = int((~apart).sum())
            blocks += [
                "",
                f"## Without the {twice} scored posts whose words or picture also appear in {self.tables.train}",
                "",
            ]
            blocks += _table(lines_apart)
        if along:
            blocks += ["", *_missing(along, self.rates)]
        blocks += ["", *_divided(divided, list(self.outcomes))]
        readme = folder / "README.md"
        write_text(readme, "\n".join(blocks) + "\n")
        return readme

    def _head(self, count: int) -> Iterator[str]:
        trained, kept = (len(self.material.posts[part]) for part in ("training", "validation"))
        yield f"# {len(self.outcomes)} models on {self.tables.dev or self.tables.train}"
        yield ""
        yield f"`{self.command}`"
        yield ""
        yield (
            f"Trained on {trained:,} posts of {self.tables.train}, each epoch chosen on {kept:,} "
            + (f"of {self.tables.validation}" if self.tables.validation else "that were kept apart")
            + "; all models on the same posts."
        )
        if self.material.has_dev:
            yield f"Scored on {count:,} posts of {self.tables.dev}."
        else:
            yield (
                f"Scored on the {count:,} posts that were kept apart, on which each epoch was chosen: a little too "
                "high. Give posts of their own with --dev."
            )
        yield (
            "Mean ± deviation over seeds. Behind: the best model's F-macro minus this one's, with the 95% interval of "
            f"a paired bootstrap over posts ({RESAMPLES:,} draws, seeds averaged). As they are: every post with what "
            "it has; text only and image only: its words or its picture alone."
        )
        yield ""

    def _costs(self) -> Iterator[str]:
        yield "| model | training, s of one core | epochs | parameters that learn |"
        yield "|---|---:|---:|---:|"
        for model, some in self.outcomes.items():
            seconds, epochs = (np.mean([one.facts[key] for one in some]) for key in ("seconds", "epochs"))
            yield f"| {model} | {seconds:,.0f} | {epochs:.0f} | {some[0].facts['parameters']:,} |"


def _table(lines: Sequence[Line]) -> list[str]:
    rows = []
    for combination, title in COMBINATIONS.items():
        some = sorted(
            (line for line in lines if line.combination == combination), key=lambda line: -line.scores["macro_f1"].mean
        )
        if some:
            names = " | ".join(_NAMES.values())
            rows += ["", f"| {title}, {some[0].posts:,} posts | {names} | behind |", "|---|---:|---:|---:|---:|"]
        for line in some:
            cells = " | ".join(_shown(line.scores[name]) for name in _NAMES)
            behind = "best"
            if line.behind is not None:
                difference, (low, high) = line.behind
                behind = f"{difference:.3f} ({low:.3f} to {high:.3f})"
            rows.append(f"| {line.model} | {cells} | {behind} |")
    return rows[1:]


def _shown(value: Mean) -> str:
    return f"{value.mean:.3f}" if math.isnan(value.deviation) else f"{value.mean:.3f} ± {value.deviation:.3f}"


def _missing(along: Sequence[Mapping[str, Any]], rates: Sequence[float]) -> Iterator[str]:
    yield "## Where posts lose a modality"
    yield ""
    yield "F-macro of all scored posts, mean over seeds, by the share that lost something (`missing/` has the patterns,"
    yield "`missing.csv` deviations and accuracy)."
    for loses, title in LOST.items():
        yield ""
        yield f"| {title} | " + " | ".join(f"{rate:.0%}" for rate in rates) + " |"
        yield "|---|" + "---:|" * len(rates)
        rows = [row for row in along if row["loses"] == loses]
        for model in dict.fromkeys(row["model"] for row in rows):
            yield f"| {model} | " + " | ".join(f"{r['macro_f1']:.3f}" for r in rows if r["model"] == model) + " |"
    yield ""
    yield "![Missing modalities](figures/missing.png)"


def _divided(rows: Sequence[Row], models: Sequence[str]) -> Iterator[str]:
    yield "## Posts on which the models disagree"
    yield ""
    yield f"Of each kind the {SHOWN} that divide the models most; `disagreements.csv` has all {len(rows):,}."
    for combination, title in COMBINATIONS.items():
        some = [row for row in rows if row["combination"] == combination][:SHOWN]
        able = [model for model in models if any(row[model] for row in some)]
        if some:
            yield ""
            yield f"| {title} | emotion | " + " | ".join(able) + " |"
            yield "|---|---|" + "---|" * len(able)
        for row in some:
            said = [f"**{row[model]}**" if row[model] == row["emotion"] else str(row[model]) for model in able]
            yield f"| {_post(row, combination)} | {row['emotion']} | " + " | ".join(said) + " |"


def _post(row: Row, combination: str) -> str:
    text = str(row["text"]).replace("|", "\\|")
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    parts = {"both": f"{short} ({row['image']})", "text": short, "image": str(row["image"])}
    return f"{row['id']}: {parts[combination]}"


def _rows(lines: Sequence[Line], outcomes: Mapping[str, Sequence[Outcome]], posts: str) -> Iterator[dict[str, object]]:
    for line in lines:
        row: dict[str, object] = {
            "model": line.model,
            "scored": posts,
            "combination": line.combination,
            "posts": line.posts,
        }
        row["seeds"] = line.seeds
        for name, value in line.scores.items():
            row |= {name: value.mean, f"{name}_deviation": value.deviation}
        difference, (low, high) = line.behind or (0.0, (0.0, 0.0))
        row |= {"macro_f1_behind": difference, "behind_low": low, "behind_high": high}
        some = outcomes.get(line.model, ())
        for key in ("seconds", "epochs", "parameters"):
            row[key] = float(np.mean([one.facts[key] for one in some])) if some else ""
        yield row
