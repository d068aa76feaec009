"""What a command says on stderr about the table it reads: its columns, and the rows that were left out."""

import shlex
import sys

import typer

from feelscope.table import PostsTable, Quarantine


def show_columns(table: PostsTable) -> None:
    """Say which column is read as what."""
    found = [name if name == column else f"{name} from {column!r}" for name, column in table.columns.items()]
    typer.echo(f"{table.path}: columns {', '.join(found)}", err=True)


def rough_total(table: PostsTable) -> int:
    """About how many posts will come, for a progress line."""
    rows = table.rough_length()
    return rows if table.limit is None else min(rows, table.limit)


def show_quarantined(quarantine: Quarantine) -> None:
    """Say how many rows were left out, why, and where they are."""
    if not quarantine.count:
        return
    typer.echo(f"{quarantine.count:,} left out, see {quarantine.path}:", err=True)
    for reason, count in quarantine.reasons.most_common():
        typer.echo(f"  {count:,} {reason}", err=True)


def same_command(*more: str) -> str:
    """The command that runs, with further options, for a person to copy."""
    arguments = sys.argv[1:]
    return shlex.join(["feelscope", *arguments, *(option for option in more if option not in arguments)])
