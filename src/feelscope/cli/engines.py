"""The option of commands that ask an index: who answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

Engine = Annotated[
    str, typer.Option(metavar="URL", help="Ask the index that `export` made there, in place of the folder's own.")
]


def open_index(index: Path, engine: str = "") -> "Archive":
    """Open an index that answers itself, or that the engine at an address answers for."""
    if engine:
        from feelscope.explore.http_engine import ask_over_http

        return ask_over_http(index, engine)
    from feelscope.explore.archive import open_archive

    return open_archive(index)
