"""`feelscope explore trend`: the emotions of posts over time."""

from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from feelscope.cli import options
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import open_posts

if TYPE_CHECKING:
    from feelscope.explore.trend.counts import DailyCounts
    from feelscope.explore.trend.trend import Trend


def trend(
    source: Annotated[Path, Argument(metavar="INDEX|TABLE", help="An index, or posts with emotions.")],
    words: Annotated[str, Argument(metavar="QUERY", help="For an index: posts with these words.")] = "",
    subject: options.Subject = "",
    since: options.Since = "",
    until: options.Until = "",
    unit: options.Unit = "month",
    predictions: Annotated[
        Path | None, Option(metavar="FILE", help="What `predict --out` wrote for this table.")
    ] = None,
    labelled: Annotated[
        Path | None, Option(metavar="FILE", help="Labelled posts, as for `estimate`: corrected shares too.")
    ] = None,
    out: Annotated[
        Path | None, Option(metavar="FOLDER", help="Where to write the figure, its table and trend.json.")
    ] = None,
    raw: options.Raw = False,
    as_json: options.Json = False,
    engine: options.Engine = "",
    follow: Annotated[bool, Option("--follow", help="Continue as posts are added, until Ctrl+C.")] = False,
    every: Annotated[float, Option(metavar="SECONDS", min=0.05, help="With --follow: how often to look.")] = 5.0,
    columns: options.Columns = "",
    dates: options.Dates = "",
    quarantine: options.QuarantineFile = None,
    max_errors: options.MaxErrors = 5.0,
    limit: options.Limit = None,
) -> None:
    """Show the share of each emotion over time, and its changes.

    Shares have 95% intervals, which know nothing of the model's errors unless --labelled gives labelled posts; a change
    is a time at which the mix of emotions shifted.

    \b
    Examples:
      feelscope explore trend archive
      feelscope explore trend archive assad --from 2011-01-01 --out assad
      feelscope explore trend posts.csv --predictions predictions.jsonl --unit year
      feelscope explore trend posts.csv --predictions predictions.jsonl --labelled labels.csv
      feelscope explore trend growing.jsonl --follow --out now
    """
    from feelscope.explore.search.bins import check_unit
    from feelscope.explore.search.state import State
    from feelscope.explore.trend.counts import felt_posts
    from feelscope.explore.trend.follow import GrowingCounts, index_trends

    check_unit(unit)
    is_index = source.is_dir()
    if not is_index and (words or subject or engine):
        hint = "QUERY, --subject and --engine are for an index"
        raise typer.BadParameter(f"{source} is not an index; {hint}", param_hint="QUERY")
    if is_index and (predictions or columns or dates or limit):
        of_tables = "--predictions, --columns, --dates, --limit"
        raise typer.BadParameter("is for tables; the index has its posts", param_hint=of_tables)
    if labelled and not predictions:
        hint = "give the table and --predictions, whose probabilities are corrected"
        raise typer.BadParameter(f"needs --predictions; {hint}", param_hint="--labelled")
    if follow and predictions:
        raise typer.BadParameter("cannot follow --predictions; give a table that has emotions", param_hint="--follow")
    ends_well = suppress(KeyboardInterrupt) if follow else nullcontext()
    span = since or None, until or None
    if is_index:
        with ends_well:
            state = State(words, subject or None, *span)
            for trend in index_trends(source, engine, state, unit, every if follow else None):
                _show(trend, out, as_json, follow)
        return
    progress = Progress("reading")
    days = None
    if labelled is not None and predictions is not None:
        from feelscope.explain.structure.predicted_posts import Predictions
        from feelscope.explore.trend.corrected import LabelledDays

        days = LabelledDays(labelled, Predictions(predictions).emotions)

    def show(counts: "DailyCounts") -> None:
        progress.close()
        found = counts.trend(unit, *span)
        if days is not None:
            found = replace(found, corrected=days.corrected(found.bins, found.emotions))
        _show(found, out, as_json, follow)

    growing = GrowingCounts(source.name, show, every)
    wait = growing.wait if follow else None
    with (
        open_posts(
            source,
            columns,
            quarantine,
            max_errors,
            out=out,
            limit=limit,
            wait=wait,
            tells_dates=True,
            predictions=predictions,
            labelled=labelled,
        ) as table,
        ends_well,
        progress,
    ):
        progress.total = table.rough_length()
        growing.read(felt_posts(table, predictions, days), progress)


def _show(trend: "Trend", out: Path | None, as_json: bool, follow: bool) -> None:
    from feelscope.cli.exploring import describe_trend, trend_in_a_line
    from feelscope.explore.trend.figure import save_trend

    if out is not None:
        save_trend(trend, out)
    if as_json:
        show_json(trend.as_json())
    else:
        show_text(trend_in_a_line(trend) if follow else describe_trend(trend))
    if out is not None and not follow:
        say(f"trend.png, .svg, .csv and .json are in {out}")
