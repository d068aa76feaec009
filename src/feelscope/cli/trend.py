"""`feelscope explore trend`: the emotions of posts over time."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feelscope.cli.engines import Engine
from feelscope.cli.options import Columns, Limit, QuarantineFile
from feelscope.cli.progress import Progress
from feelscope.cli.running import open_posts, rough_total

if TYPE_CHECKING:
    from feelscope.explore.trend.counts import DailyCounts
    from feelscope.explore.trend.trend import Trend

_QUARANTINE = Path("quarantine.jsonl")


def trend(
    source: Annotated[Path, typer.Argument(metavar="INDEX|TABLE", help="An index, or posts with emotions.")],
    words: Annotated[str, typer.Argument(metavar="QUERY", help="For an index: posts with these words.")] = "",
    subject: Annotated[str, typer.Option(metavar="SUBJECT", help="For an index: posts with this subject.")] = "",
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="The day after the last one.")] = "",
    unit: Annotated[str, typer.Option(metavar="day|month|year", help="How long each point of the trend is.")] = "month",
    predictions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What `predict --out` wrote for this table.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to write the figure, its table and trend.json.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")] = False,
    engine: Engine = "",
    follow: Annotated[bool, typer.Option("--follow", help="Continue as posts are added, until Ctrl+C.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.05, help="With --follow: how often to look.")] = 5.0,
    columns: Columns = "",
    quarantine: QuarantineFile = _QUARANTINE,
    limit: Limit = None,
) -> None:
    """Show the share of each emotion over time, and its changes.

    Shares have 95% intervals; a change is a time at which the mix of emotions shifted.

    \b
    Examples:
      feelscope explore trend archive
      feelscope explore trend archive assad --from 2011-01-01 --out assad
      feelscope explore trend posts.csv --predictions predictions.jsonl --unit year
      feelscope explore trend growing.jsonl --follow --out now
    """
    from feelscope.explore.index.opened import open_index
    from feelscope.explore.search.bins import check_unit
    from feelscope.explore.search.state import State
    from feelscope.explore.trend.counts import felt_posts
    from feelscope.explore.trend.follow import GrowingCounts, index_trends

    check_unit(unit)
    is_index = source.is_dir()
    if not is_index and (words or subject or engine):
        hint = "QUERY, --subject and --engine are for an index"
        raise typer.BadParameter(f"{source} is not an index; {hint}", param_hint="QUERY")
    if is_index and (predictions or columns or limit):
        raise typer.BadParameter(
            "is for tables; the index has its posts", param_hint="--predictions, --columns, --limit"
        )
    if follow and predictions:
        raise typer.BadParameter("cannot follow --predictions; give a table that has emotions", param_hint="--follow")
    try:
        if is_index:
            state = State(words, subject or None, since or None, until or None)
            opened = partial(open_index, source, engine)
            for shown in index_trends(source, opened, state, unit, every if follow else None):
                _show(shown, out, as_json, follow)
            return
        with Progress("reading") as progress:

            def show(counts: "DailyCounts") -> None:
                progress.close()
                _show(counts.trend(unit, since or None, until or None), out, as_json, follow)

            growing = GrowingCounts(source.name, show, every)
            wait = growing.wait if follow else None
            with open_posts(source, columns, quarantine, limit=limit, wait=wait, predictions=predictions) as table:
                progress.total = rough_total(table)
                growing.read(felt_posts(table, predictions), progress)
    except KeyboardInterrupt:
        if not follow:
            raise


def _show(trend: "Trend", out: Path | None, as_json: bool, follow: bool) -> None:
    from feelscope.cli.trend_lines import describe, in_a_line
    from feelscope.explore.trend.figure import save_trend

    if out is not None:
        save_trend(trend, out)
    if as_json:
        typer.echo(json.dumps(trend.as_json(), ensure_ascii=False))
    else:
        typer.echo(in_a_line(trend) if follow else describe(trend))
    if out is not None and not follow:
        typer.echo(f"trend.png, .svg, .csv and .json are in {out}", err=True)
