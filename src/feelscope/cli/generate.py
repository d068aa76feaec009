"""`feelscope generate`: posts and pictures that express an emotion."""

import typer

generate = typer.Typer(no_args_is_help=True)


@generate.callback()
def _commands() -> None:
    """Write posts and draw pictures that express an emotion."""
