"""`feelscope train`: a model of one's own, from a table of posts and a recipe."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.options import Columns, read_columns
from feelscope.cli.progress import Stages
from feelscope.cli.running import continue_with, stoppable


def train(
    recipe: Annotated[str, typer.Option(metavar="NAME|FILE.toml", help="See `feelscope models` for the names.")],
    out: Annotated[Path, typer.Option(metavar="RUN", help="The folder to write the model to.")],
    table: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="Posts with an emotion; a recipe may name its own."),
    ] = None,
    dev: Annotated[Path | None, typer.Option(metavar="TABLE", help="Scored once, when the training is over.")] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the tables are that the recipe names itself.")
    ] = None,
    columns: Columns = "",
    finer: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Tells parts of an emotion apart: learnt, never read."),
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Predictions to learn from beside the labels; may be given several times."),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, help="Instead of the recipe's.")] = None,
    epochs: Annotated[int | None, typer.Option(metavar="N", min=1, help="Instead of the recipe's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted training ends.")] = False,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE", help="Pretrained weights, instead of the installed packages'."),
    ] = None,
    words: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Word vectors, for a recipe that reads words by them.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(metavar="DIR", help="Where frozen encoders' outputs are kept.")] = None,
) -> None:
    """Train a model on your own posts.

    Needs `pip install "feelscope[train]"`. RUN then holds the model, its scores, figures and card, and goes behind
    --model of every other command.

    \b
    Examples:
      feelscope train posts.csv --dev dev.csv --recipe fusion --out runs/mine
      feelscope train --data data --recipe builtin --out runs/builtin
      feelscope train posts.csv --recipe paper/joint --words vectors.txt --out runs/joint
    """
    from feelscope.errors import ConfigError, MissingExtra
    from feelscope.train.fusion_recipe import FusionRecipe
    from feelscope.train.recipe import read_recipe

    chosen = read_recipe(recipe)
    chosen = replace(chosen, seed=chosen.seed if seed is None else seed)
    chosen = replace(chosen, epochs=epochs or chosen.epochs)
    if finer is not None:
        if isinstance(chosen, FusionRecipe):
            raise ConfigError("--finer: a recipe of the fusion family knows no parts of emotions; leave it out")
        chosen = replace(chosen, finer=finer)
    names = read_columns(columns) or None
    try:
        from feelscope.family.train import train as train_family
        from feelscope.train import refit
        from feelscope.train.train import train
    except ModuleNotFoundError as error:
        raise MissingExtra(f'training needs {error.name}: pip install "feelscope[train]"') from error
    with stoppable(advice=lambda: continue_with(*["--resume"] * refit.begun(out))), Stages() as stages:
        if isinstance(chosen, FusionRecipe):
            if resume or data is not None or teacher:
                given = "--resume" if resume else "--data" if data is not None else "--teacher"
                raise ConfigError(f"{given}: a recipe of the fusion family takes minutes and a TABLE; leave it out")
            run = train_family(
                chosen,
                out,
                table=table,
                dev=dev,
                words=words,
                columns=names,
                weights=weights,
                cache=cache,
                progress=stages,
            )
        else:
            if words is not None:
                raise ConfigError("--words: this recipe reads no word vectors; leave it out, or give a paper/ recipe")
            run = train(
                chosen,
                out,
                table=table,
                dev=dev,
                data=data,
                columns=names,
                teachers=teacher or (),
                resume=resume,
                weights=weights,
                cache=cache,
                progress=stages,
            )
    typer.echo(f"{run}: its card is {run / 'README.md'}; use it with --model {run}")
