"""`feelscope models`: the built-in model, your own, and the recipes to train one."""

from pathlib import Path
from typing import Annotated

import typer


def models(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="RUN", help="Folders that `train` wrote.")] = None,
) -> None:
    """Show the built-in model, your own models, and the recipes.

    \b
    Examples:
      feelscope models
      feelscope models runs/mine
    """
    from feelscope.cli.model_summary import describe
    from feelscope.train.recipe import names, read_recipe

    for model in ("builtin", *(runs or ())):
        typer.echo(describe(model) + "\n")
    typer.echo("recipes for `feelscope train --recipe`:")
    width = max(map(len, names()))
    for name in names():
        typer.echo(f"  {name:<{width}} {read_recipe(name).purpose}")
