"""What a comparison leaves: README.md for people, CSV for programs, and figures."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from feelscope import drawing
from feelscope.compare import readme
from feelscope.compare.curve import curve
from feelscope.compare.disagreement import disagreements
from feelscope.compare.figure import missing_figure, scores_figure
from feelscope.compare.material import Material
from feelscope.compare.scores import Line, members, score
from feelscope.compare.training import FACTS, Outcome
from feelscope.files import write_text
from feelscope.text.csv_cells import write_csv


def write(
    folder: Path,
    names: readme.Names,
    material: Material,
    outcomes: Mapping[str, Sequence[Outcome]],
    rates: tuple[float, ...],
) -> Path:
    """Score the models and write all of it into a folder; returns its README.md.

    Args:
        outcomes: By model, one for each seed.
        rates: Of missing modalities.
    """
    posts, labels = material.posts["scored"], material.labels("scored").numpy()
    counting = members(posts)
    lines = score(outcomes, labels, counting)
    rows = [*_rows(lines, "all", outcomes)]
    sections = [
        readme.heading(names, material, len(outcomes)),
        readme.score_tables(lines),
        readme.costs(outcomes),
        "![Scores](figures/scores.png)",
    ]
    drawing.save(*scores_figure(lines), folder / "figures", "scores")

    apart = np.array(material.apart, dtype=bool)
    if material.has_dev and apart.any() and not apart.all():
        lines = score(outcomes, labels, {combination: which & apart for combination, which in counting.items()})
        rows += _rows(lines, "apart", {})
        sections += [readme.heading_apart(names, int((~apart).sum())), readme.score_tables(lines)]
    write_csv(folder / "scores.csv", rows)

    if rates:
        losing = curve(outcomes, labels, len(material.emotions), rates)
        write_csv(folder / "missing.csv", losing)
        drawing.save(*missing_figure(losing), folder / "figures", "missing")
        sections.append(readme.missing(losing, rates))

    divided = disagreements(outcomes, posts, material.emotions, counting)
    if divided:
        write_csv(folder / "disagreements.csv", divided)
        sections.append(readme.disagreements(divided, list(outcomes)))

    write_text(folder / "README.md", "\n\n".join(sections) + "\n")
    return folder / "README.md"


def _rows(lines: Sequence[Line], scored: str, outcomes: Mapping[str, Sequence[Outcome]]) -> Iterator[dict[str, object]]:
    """Rows of scores.csv; what a model cost is left empty without its outcomes."""
    for line in lines:
        row: dict[str, object] = {"model": line.model, "scored": scored, "combination": line.combination}
        row |= {"posts": line.posts, "seeds": line.seeds}
        for name, value in line.scores.items():
            row |= {name: value.mean, f"{name}_deviation": value.deviation}
        difference, (low, high) = line.behind or (0.0, (0.0, 0.0))
        row |= {"macro_f1_behind": difference, "behind_low": low, "behind_high": high}
        seeds = outcomes.get(line.model, ())
        for fact in FACTS:
            row[fact] = float(np.mean([outcome.facts[fact] for outcome in seeds])) if seeds else ""
        yield row
