"""`feelscope explore`: an archive of posts, by query, subject, time and emotion."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feelscope.cli.engines import Engine
from feelscope.cli.explore_serve import serve
from feelscope.cli.export import export
from feelscope.cli.options import Columns, Limit, Model, QuarantineFile
from feelscope.cli.progress import Stages
from feelscope.cli.running import open_posts, stoppable
from feelscope.cli.trend import trend
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from feelscope.explore.search.state import Facts

explore = typer.Typer(no_args_is_help=True)


@explore.callback()
def _commands() -> None:
    """Explore an archive of posts by query, subject, time and emotion.

    \b
    Examples:
      feelscope explore build posts.parquet archive
      feelscope explore serve archive
    """


_QUARANTINE = Path("quarantine.jsonl")
Table = Annotated[Path, typer.Argument(metavar="TABLE", help="Posts: .csv, .jsonl or .parquet.")]
Index = Annotated[Path, typer.Argument(metavar="INDEX", help="The folder of the index.")]


@explore.command()
def build(
    table: Table,
    index: Index,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What the archive is called; default: the table's name.")
    ] = "",
    model: Model = "builtin",
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Replace the index that is there, once the new one is complete.")
    ] = False,
    columns: Columns = "",
    quarantine: QuarantineFile = _QUARANTINE,
    limit: Limit = None,
) -> None:
    """Build the index of an archive, from a table of posts.

    Posts without an emotion get the model's; subjects are found and pictures made small.
    After a stop, the same command continues.

    \b
    Examples:
      feelscope explore build posts.parquet archive
      feelscope explore build posts.parquet archive --rebuild --name "Reddit to 2013"
    """
    from feelscope.explore.index.build import build

    _write(build, table, index, columns, quarantine, limit, name=name, model=model, rebuild=rebuild)


@explore.command()
def add(
    table: Table,
    index: Index,
    columns: Columns = "",
    quarantine: QuarantineFile = _QUARANTINE,
    limit: Limit = None,
) -> None:
    """Add the posts of a table to an index.

    Posts whose ids the index has stay as they are.

    \b
    Examples:
      feelscope explore add new_posts.csv archive
    """
    from feelscope.explore.index.build import add

    _write(add, table, index, columns, quarantine, limit)


@explore.command()
def query(
    index: Index,
    words: Annotated[
        str, typer.Argument(metavar="QUERY", help='Words, and "phrases in quotes"; by default, all posts.')
    ] = "",
    subject: Annotated[str, typer.Option(metavar="SUBJECT", help="Posts with this subject.")] = "",
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="The day after the last one.")] = "",
    emotion: Annotated[str, typer.Option(metavar="EMOTION", help="Posts with this emotion.")] = "",
    unit: Annotated[str, typer.Option(metavar="day|month|year", help="Of the timeline.")] = "month",
    page: Annotated[int, typer.Option(metavar="N", min=1, help="Which page of ten sentences.")] = 1,
    subjects_page: Annotated[int, typer.Option(metavar="N", min=1, help="Which page of ten subjects.")] = 1,
    engine: Engine = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")] = False,
) -> None:
    """Ask an index for counts, a timeline, subjects and sentences.

    \b
    Examples:
      feelscope explore query archive assad --emotion fear
      feelscope explore query archive '"arab spring" assad' --from 2011-01-01 --to 2012-01-01 --json
    """
    from feelscope.cli.exploring import describe
    from feelscope.explore.archive import open_archive
    from feelscope.explore.search.state import State

    state = State(words, subject or None, since or None, until or None, emotion or None)
    archive = open_archive(index, engine)
    answer = archive.views(state, unit=unit, subjects_page=subjects_page, sentences_page=page)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    by_year = archive.views(state, unit="year", parts=("timeline",))["timeline"]["bins"]
    typer.echo(describe(answer, by_year))


def _write(run, table: Path, index: Path, columns: str, quarantine: Path, limit: int | None, **more) -> None:  # type: ignore[no-untyped-def]
    """Run `build` or `add`, and say what came of it."""
    with open_posts(table, columns, quarantine, limit=limit) as posts, stoppable(), Stages() as stages:
        facts = run(posts, index, progress=stages, **more)
    typer.echo(_said(index, facts))


def _said(index: Path, facts: "Facts") -> str:
    """What an index holds now, in a line."""
    dates = "none with a date" if facts.start is None else f"from {facts.start} to before {facts.end}"
    undated = f", {facts.undated:,} without a date" if facts.undated and facts.start else ""
    return f"{index}: {counted(facts.posts, 'post')}, {dates}{undated}"


for command in (serve, trend, export):
    explore.command()(command)
