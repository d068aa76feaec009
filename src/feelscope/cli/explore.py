"""`feelscope explore`: an archive of posts, by query, subject, time and emotion."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from feelscope.cli import options
from feelscope.cli.output import show, show_json, show_text
from feelscope.cli.progress import Progress, Stages, say
from feelscope.cli.running import continue_with, open_posts, stoppable
from feelscope.cli.trend import trend
from feelscope.errors import ExploreError
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from feelscope.explore.search.state import Facts

explore = typer.Typer(no_args_is_help=True)


@explore.callback()
def _commands() -> None:
    """Explore an archive by query, subject, time and emotion.

    \b
    Examples:
      feelscope explore build posts.parquet archive
      feelscope explore serve archive
    """


@explore.command()
def build(
    table: options.Table,
    index: options.Index,
    name: Annotated[str, Option(metavar="NAME", help="What the archive is called; default: the table's name.")] = "",
    model: options.Model = "builtin",
    facets: Annotated[
        str,
        Option(metavar="COLUMN,...", help="Columns to filter and count by, beside source, author and tags."),
    ] = "",
    mapped: Annotated[
        bool, Option("--map", help="Place posts on a map by their words; all posts are read by the model for it.")
    ] = False,
    rebuild: Annotated[
        bool, Option("--rebuild", help="Replace the index that is there, once the new one is complete.")
    ] = False,
    columns: options.Columns = "",
    dates: options.Dates = "",
    encoding: options.Encoding = "",
    images: options.Images = None,
    quarantine: options.QuarantineFile = None,
    max_errors: options.MaxErrors = 5.0,
    limit: options.Limit = None,
    memory: options.Memory = options.MEMORY,
) -> None:
    """Build the index of an archive, from a table of posts.

    Posts without an emotion get the model's; subjects are found and pictures made small.
    After a stop, the same command continues.

    \b
    Examples:
      feelscope explore build posts.parquet archive
      feelscope explore build posts.parquet archive --map
      feelscope explore build posts.parquet archive --rebuild --name "Reddit to 2013" --facets country,party
    """
    from feelscope.emotions import meaning
    from feelscope.explore.index.build import build

    with (
        open_posts(
            table,
            columns,
            quarantine,
            max_errors,
            out=index,
            limit=limit,
            advice=continue_with,
            tells_dates=True,
            same=meaning,
            keep_ties=True,
        ) as posts,
        Stages() as stages,
    ):
        columns_of = tuple(filter(None, map(str.strip, facets.split(","))))
        facts = build(
            posts, index, name=name, model=model, facets=columns_of, mapped=mapped, rebuild=rebuild, progress=stages
        )
    show(_said(index, facts))


@explore.command()
def add(
    table: options.Table,
    index: options.Index,
    columns: options.Columns = "",
    dates: options.Dates = "",
    encoding: options.Encoding = "",
    images: options.Images = None,
    quarantine: options.QuarantineFile = None,
    max_errors: options.MaxErrors = 5.0,
    limit: options.Limit = None,
    memory: options.Memory = options.MEMORY,
    follow: Annotated[
        bool, Option("--follow", help="Add what is new whenever the table has grown, until Ctrl+C.")
    ] = False,
    every: Annotated[float, Option(metavar="SECONDS", min=0.05, help="With --follow: how often to look.")] = 10.0,
) -> None:
    """Add the posts of a table to an index.

    Posts whose ids the index has stay as they are.

    \b
    Examples:
      feelscope explore add new_posts.csv archive
      feelscope explore add posts.db archive --follow
    """
    from feelscope.emotions import meaning
    from feelscope.explore.index.build import add
    from feelscope.explore.index.following import follow as keep_up

    told = False

    def add_new() -> "Facts":
        nonlocal told
        with (
            open_posts(
                table,
                columns,
                quarantine,
                max_errors,
                out=index,
                limit=limit,
                advice=continue_with,
                keep=True,
                tells_dates=True,
                same=meaning,
                keep_ties=True,
                quiet=told,
            ) as posts,
            Stages() as stages,
        ):
            # Of a later look that finds nothing there is nothing to say.
            news = (lambda stage, done, *more: stages(stage, done, *more) if done else None) if told else stages
            told = True
            return add(posts, index, progress=news)

    if not follow:
        show(_said(index, add_new()))
        return
    with suppress(KeyboardInterrupt):
        keep_up(table, add_new, every, lambda facts: show(_said(index, facts)))


@explore.command()
def query(
    index: options.Index,
    words: Annotated[
        str, Argument(metavar="QUERY", help='Words, "exact words", -without, this OR that; by default, all posts.')
    ] = "",
    subject: options.Subject = "",
    since: options.Since = "",
    until: options.Until = "",
    emotion: Annotated[str, Option(metavar="EMOTION", help="Posts with this emotion.")] = "",
    facet: Annotated[
        list[str] | None, Option(metavar="NAME=VALUE", help="Posts with this source, author or tag; may be repeated.")
    ] = None,
    area: Annotated[
        str, Option(metavar="X,Y,X,Y", help="Posts in a part of the map, from its lower left to its upper right.")
    ] = "",
    against: Annotated[str, Option(metavar="QUERY", help="Compare with posts of other words.")] = "",
    against_from: Annotated[str, Option(metavar="DAY", help="Compare with another time: its first day.")] = "",
    against_to: Annotated[str, Option(metavar="DAY", help="The day after its last one.")] = "",
    against_rest: Annotated[bool, Option("--against-rest", help="Compare with everything else.")] = False,
    course: Annotated[str, Option(metavar="EMOTION", help="With --json: its share over time.")] = "",
    unit: Annotated[
        str,
        Option(metavar="day|week|month|year|auto", help="What is counted together; by default what fits the time."),
    ] = "auto",
    order: Annotated[
        str,
        Option(metavar="oldest|newest|best|typical|surest", help="Which sentences come first."),
    ] = "oldest",
    page: Annotated[int, Option(metavar="N", min=1, help="Which page of ten sentences.")] = 1,
    subjects_page: Annotated[int, Option(metavar="N", min=1, help="Which page of ten subjects.")] = 1,
    engine: options.Engine = "",
    csv: Annotated[
        str, Option("--csv", metavar="VIEW", help="A whole view as CSV, such as subjects, sentences or timeline.")
    ] = "",
    as_json: options.Json = False,
) -> None:
    """Ask an index for counts, feelings, subjects and sentences.

    Feelings are measured against the archive in the same time, or against what is compared.

    \b
    Examples:
      feelscope explore query archive assad --emotion fear
      feelscope explore query archive '"arab spring" assad -egypt' --from 2011-01-01 --to 2012-01-01 --json
      feelscope explore query archive 'cairo OR tahrir' --facet source=news
      feelscope explore query archive boston --from 2013-04-15 --against-to 2013-04-15
      feelscope explore query archive boston --csv subjects > subjects.csv
    """
    from dataclasses import replace
    from functools import partial

    from feelscope.cli.exploring import describe, named_values, table_lines
    from feelscope.explore.archive import open_archive
    from feelscope.explore.search.area import Area
    from feelscope.explore.search.state import State
    from feelscope.explore.views.against import REST, Against

    compared = Against.read(
        {
            "against": REST if against_rest else None,
            "against_query": against,
            "against_from": against_from,
            "against_to": against_to,
        }
    )
    state = State(words, subject or None, since or None, until or None, emotion or None, named_values(facet or ()))
    state = replace(state, area=Area.read(area) if area else None)
    if csv and as_json:
        raise ExploreError("--csv and --json cannot be together; give one of them")
    archive = open_archive(index, engine)
    if csv:
        ask = partial(archive.views, state, against=compared, course=course or None, unit=unit, order=order)
        for line in table_lines(csv, ask, partial(archive.all_sentences, state, unit, order)):
            show_text(line.rstrip("\r\n"))
        return
    answer = archive.views(
        state,
        against=compared,
        course=course or None,
        unit=unit,
        subjects_page=subjects_page,
        sentences_page=page,
        order=order,
    )
    if as_json:
        show_json(answer)
        return
    by_year = archive.views(state, against=compared, unit="year", parts=("timeline",))["timeline"]["bins"]
    show_text(*describe(answer, by_year))


@explore.command()
def serve(
    index: options.Index,
    port: Annotated[int, Option(metavar="N", min=0, max=65535, help="Port of the page; 0: any free one.")] = 8014,
    engine: options.Engine = "",
) -> None:
    """Show an archive on a page.

    The page shows what was said, about what, when, and how people felt, and says when posts were added. It is for this
    machine alone. Stop with Ctrl+C.

    \b
    Examples:
      feelscope explore serve archive
    """
    from feelscope.explore.archive import open_archive
    from feelscope.explore.newest import NewestArchive
    from feelscope.explore.server import application
    from feelscope.web.page_server import serve

    newest = None if engine else NewestArchive(index)  # an engine is not told of posts that are added to the folder
    archive = open_archive(index, engine) if newest is None else newest()
    posts = counted(archive.facts.posts, "post")
    pages = application(archive, newest)
    serve(pages, port, lambda address: say(f"{posts}; open {address} and stop with Ctrl+C"))


explore.command()(trend)


@explore.command()
def export(
    index: options.Index,
    engine: Annotated[str, Argument(metavar="URL", help="Of the new index, as in http://localhost:9200/archive.")],
    rebuild: Annotated[bool, Option("--rebuild", help="Replace what an earlier export made there.")] = False,
) -> None:
    """Copy an index into Quickwit, Elasticsearch or OpenSearch.

    Commands with --engine URL then ask it instead of the folder.

    \b
    Examples:
      feelscope explore export archive http://localhost:9200/archive
      feelscope explore export archive http://localhost:7280/api/v1/_elastic/archive
      feelscope explore query archive assad --engine http://localhost:9200/archive
    """
    from feelscope.explore.index.export import export
    from feelscope.explore.search.http_call import Server

    server = Server(engine)
    with stoppable(lambda: continue_with(*["--rebuild"] * server.is_quickwit)), Progress("sending") as progress:
        sent, known = export(index, server, rebuild=rebuild, progress=progress)
    show(f"{server.shown}: {counted(sent, 'post')} sent" + (f", {known:,} were there already" if known else ""))


def _said(index: Path, facts: "Facts") -> str:
    """What an index holds now, in a line."""
    dates = "none with a date" if facts.start is None else f"from {facts.start} to before {facts.end}"
    undated = f", {facts.undated:,} without a date" if facts.undated and facts.start else ""
    return f"{index}: {counted(facts.posts, 'post')}, {dates}{undated}"
