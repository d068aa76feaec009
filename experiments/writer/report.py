"""scores.csv, the tables of README.md and the figure, from what perplexity.py and readings.py wrote.

python experiments/writer/report.py [WORK]

Without WORK, from scores.csv as it is.
"""

import csv
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import readings

from feelscope.drawing import BLUE, GREY, ORANGE, canvas, save
from feelscope.emotions import MSED
from feelscope.metrics.intervals import wilson

HERE = Path(__file__).parent
EMOTIONS = (*MSED, "mean")
READ, REAL, BIGRAMS = "read as wanted", readings.REAL, readings.BIGRAMS
PERPLEXITY = (
    "Kneser-Ney 5-gram, one discount",
    "Kneser-Ney 5-gram, three discounts",
    "writer",
    "writer, times Kneser-Ney's",
    "writer, pictures shuffled",
    "pictures shuffled, times the writer's",
    "writer, no pictures",
    "0.7 writer and 0.3 Kneser-Ney",
)
_Lines = list[dict[str, str]]


def of(lines: _Lines, measure: str, row: str, emotion: str = "") -> _Lines:
    """The lines of one row, a line a seed."""
    return [one for one in lines if (one["measure"], one["row"], one["emotion"]) == (measure, row, emotion)]


def shown(found: _Lines, digits: int) -> str:
    """The mean of the seeds, and the interval that holds all of theirs."""
    value, low, high = (
        how([float(one[name]) for one in found]) for name, how in (("value", np.mean), ("low", min), ("high", max))
    )
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def perplexities(lines: _Lines) -> str:
    """A row a model; of the writer's, the least of the seeds' lower ends to the highest upper one."""
    rows = []
    for name in PERPLEXITY:
        if found := of(lines, "perplexity", name):
            digits = 3 if "times" in name else 1
            each = ", ".join(f"{float(one['value']):.{digits}f}" for one in found) if len(found) > 1 else ""
            rows.append([name, shown(found, digits), each])
    return table(["row", "perplexity, 95% interval", "seeds"], rows)


def pooled(lines: _Lines, row: str, emotion: str, posts: Mapping[str, int]) -> tuple[float, float]:
    """The share that is read as wanted over all seeds, and of how many posts."""
    found = of(lines, READ, row, emotion)
    each = posts[emotion] if row == REAL else readings.EACH * (len(MSED) if emotion == "mean" else 1)
    return float(np.mean([float(one["value"]) for one in found])), each * len(found)


def ratio(share: float, count: float, real: float, real_count: float) -> tuple[float, float, float]:
    """A share by another and its 95% interval, by the variance of the logarithms (Katz et al. 1978)."""
    error = 1.96 * ((1 - share) / (share * count) + (1 - real) / (real * real_count)) ** 0.5
    return share / real, share / real * np.exp(-error), share / real * np.exp(error)


def read_as_wanted(lines: _Lines, posts: Mapping[str, int]) -> str:
    """A row an emotion."""
    others = [
        name
        for name in dict.fromkeys(one["row"] for one in lines if one["measure"] == READ)
        if name not in (REAL, "writer")
    ]
    rows = []
    for emotion in EMOTIONS:
        real, real_count = pooled(lines, REAL, emotion, posts)
        share, count = pooled(lines, "writer", emotion, posts)
        low, high = wilson(share * count, count)
        times = ratio(share, count, real, real_count)
        rows.append(
            [
                emotion,
                f"{real:.3f}",
                f"{share:.3f} ({low:.3f} to {high:.3f})",
                "{:.2f} ({:.2f} to {:.2f})".format(*times),
                *(f"{pooled(lines, other, emotion, posts)[0]:.3f}" for other in others),
            ]
        )
    return table(["emotion", "real posts of dev", "writer", "writer by real", *others], rows)


def copies(lines: _Lines) -> str:
    """Distinct-2 and copied runs of 6 words."""
    rows = []
    for measure in ("distinct-2", "6-grams of train", "6-grams of the writer's half"):
        for name in dict.fromkeys(one["row"] for one in lines if one["measure"] == measure):
            rows.append([measure, name, shown(of(lines, measure, name), 3)])
    return table(["measure", "row", "value"], rows)


def draw(lines: _Lines, posts: Mapping[str, int]) -> None:
    """The shares that are read as wanted, by emotion."""
    rows = []
    with canvas(6.8, 2.6) as figure:
        axes = figure.add_subplot()
        for place, (name, colour) in enumerate(((REAL, GREY), ("writer", BLUE), (BIGRAMS, ORANGE))):
            for at, emotion in enumerate(EMOTIONS):
                share, count = pooled(lines, name, emotion, posts)
                low, high = wilson(share * count, count)
                axes.bar(at + 0.27 * (place - 1), share, 0.25, color=colour, label=name if at == 0 else None)
                bars = [[share - low], [high - share]]
                axes.errorbar(at + 0.27 * (place - 1), share, bars, color="black", linewidth=0.8)
                rows.append({"row": name, "emotion": emotion, "share": share, "low": low, "high": high})
        axes.axhline(1 / len(MSED), color="black", linewidth=0.8, linestyle=":")
        axes.set_xticks(range(len(EMOTIONS)), EMOTIONS)
        axes.set_ylim(0, 1)
        axes.set_ylabel("share read as wanted")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.18), ncols=3)
        save(figure, rows, HERE / "figures", "read_as_wanted")


def merged(work: Path) -> None:
    """One CSV of both."""
    lines: list[list[str]] = []
    for name in ("perplexity.csv", "readings.csv"):
        with (work / name).open(encoding="utf-8", newline="") as file:
            lines += list(csv.reader(file))[bool(lines) :]
    with (HERE / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def main() -> None:
    """Write everything."""
    if sys.argv[1:]:
        merged(Path(sys.argv[1]))
    with (HERE / "scores.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    counts = {one["emotion"]: float(one["value"]) for one in lines if one["measure"] == "posts of dev"}
    posts = {**{emotion: int(counts[emotion]) for emotion in MSED}, "mean": int(sum(counts.values()))}
    made: dict[str, Callable[[], str]] = {
        "perplexity": lambda: perplexities(lines),
        "read as wanted": lambda: read_as_wanted(lines, posts),
        "copies": lambda: copies(lines),
    }
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for name, make in made.items():
        filled = make()
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda found, filled=filled: f"{found[1]}{filled}\n{found[2]}", text, flags=re.DOTALL)
    (HERE / "README.md").write_text(text, encoding="utf-8")
    draw(lines, posts)


if __name__ == "__main__":
    main()
