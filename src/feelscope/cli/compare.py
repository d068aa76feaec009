"""`feelscope compare`: models of the fusion family, trained and scored on the same posts."""

from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.options import Columns, Limit, read_columns
from feelscope.cli.progress import Stages
from feelscope.cli.running import stoppable


def compare(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Posts with an emotion: .csv, .jsonl or .parquet.")],
    out: Annotated[
        Path, typer.Option(metavar="RUN", help="The folder to write to; finished trainings in it are kept.")
    ],
    dev: Annotated[Path | None, typer.Option(metavar="TABLE", help="Posts that are scored and not trained on.")] = None,
    validation: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="Posts that choose the epochs; by default, some of TABLE.")
    ] = None,
    models: Annotated[str, typer.Option(metavar="all|NAME,...", help="Models, or recipes as TOML files.")] = "all",
    recipes: Annotated[
        str, typer.Option(metavar="paper|strong", help="Whose settings, or both: paper,strong.")
    ] = "strong",
    seeds: Annotated[int, typer.Option(metavar="N", min=1, help="Trainings of each model.")] = 5,
    words: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Word vectors, for recipes that read words by them.")
    ] = None,
    missing: Annotated[
        str, typer.Option(metavar="0,0.5,...", help="Also score posts of which these shares lost something.")
    ] = "",
    dropout: Annotated[
        float, typer.Option(metavar="SHARE", help="Train each fusion again, with modality dropout.")
    ] = 0.0,
    columns: Columns = "",
    limit: Limit = None,
    epochs: Annotated[int | None, typer.Option(metavar="N", min=1, help="The most; by default, the recipes'.")] = None,
    processes: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Trainings side by side; by default, one per processor.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Pretrained weights; by default, the installed ones.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The feature cache; by default, features beside RUN.")
    ] = None,
) -> None:
    """Train several models on the same posts and compare them.

    Needs `pip install "feelscope[train]"`. RUN/README.md then shows their scores and the posts on which they
    disagree; both are there as CSV, too.

    \b
    Examples:
      feelscope compare posts.csv --dev dev.csv --out runs/compared
      feelscope compare posts.csv --recipes paper --words vectors.txt --missing 0,0.5,0.9 --out runs/compared
    """
    import shlex
    import sys

    from feelscope.errors import MissingExtra

    try:
        from feelscope.compare.choice import choose
        from feelscope.compare.compare import compare
        from feelscope.compare.missing import read_rates
        from feelscope.encoders.encoder import Resources
    except ModuleNotFoundError as error:
        raise MissingExtra(f'comparing needs {error.name}: pip install "feelscope[train]"') from error
    with stoppable(), Stages() as stages:
        report = compare(
            choose(models, recipes, dropout=dropout, epochs=epochs),
            out,
            table=table,
            dev=dev,
            validation=validation,
            seeds=range(seeds),
            columns=read_columns(columns) or None,
            resources=Resources(cache or out.parent / "features", words, weights),
            rates=read_rates(missing),
            limit=limit,
            processes=processes,
            command=shlex.join(
                [
                    "feelscope",
                    *(Path(part).name if "/" in part and Path(part).exists() else part for part in sys.argv[1:]),
                ]
            ),
            progress=stages,
        )
    typer.echo(report)
