"""`feelscope estimate`: how many posts have an emotion, by the model and a few labels; which posts to label."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option
from typer.core import TyperGroup

from feelscope.cli.options import Columns, Dates, Json, MaxErrors, QuarantineFile, read_columns
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import open_posts, start_again, stoppable

if TYPE_CHECKING:
    from feelscope.estimate.labelled import Labelled
    from feelscope.estimate.predictions import PredictionFile
    from feelscope.table import PostsTable


class SharesFirst(TyperGroup):
    """A group whose first command may be left out: `estimate FILE` is `estimate shares FILE`."""

    def parse_args(self, context: typer.Context, arguments: list[str]) -> list[str]:  # type: ignore[override]
        if arguments and arguments[0] not in (*self.commands, *context.help_option_names):
            arguments = ["shares", *arguments]
        return super().parse_args(context, arguments)


estimate = typer.Typer(no_args_is_help=True, cls=SharesFirst)

PredictionsFile = Annotated[
    Path, Argument(metavar="PREDICTIONS", help="What `predict --out` wrote: .jsonl, .csv or .parquet.")
]
Sample = Annotated[
    Path | None,
    Option("--labelled", metavar="FILE", help="Labelled posts: id, emotion, maybe inclusion_probability."),
]
Posts = Annotated[Path | None, Option("--posts", metavar="TABLE", help="The posts table that was predicted.")]


@estimate.callback()
def _commands() -> None:
    """Estimate how many posts have each emotion.

    \b
    Examples:
      feelscope estimate predictions.parquet --labelled labels.csv
      feelscope estimate plan predictions.parquet --posts posts.csv --width 0.04 --out sample.csv
    """


@estimate.command()
def shares(
    predictions: PredictionsFile,
    labelled: Sample = None,
    posts: Posts = None,
    by: Annotated[str, Option("--by", metavar="COLUMN", help="Shares in the groups of a column.")] = "",
    over: Annotated[str, Option("--over", metavar="day|week|month|year", help="Shares over time.")] = "",
    against: Annotated[
        str, Option(metavar="VALUE", help="The group that others are compared with; by default the largest.")
    ] = "",
    regress: Annotated[
        str, Option(metavar="COLUMN,...", help="Regress --emotion on columns of numbers or of names.")
    ] = "",
    logistic: Annotated[bool, Option("--logistic", help="With --regress: log odds instead of shares.")] = False,
    emotion: Annotated[str, Option(metavar="NAME", help="The emotion that is shown, or regressed.")] = "",
    validation: Annotated[
        Path | None, Option(metavar="FILE", help="Predictions of other posts, those of --labelled; see the page.")
    ] = None,
    beyond: Annotated[bool, Option("--beyond", help="The shares of all posts like these, not of these.")] = False,
    out: Annotated[Path | None, Option(metavar="FILE", help="Where to write the figures: .csv or .json.")] = None,
    seed: Annotated[int, Option(metavar="N", min=0, help="With --validation: seed of the resampling.")] = 0,
    columns: Columns = "",
    dates: Dates = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    as_json: Json = False,
) -> None:
    """Estimate the share of each emotion, with 95% intervals.

    A count of predictions is biased wherever the model errs. With some posts labelled by people, it is corrected, and
    the interval holds whatever the model is worth. `shares` may be left out of the command.

    \b
    Examples:
      feelscope estimate shares predictions.parquet --labelled labels.csv
      feelscope estimate predictions.parquet --labelled labels.csv --posts posts.csv --by party
      feelscope estimate predictions.parquet --labelled labels.csv --posts posts.csv --over month
      feelscope estimate predictions.parquet --labelled dev.csv --validation dev_predictions.parquet
    """
    from feelscope.estimate.cells import UNITS
    from feelscope.estimate.labelled import read_labelled
    from feelscope.estimate.predictions import PredictionFile

    if labelled is None:
        hint = "draw some posts with feelscope estimate plan, and label them with feelscope label"
        raise typer.BadParameter(f"is needed: a table of labelled posts; {hint}", param_hint="--labelled")
    if over and over not in UNITS:
        raise typer.BadParameter(f"expected one of {', '.join(UNITS)}, found {over!r}", param_hint="--over")
    asked = {"--by": by, "--over": over, "--regress": regress, "--validation": validation}
    if len(several := [name for name, value in asked.items() if value]) > 1:
        raise typer.BadParameter(f"give one of them at a time: {', '.join(several)}", param_hint=several[0])
    if regress and not emotion:
        raise typer.BadParameter("is needed with --regress", param_hint="--emotion")
    if out is not None and out.suffix.lower() not in (".csv", ".json"):
        raise typer.BadParameter(f"expected a name that ends in .csv or .json, found {out}", param_hint="--out")
    needed = [name.strip() for name in regress.split(",") if name.strip()] or [by or ("created_at" if over else "")]
    needed = [name for name in needed if name]
    read_from = PredictionFile(validation or predictions, () if posts or validation else needed)
    sample = read_labelled(labelled, read_from.emotions, read_columns(columns) if posts is None else None)
    joining = posts is not None and bool(needed)
    with (
        open_posts(posts, columns, quarantine, max_errors, tells_dates=bool(over))
        if joining and posts is not None
        else nullcontext() as table,
        stoppable(start_again),
        Progress("reading") as progress,
    ):
        if validation is not None:
            _quantify(predictions, read_from, sample, seed, out, as_json, progress)
        elif regress:
            _regress(read_from, table, needed, sample, emotion, logistic, out, as_json)
        else:
            _shares(read_from, table, needed, sample, by, over, against, beyond, emotion, out, as_json, progress)


def _shares(
    predictions: "PredictionFile",
    table: "PostsTable | None",
    needed: list[str],
    labelled: "Labelled",
    by: str,
    over: str,
    against: str,
    beyond: bool,
    emotion: str,
    out: Path | None,
    as_json: bool,
    progress: Progress,
) -> None:
    from feelscope.config import did_you_mean
    from feelscope.errors import EstimateError
    from feelscope.estimate import report
    from feelscope.estimate.cells import by_column, by_time, collect, opened
    from feelscope.estimate.shares import estimate as estimate_shares

    named = by_time(over) if over else by_column(by) if by else None
    if emotion and emotion not in (*predictions.emotions, *labelled.unknown):
        raise EstimateError(f"--emotion {emotion}: no such emotion; {did_you_mean(emotion, predictions.emotions)}")
    cells = collect(opened(predictions, table, needed), predictions.emotions, labelled, named, progress)
    found = estimate_shares(cells, labelled, grouped=named is not None, against=against, beyond=beyond)
    progress.close()
    for note in found.notes:
        say(note)
    _write(report.to_json(found), report.rows(found), out)
    _show(report.to_json(found), report.to_text(found, emotion), as_json)


def _quantify(
    predictions: Path,
    validation: "PredictionFile",
    labelled: "Labelled",
    seed: int,
    out: Path | None,
    as_json: bool,
    progress: Progress,
) -> None:
    from feelscope.errors import EstimateError
    from feelscope.estimate import report
    from feelscope.estimate.predictions import PredictionFile
    from feelscope.estimate.quantify import quantify

    asked = PredictionFile(predictions)
    if asked.emotions != validation.emotions:
        raise EstimateError(f"{validation.path}: its emotions are not those of {predictions}; use one model for both")
    found = quantify(asked, validation, asked.emotions, labelled, seed=seed, progress=progress)
    progress.close()
    figures = report.quantified_json(found)
    _write(figures, figures["shares"], out)
    _show(figures, report.quantified_text(found), as_json)


def _regress(
    predictions: "PredictionFile",
    table: "PostsTable | None",
    needed: list[str],
    labelled: "Labelled",
    emotion: str,
    logistic: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    from feelscope.estimate import report
    from feelscope.estimate.cells import opened
    from feelscope.estimate.regression import regression

    found = regression(
        lambda: opened(predictions, table, needed), predictions.emotions, labelled, emotion, needed, logistic=logistic
    )
    figures = report.regression_json(found)
    _write(figures, figures["corrected"], out)
    _show(figures, report.regression_text(found), as_json)


@estimate.command()
def plan(
    predictions: PredictionsFile,
    out: Annotated[Path, Option(metavar="FILE", help="Where to write the drawn posts: .csv, .jsonl or .parquet.")],
    width: Annotated[
        float, Option(metavar="SHARE", help="Of the interval, end to end: 0.04 is two points either way.")
    ] = 0.04,
    posts: Posts = None,
    labelled: Sample = None,
    number: Annotated[
        int | None, Option("--posts-to-label", metavar="N", help="Draw so many, whatever the width.")
    ] = None,
    seed: Annotated[int, Option(metavar="N", min=0, help="Seed of the draw.")] = 0,
    columns: Columns = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    as_json: Json = False,
) -> None:
    """Say how many posts to label, and draw them.

    More of the posts that the model is unsure of are drawn, each with a known chance, which is written beside it.
    `feelscope label` opens the drawn posts if --posts gives their words and pictures.

    \b
    Examples:
      feelscope estimate plan predictions.parquet --posts posts.csv --width 0.04 --out sample.csv
      feelscope estimate plan predictions.parquet --posts posts.csv --labelled labels.csv --out sample.csv
    """
    from feelscope.estimate import report
    from feelscope.estimate.labelled import read_labelled
    from feelscope.estimate.planning import check_posts, draw, sample_rows
    from feelscope.estimate.planning import plan as make_plan
    from feelscope.estimate.predictions import PredictionFile
    from feelscope.table import open_writer

    file = PredictionFile(predictions)
    pilot = None if labelled is None else read_labelled(labelled, file.emotions)
    with (
        nullcontext() if posts is None else open_posts(posts, columns, quarantine, max_errors, out=out) as table,
        stoppable(start_again),
        Progress("reading") as progress,
    ):
        check_posts(table)
        found, frame = make_plan(file, file.emotions, width, pilot, number, progress)
        drawn = draw(file, frame, found.number, seed)
        with open_writer(out) as writer:
            for row in sample_rows(drawn, table, out.parent):
                writer.write(row)
        progress.close()
    _show(report.plan_json(found), report.plan_text(found), as_json)
    say(f"the posts to label are in {out}; label them with feelscope label, then feelscope estimate --labelled")


def _show(figures: dict[str, object], text: str, as_json: bool) -> None:
    if as_json:
        show_json(figures, indent=2)
    else:
        show_text(text)


def _write(figures: dict[str, object], rows: "list[dict[str, object]]", out: Path | None) -> None:
    from feelscope.files import write_json
    from feelscope.text.csv_cells import write_csv

    if out is None:
        return
    if out.suffix.lower() == ".csv":
        write_csv(out, rows)
    else:
        write_json(out, figures)
    say(f"the figures are in {out}")
