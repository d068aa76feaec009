"""`feelscope generate`: posts and pictures that express an emotion."""

import typer

from feelscope.cli.generate_picture import picture, train_pictures
from feelscope.cli.generate_text import text, train_writer

generate = typer.Typer(no_args_is_help=True)
for command in (text, train_writer, picture, train_pictures):
    generate.command()(command)


@generate.callback()
def _commands() -> None:
    """Write posts and draw pictures that express an emotion.

    \b
    Examples:
      feelscope generate text --emotion happiness
      feelscope generate train-writer posts.csv --out runs/writer
      feelscope generate picture --emotion fear --model runs/faces --out fear.png
      feelscope generate train-pictures posts.csv --by emotion --out runs/faces
    """
