"""`feelscope scale`: the same jobs on many machines."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from feelscope.cli.options import MEMORY, Columns, MaxErrors, Memory, Model, read_columns
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import continue_with, stoppable

scale = typer.Typer(no_args_is_help=True)

Address = Annotated[
    str,
    Option(
        metavar="HOST:PORT|auto", help="The head of a Ray cluster, or the one of this machine; else one is started."
    ),
]
Workers = Annotated[
    int | None, Option(metavar="N", min=1, max=100_000, help="By default, one for each processor of the cluster.")
]
Tables = Annotated[
    str, typer.Argument(metavar="TABLE", help="A .parquet file or a folder of them, here or at s3://...")
]
BlockRows = Annotated[
    int | None, Option(metavar="N", min=1, help="The most rows of a block; by default, as it fits the table.")
]


@scale.callback()
def _commands() -> None:
    """Predict, prepare, train and serve on a Ray cluster.

    Needs `pip install "feelscope[scale]"` on every machine.

    \b
    Examples:
      feelscope scale predict posts.parquet --out predictions
      feelscope scale predict s3://bucket/posts --out s3://bucket/predictions --address 10.0.0.1:6379
    """


@scale.command()
def predict(
    table: Tables,
    out: Annotated[str, Option(metavar="DIR", help="The folder of the predictions, here or at s3://...")],
    model: Model = "builtin",
    columns: Columns = "",
    abstain: Annotated[
        float | None, Option(metavar="SHARE", help="Refuse the least sure answers, such as 0.1 for a tenth.")
    ] = None,
    block_rows: BlockRows = None,
    max_errors: MaxErrors = 5.0,
    memory: Memory = MEMORY,
    address: Address = "",
    workers: Workers = None,
) -> None:
    """Predict a table of any size: a file of predictions for each block of rows.

    The same command goes on after a stop; blocks that are finished are kept. --memory is what each worker may take.

    \b
    Examples:
      feelscope scale predict posts.parquet --out predictions
      feelscope scale predict s3://bucket/posts --out s3://bucket/predictions --address 10.0.0.1:6379
    """
    from feelscope.scale.addresses import parse
    from feelscope.scale.cluster import cluster
    from feelscope.scale.job import QUARANTINE
    from feelscope.scale.predict import predict as predict_blocks

    given = read_columns(columns)
    source, folder = parse(table), parse(out)
    with stoppable(continue_with), cluster(address, workers) as count, Progress("predicting") as progress:
        found = predict_blocks(
            model if model == "builtin" else Path(model).absolute(),
            source,
            folder,
            count,
            columns=given,
            abstain=abstain,
            rows_a_block=block_rows,
            most_broken=max_errors / 100,
            megabytes=memory,
            progress=progress.resumed,
        )
    say(progress.summary("post"))
    _say_left_out(found.left_out, found.reasons, folder / QUARANTINE)
    say(f"{folder}: {found.blocks:,} files, a worker took up to {found.megabytes:,.0f} MB")


def _say_left_out(count: int, reasons: dict[str, int], where: object) -> None:
    if count:
        say(f"{count:,} left out, see {where}:")
    for reason, number in sorted(reasons.items(), key=lambda pair: -pair[1]):
        say(f"  {number:,} {reason}")
