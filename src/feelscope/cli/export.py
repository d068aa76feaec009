"""`feelscope explore export`: an index copied into a search engine."""

from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.progress import Progress
from feelscope.cli.running import stoppable
from feelscope.text.counts import counted


def export(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="The folder of the index.")],
    engine: Annotated[
        str, typer.Argument(metavar="URL", help="Of the new index, as in http://localhost:9200/archive.")
    ],
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Replace what an earlier export made there.")] = False,
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
    with stoppable(*["--rebuild"] * server.is_quickwit), Progress("sending") as progress:
        sent, known = export(index, server, rebuild=rebuild, progress=progress)
    typer.echo(f"{server.shown}: {counted(sent, 'post')} sent" + (f", {known:,} were there already" if known else ""))
