"""`feelscope explore export`: an index copied into a search engine."""

from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.progress import Progress
from feelscope.cli.running import stoppable


def export(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="The folder of the index.")],
    engine: Annotated[
        str, typer.Argument(metavar="URL", help="Of the new index, as in http://localhost:9200/archive.")
    ],
    anew: Annotated[bool, typer.Option("--anew", help="Replace what an earlier export made there.")] = False,
) -> None:
    """Copy an index into Quickwit, Elasticsearch or OpenSearch, which then answers for it with --engine URL.

    \b
    Examples:
      feelscope explore export archive http://localhost:9200/archive
      feelscope explore export archive http://localhost:7280/api/v1/_elastic/archive
      feelscope explore query archive assad --engine http://localhost:9200/archive
    """
    from feelscope.explore.export import export
    from feelscope.explore.http_call import Server

    server = Server(engine)
    with stoppable(*["--anew"] * server.is_quickwit), Progress("sending") as progress:
        sent, known = export(index, server, anew=anew, progress=progress)
    typer.echo(f"{server.shown}: {sent:,} posts sent" + (f", {known:,} were there already" if known else ""))
