"""`feelscope explore serve`: the page of an archive, on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.engines import Engine
from feelscope.text.counts import counted


def serve(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="The folder that `build` wrote.")],
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port of the page; 0: any free one.")] = 8014,
    engine: Engine = "",
) -> None:
    """Show an archive on a page.

    The page shows what was said, about what, when, and how people felt. It is for this machine alone. Stop with Ctrl+C.

    \b
    Examples:
      feelscope explore serve archive
    """
    from feelscope.explore.archive import open_archive
    from feelscope.explore.server import application
    from feelscope.web.page_server import serve

    archive = open_archive(index, engine)
    posts = counted(archive.facts.posts, "post")
    pages = application(archive)
    serve(pages, port, lambda address: typer.echo(f"{posts}; open {address} and stop with Ctrl+C", err=True))
