"""`feelscope compare`: models of the fusion family, trained and scored on the same posts."""

from pathlib import Path
from typing import Annotated

from typer import Option

from feelscope.cli.options import (
    MEMORY,
    Cache,
    Columns,
    Device,
    Epochs,
    LabelledTable,
    Limit,
    MaxErrors,
    Memory,
    Raw,
    Weights,
    Words,
    read_columns,
)
from feelscope.cli.output import show
from feelscope.cli.progress import Stages
from feelscope.cli.running import command_without_folders, continue_with, stoppable


def compare(
    table: LabelledTable,
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write to; what is finished there is kept.")],
    dev: Annotated[Path | None, Option(metavar="TABLE", help="Posts to score, not to train on.")] = None,
    validation: Annotated[
        Path | None, Option(metavar="TABLE", help="Posts that choose the epochs; by default, a split of TABLE.")
    ] = None,
    models: Annotated[
        str, Option(metavar="all|baselines|NAME,...", help="Models, or recipes and estimators as TOML files.")
    ] = "all",
    recipes: Annotated[
        str, Option(metavar="paper|strong|tfidf", help="Which recipes; several with a comma.")
    ] = "strong",
    seeds: Annotated[int, Option(metavar="N", min=1, help="Trainings of each model.")] = 5,
    words: Words = None,
    missing: Annotated[
        str, Option(metavar="0,0.5,...", help="Shares of posts that lose a modality, to score as well.")
    ] = "",
    dropout: Annotated[float, Option(metavar="SHARE", help="Train each fusion again, with modality dropout.")] = 0.0,
    columns: Columns = "",
    limit: Limit = None,
    max_errors: MaxErrors = 5.0,
    epochs: Epochs = None,
    processes: Annotated[
        int | None, Option(metavar="N", min=1, help="Trainings at the same time; by default, one per processor.")
    ] = None,
    device: Device = "auto",
    weights: Weights = None,
    cache: Cache = None,
    memory: Memory = MEMORY,
    raw: Raw = False,
) -> None:
    """Train several models on the same posts and compare them.

    Needs `pip install "feelscope[train]"`. RUN/README.md then has their scores, which are there as CSV and figures too,
    and the posts on which they disagree.

    \b
    Examples:
      feelscope compare posts.csv --dev dev.csv --out runs/compared
      feelscope compare posts.csv --models all,baselines --out runs/compared
      feelscope compare posts.csv --recipes paper --words vectors.txt --missing 0,0.5,0.9 --out runs/compared
    """
    from feelscope.errors import needs_extra

    with needs_extra("comparing", "train"):
        from feelscope.compare.choice import choose, choose_estimators
        from feelscope.compare.compare import compare
        from feelscope.compare.missing import read_rates
        from feelscope.encoders.encoder import Resources
        from feelscope.train.device import choose as choose_device
    with stoppable(continue_with), Stages() as stages:
        report = compare(
            choose(models, recipes, dropout=dropout, epochs=epochs),
            out,
            estimators=choose_estimators(models),
            table=table,
            dev=dev,
            validation=validation,
            seeds=range(seeds),
            columns=read_columns(columns) or None,
            resources=Resources(cache or out.parent / "features", words, weights),
            rates=read_rates(missing),
            limit=limit,
            most_broken=max_errors / 100,
            processes=processes,
            device=choose_device(device),
            command=command_without_folders(),
            progress=stages,
        )
    show(str(report))
