"""`feelscope explore serve`: the page of an archive, on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.engines import Engine


def serve(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="The folder that `build` wrote.")],
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port of the page; 0: any free one.")] = 8014,
    engine: Engine = "",
) -> None:
    """Show an archive on a page: what was said, of what, when, and how people felt.

    The page is for this machine alone. Stop with Ctrl+C.

    \b
    Examples:
      feelscope explore serve archive
    """
    from feelscope.explore.archive import open_archive
    from feelscope.explore.server import application
    from feelscope.web.page_server import serve

    archive = open_archive(index, engine)
    posts = f"{archive.facts.posts:,} posts"
    pages = application(archive)
    serve(pages, port, lambda address: typer.echo(f"{posts}; open {address} and stop with Ctrl+C", err=True))
