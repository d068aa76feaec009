"""`feelscope explore trend`: the emotions of posts over time."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feelscope.cli.engines import Engine, open_index
from feelscope.cli.options import Columns, Limit, QuarantineFile
from feelscope.cli.progress import Progress
from feelscope.cli.running import open_posts, rough_total

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive
    from feelscope.explore.state import State
    from feelscope.explore.trend import Trend
    from feelscope.explore.trend_counts import Counting

_NAME = "trend"  # of the files in --out
_QUARANTINE = Path("quarantine.jsonl")


def trend(
    source: Annotated[Path, typer.Argument(metavar="INDEX|TABLE", help="An index, or posts with emotions.")],
    words: Annotated[str, typer.Argument(metavar="QUERY", help="Of an index: posts with these words.")] = "",
    subject: Annotated[str, typer.Option(metavar="SUBJECT", help="Of an index: posts with this subject.")] = "",
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="The day behind the last one.")] = "",
    unit: Annotated[str, typer.Option(metavar="day|month|year", help="What is counted together.")] = "month",
    predictions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What `predict --out` wrote of this table.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write figure, its table and trend.json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")] = False,
    engine: Engine = "",
    follow: Annotated[bool, typer.Option("--follow", help="Go on as posts are added, until Ctrl+C.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.05, help="With --follow: how often to look.")] = 5.0,
    columns: Columns = "",
    quarantine: QuarantineFile = _QUARANTINE,
    limit: Limit = None,
) -> None:
    """Show the share of each emotion over time, with intervals, and when the mix of emotions changed.

    \b
    Examples:
      feelscope explore trend archive
      feelscope explore trend archive assad --from 2011-01-01 --out assad
      feelscope explore trend posts.csv --predictions predictions.jsonl --unit year
      feelscope explore trend growing.jsonl --follow --out now
    """
    from feelscope.explore.state import State
    from feelscope.explore.trend_counts import check_unit

    check_unit(unit)
    is_index = source.is_dir()
    if not is_index and (words or subject or engine):
        hint = "QUERY, --subject and --engine are for an index"
        raise typer.BadParameter(f"{source} is no index; {hint}", param_hint="QUERY")
    if is_index and (predictions or columns or limit):
        raise typer.BadParameter(
            "is for tables; the index has its posts", param_hint="--predictions, --columns, --limit"
        )
    if follow and predictions:
        raise typer.BadParameter("goes without --predictions; follow a table that has emotions", param_hint="--follow")
    again = every if follow else None

    def show(one: "Trend") -> None:
        _show(one, out, as_json, follow)

    try:
        if is_index:
            state = State(words, subject or None, since or None, until or None)
            _of_index(lambda: open_index(source, engine), source, state, unit, again, show)
        else:
            given = _Table(source, columns, quarantine, limit, predictions)
            _of_table(given, lambda counted: show(counted.trend(unit, since or None, until or None)), again)
    except KeyboardInterrupt:
        if not follow:
            raise


@dataclass(frozen=True)
class _Table:
    """Which posts are read, and how."""

    path: Path
    columns: str
    quarantine: Path
    limit: int | None
    predictions: Path | None


def _show(one: "Trend", out: Path | None, as_json: bool, follow: bool) -> None:
    from feelscope.cli.trend_lines import describe, in_a_line

    if out is not None:
        _write(one, out)
    if as_json:
        typer.echo(json.dumps(one.as_json(), ensure_ascii=False))
    else:
        typer.echo(in_a_line(one) if follow else describe(one))
    if out is not None and not follow:
        typer.echo(f"{_NAME}.png, .svg, .csv and .json are in {out}", err=True)


def _write(one: "Trend", out: Path) -> None:
    from feelscope import drawing
    from feelscope.explore.trend_figure import draw_trend

    drawing.save(*draw_trend(one), out, _NAME)
    part = out / f"{_NAME}.json.part"
    part.write_text(json.dumps(one.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(out / f"{_NAME}.json")


def _of_index(
    opened: Callable[[], "Archive"],
    index: Path,
    state: "State",
    unit: str,
    every: float | None,
    show: Callable[["Trend"], None],
) -> None:
    """Show the trend of an index; with `every`, again whenever posts were added to it."""
    from feelscope.explore.about import read_complete
    from feelscope.explore.trend_counts import archive_trend

    while True:
        shown = read_complete(index)
        show(archive_trend(opened(), state, unit))
        if every is None:
            return
        while read_complete(index) == shown:
            time.sleep(every)


def _of_table(given: _Table, show: Callable[["Counting"], None], every: float | None) -> None:
    """Show the trend of a table; with `every`, again whenever rows came."""
    from feelscope.explore.trend_counts import Counting, felt_posts

    counted = Counting(given.path.name)
    shown = 0

    def wait() -> bool:
        nonlocal shown
        if counted.posts > shown:
            progress.close()
            show(counted)
            shown = counted.posts
        time.sleep(every or 0)
        return True

    follows = None if every is None else wait
    with (
        open_posts(
            given.path,
            given.columns,
            given.quarantine,
            limit=given.limit,
            wait=follows,
            predictions=given.predictions,
        ) as posts,
        Progress("reading", rough_total(posts)) as progress,
    ):
        for created_at, emotion in felt_posts(posts, given.predictions):
            counted.add(created_at, emotion)
            if not shown:
                progress(counted.posts)
    if counted.posts > shown or not counted.posts:
        show(counted)
