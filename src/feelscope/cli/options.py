"""Options that several commands share, and how their values are read."""

import re
from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[str, typer.Option(metavar="builtin|RUN", help="The built-in model, or a folder that `train` wrote.")]
Columns = Annotated[
    str,
    typer.Option(metavar="NAME=COLUMN,...", help="Which column is which, such as text=Caption,emotion=Label."),
]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Read only the first N posts.")]
QuarantineFile = Annotated[
    Path, typer.Option("--quarantine", metavar="FILE", help="Where to write the rows that cannot be read, and why.")
]


def read_columns(value: str, option: str = "--columns") -> dict[str, str]:
    """Read `text=Caption,emotion=Label`; a column's name may have a comma in it."""
    pairs = [pair.partition("=") for pair in re.split(r",(?=\s*\w+\s*=)", value) if pair.strip()]
    if any(not (name.strip() and column.strip()) for name, _, column in pairs):
        raise typer.BadParameter(f"expected NAME=COLUMN,..., found {value!r}", param_hint=option)
    return {name.strip(): column.strip() for name, _, column in pairs}
