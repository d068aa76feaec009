"""A report from files to a folder: one pass over the predictions, figures, tables, and one page with all of it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from feelscope import drawing
from feelscope.drawing import Drawn
from feelscope.errors import FeelscopeError, needs_extra
from feelscope.files import write_json, write_text, writing_folder
from feelscope.progress import Count
from feelscope.report import figures
from feelscope.report.agreement import agreement
from feelscope.report.counts import Counts
from feelscope.report.finding import find
from feelscope.report.found import Report
from feelscope.report.methods import methods
from feelscope.report.page import Shown, html
from feelscope.report.reading import PredictedPosts
from feelscope.report.settings import Settings
from feelscope.report.words import day
from feelscope.table import PostsTable
from feelscope.table.about import is_of_other_file, read_about

PAGE, JSON, METHODS = "index.html", "report.json", "methods.txt"
Draw = Callable[[float], Drawn]


def check_extra() -> None:
    """Raises `MissingExtra` where what draws and computes intervals is missing."""
    with needs_extra("a report", figures.EXTRA):
        import matplotlib  # noqa: F401


def make_report(
    predictions: Path,
    settings: Settings,
    *,
    posts: PostsTable | None = None,
    alone: tuple[Path, Path] | None = None,
    progress: Count | None = None,
) -> Report:
    """Read predictions once and say what is in them.

    Args:
        predictions: What `feelscope predict --out` wrote.
        posts: The table they were made from, for columns, dates and authors that they do not have.
        alone: Predictions of the words alone and of the picture alone.
        progress: Called with the number of posts read.

    Raises:
        FeelscopeError: A file is no such file, a column is not there, or there is nothing to report.
    """
    predicted = PredictedPosts(predictions, settings, posts)
    counts = Counts(len(predicted.emotions), settings, clustered=predicted.has_authors)
    counts.add_all(predicted, progress)
    made = read_about(predictions)
    remarks = []
    if made is not None and is_of_other_file(made, predictions):
        remarks.append("The file of predictions was changed since it was made, so that its counts may be others.")
    return find(
        counts,
        predicted.emotions,
        settings,
        predictions,
        made=made,
        has_dates=predicted.has_dates,
        agreement=None if alone is None else agreement(predictions, *alone),
        remarks=remarks,
    )


def write(report: Report, out: Path, command: str = "") -> None:
    """Write the page, its figures as PNG, SVG and CSV, and everything as JSON.

    Args:
        out: The folder, made where it is missing; files of the same names are replaced.
        command: That made it, for the page.

    Raises:
        FeelscopeError: The folder cannot be made, or another process is writing it.
    """
    with writing_folder(out, FeelscopeError):
        shown = [_drawn(out, *one) for one in _figures(report)]
        write_json(out / JSON, report.to_json())
        write_text(out / METHODS, "\n\n".join(methods(report)) + "\n")
        write_text(out / PAGE, html(report, shown, command))


def _drawn(out: Path, name: str, title: str, caption: str, draw: Draw) -> Shown:
    figure, rows = draw(figures.WIDE)
    drawing.save(figure, rows, out, name)
    is_card = name == "agreement"
    narrow, _ = draw(figures.NARROW)
    wide, small = (
        drawing.svg(one, f"{name}-{size}", recolour=not is_card) for one, size in ((figure, "w"), (narrow, "n"))
    )
    return Shown(name, title, caption, wide, small, is_card)


def _figures(report: Report) -> list[tuple[str, str, str, Draw]]:
    """Name, title, caption, and what draws it, of every figure."""
    found: list[tuple[str, str, str, Draw]] = [
        (
            "shares",
            "Shares of emotions",
            f"The share of each emotion among {report.answered:,} {report.subject}, with its 95% interval.",
            partial(figures.shares, report),
        )
    ]
    for name, column in zip(figures.names_of(report.by), report.by, strict=True):
        groups = sum(1 for group in column.groups if group.merged == 1)
        most = (
            f"the {figures.MOST_GROUPS} largest groups of {groups:,}" if groups > figures.MOST_GROUPS else "each group"
        )
        caption = (
            f"The share of each emotion in {most} of {column.column}, with its 95% interval; the dotted line is the "
            "share among all."
        )
        found.append((name, f"By {column.column}", caption, partial(figures.by_column, report, column)))
    if report.over is not None:
        unit = report.over.unit
        caption = (
            f"The share of each emotion by {unit}, with its 95% interval, on one scale; the last panel has the posts."
        )
        found.append(("over_time", f"By {unit}", caption, partial(figures.over_time, report, report.over)))
    if report.event is not None:
        event = report.event
        caption = (
            f"Shares in the {event.days} days before {day(event.day)} (open) and from it on (filled), and their change "
            "in points with its interval; one that does not hold 0 is beyond chance."
        )
        found.append(("event", "Before and after", caption, partial(figures.event, report, event)))
    if report.agreement is not None:
        caption = (
            "Posts by the emotion of their words alone and of their picture alone; on the diagonal both say the same."
        )
        found.append(("agreement", "Words and pictures", caption, partial(figures.agreement, report, report.agreement)))
    caption = "Posts by the probability that the model gives its answer; the line is the mean."
    found.append(("sureness", "How sure", caption, partial(figures.sureness, report, report.sure)))
    return found
