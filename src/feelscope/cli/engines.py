"""The option of commands that ask an index: who answers."""

from typing import Annotated

import typer

Engine = Annotated[
    str, typer.Option(metavar="URL", help="Ask the index that `export` made there, instead of the folder's own.")
]
