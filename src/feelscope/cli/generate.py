"""`feelscope generate`: posts and pictures that express an emotion."""

import typer

from feelscope.cli.generate_picture import picture, train_pictures

generate = typer.Typer(no_args_is_help=True)


@generate.callback()
def _commands() -> None:
    """Write posts and draw pictures that express an emotion."""


generate.command()(picture)
generate.command()(train_pictures)
