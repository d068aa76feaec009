"""Options that several commands share, and how their values are read."""

import re
from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    str, typer.Option(metavar="builtin|RUN", help="The built-in model, or the folder that `train` wrote.")
]
Columns = Annotated[
    str,
    typer.Option(metavar="NAME=COLUMN,...", help="Which column is which, as in text=Caption,emotion=Label."),
]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Read the first N posts only.")]
QuarantineFile = Annotated[
    Path, typer.Option("--quarantine", metavar="FILE", help="Where rows that cannot be read go, with the reason.")
]


def read_columns(value: str) -> dict[str, str]:
    """Read `text=Caption,emotion=Label`; a comma within a column's name is left alone."""
    pairs = [pair.partition("=") for pair in re.split(r",(?=\s*\w+\s*=)", value) if pair.strip()]
    if any(not (name.strip() and column.strip()) for name, _, column in pairs):
        raise typer.BadParameter(f"expected NAME=COLUMN,... and found {value!r}", param_hint="--columns")
    return {name.strip(): column.strip() for name, _, column in pairs}


def refuse_overwriting(table: Path, **files: Path | None) -> None:
    """Refuse an option that names the table that is read, or the file of another option."""
    taken = {"TABLE": table}
    for name, file in files.items():
        for other, path in taken.items():
            if file is not None and _is_same(file, path):
                raise typer.BadParameter(f"{file} is the file of {other} as well; name another", param_hint=f"--{name}")
        if file is not None:
            taken[f"--{name}"] = file


def _is_same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute() or (one.exists() and other.exists() and one.samefile(other))
