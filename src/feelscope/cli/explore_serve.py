"""`feelscope explore serve`: the page of an archive, on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.engines import Engine, open_index


def serve(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="The folder that `build` wrote.")],
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Where the page is; 0 for any.")] = 8014,
    engine: Engine = "",
) -> None:
    """Show an archive on a page: what was said, of what, when, and how people felt.

    The page is for this machine alone. Stop with Ctrl+C.

    \b
    Examples:
      feelscope explore serve archive
    """
    from feelscope.explore.server import application
    from feelscope.web.page_server import serve

    archive = open_index(index, engine)
    posts = f"{archive.facts.posts:,} posts"
    serve(
        application(archive),
        port,
        lambda address: typer.echo(f"{posts}; open {address} and stop with Ctrl+C", err=True),
    )
