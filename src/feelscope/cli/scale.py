"""`feelscope scale`: the same jobs on many machines."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from feelscope.cli.options import (
    MEMORY,
    Cache,
    Columns,
    EmojiVectors,
    Epochs,
    MaxErrors,
    Memory,
    Model,
    Resume,
    Seed,
    SkipPictures,
    Weights,
    Words,
    read_columns,
)
from feelscope.cli.output import show, show_text
from feelscope.cli.prepare_options import (
    AcceptLeak,
    Duplicates,
    Emotions,
    HardNegatives,
    Keep,
    Labels,
    Language,
    Split,
    Strict,
    Urls,
    check_leak,
    read_names,
)
from feelscope.cli.progress import Progress, Stages, say
from feelscope.cli.running import continue_with, resuming, show_left_out, show_quarantined, show_unused, stoppable
from feelscope.cli.service_options import AllowHost, Grace, MaxBody, MaxPosts, service_settings

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
    str, typer.Argument(metavar="TABLE", help="A .parquet file or a folder of them, here or at an address")
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
    out: Annotated[str, Option(metavar="DIR", help="The folder of the predictions, here or at an address")],
    model: Model = "builtin",
    columns: Columns = "",
    abstain: Annotated[
        float | None, Option(metavar="SHARE", help="Refuse the least sure answers, such as 0.1 for a tenth.")
    ] = None,
    skip_pictures: SkipPictures = None,
    block_rows: BlockRows = None,
    max_errors: MaxErrors = 5.0,
    memory: Memory = MEMORY,
    address: Address = "",
    workers: Workers = None,
) -> None:
    """Predict a table of any size, in blocks of rows.

    Each block has a file of predictions. The same command goes on after a stop; blocks that are finished are kept.
    --memory is what each worker may take.

    \b
    Examples:
      feelscope scale predict posts.parquet --out predictions
      feelscope scale predict s3://bucket/posts --out s3://bucket/predictions --address 10.0.0.1:6379
    """
    from feelscope.scale.addresses import parse
    from feelscope.scale.cluster import cluster
    from feelscope.scale.job import QUARANTINE, tidied
    from feelscope.scale.predict import predict as predict_blocks

    given = read_columns(columns)
    source, folder = parse(table), parse(out)
    with (
        stoppable(continue_with),
        tidied(folder),
        cluster(address, workers) as count,
        Progress("predicting") as progress,
    ):
        found = predict_blocks(
            model,
            source,
            folder,
            count,
            columns=given,
            abstain=abstain,
            skip_pictures=skip_pictures,
            rows_a_block=block_rows,
            most_broken=max_errors / 100,
            megabytes=memory,
            progress=progress.resumed,
        )
    say(progress.summary("post"))
    show_left_out(found.left_out, found.reasons, folder / QUARANTINE)
    show_unused(found.pictures)
    say(f"{folder}: {found.blocks:,} files, a worker took up to {found.megabytes:,.0f} MB")


@scale.command()
def train(
    recipe: Annotated[str, Option(metavar="NAME|FILE.toml", help="A recipe; `feelscope models` lists them.")],
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the model to.")],
    table: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="Posts with an emotion; not if the recipe names its own."),
    ] = None,
    dev: Annotated[Path | None, Option(metavar="TABLE", help="Posts to score once, when training is over.")] = None,
    data: Annotated[Path | None, Option(metavar="DIR", help="The folder of the tables that the recipe names.")] = None,
    columns: Columns = "",
    max_errors: MaxErrors = 5.0,
    seed: Seed = None,
    epochs: Epochs = None,
    resume: Resume = False,
    weights: Weights = None,
    words: Words = None,
    emoji_vectors: EmojiVectors = None,
    cache: Cache = None,
    memory: Memory = MEMORY,
    address: Address = "",
    workers: Workers = None,
) -> None:
    """Train one model with several workers.

    They share each batch. All machines must see the files and RUN by the same paths.

    \b
    Examples:
      feelscope scale train posts.csv --recipe fusion --out runs/mine --workers 4
      feelscope scale train posts.csv --recipe fusion --out /shared/mine --address 10.0.0.1:6379
    """
    from feelscope.errors import needs_extra
    from feelscope.scale.cluster import cluster
    from feelscope.train.recipe import change, read_recipe

    chosen = change(read_recipe(recipe), seed=seed, epochs=epochs)
    with needs_extra("training", "train"):
        from feelscope.encoders.encoder import Resources
        from feelscope.scale.train import Training, absolute
        from feelscope.scale.train import train as train_together
        from feelscope.train.rebuild_line import of_arguments
    posts, scored, folder = (path.absolute() if path is not None else None for path in (table, dev, data))
    training = Training(
        chosen,
        out.absolute(),
        absolute(Resources(cache or out.parent / "features", words, weights, emoji_vectors)),
        table=posts,
        dev=scored,
        data=folder,
        columns=read_columns(columns) or None,
        most_broken=max_errors / 100,
        megabytes=memory,
        command=of_arguments(sys.argv[1:], "train", out, recipe, chosen.seed),
    )
    with stoppable(resuming(out)), cluster(address, workers) as count, Stages() as stages:
        train_together(training, count, resume=resume, progress=stages)
    show(f"{out}: its card is {out / 'README.md'}; pass it as --model {out}")


@scale.command()
def serve(
    model: Model = "builtin",
    port: Annotated[int, Option(metavar="N", min=0, max=65535, help="0 for any that is free on this machine.")] = 8080,
    host: Annotated[
        str, Option(metavar="ADDRESS", help="Which address to listen on, of every machine with a replica.")
    ] = "127.0.0.1",
    allow_host: AllowHost = None,
    threads: Annotated[
        int, Option(metavar="N", min=1, max=256, help="Posts that a replica reads side by side; a processor each.")
    ] = 1,
    queue: Annotated[
        int, Option(metavar="N", min=1, help="The most posts that wait in a replica; more are refused with 503.")
    ] = 1024,
    max_posts: MaxPosts = 256,
    max_body: MaxBody = 32.0,
    grace: Grace = 30,
    memory: Memory = MEMORY,
    skip_pictures: SkipPictures = None,
    address: Address = "",
    workers: Annotated[
        int | None, Option(metavar="N", min=1, help="Replicas; by default, one for each processor of the cluster.")
    ] = None,
) -> None:
    """Answer posts over HTTP from several replicas.

    \b
    Examples:
      feelscope scale serve --workers 4
      feelscope scale serve --model mine --address auto --host 0.0.0.0
    """
    from feelscope.scale.cluster import cluster
    from feelscope.scale.model_path import model_path
    from feelscope.scale.serve import Served
    from feelscope.scale.serve import serve as answer

    settings = service_settings(host, allow_host, queue=queue, max_posts=max_posts, max_body=max_body, grace=grace)
    served = Served(model_path(model), threads, settings, memory, skip_pictures)
    started = workers * threads if workers is not None and not address else None
    with cluster(address, started) as count:
        replicas = workers or max(1, count // threads)
        answer(served, host, port, replicas, lambda at: say(f"{replicas} replicas answer at {at}, stop with Ctrl+C"))
    say("stopped")


@scale.command()
def prepare(
    table: Tables,
    out: Annotated[Path, typer.Argument(metavar="DATASET", help="The folder to write, which all machines see.")],
    labels: Labels,
    emotions: Emotions = "",
    split: Split = "author",
    strict: Strict = False,
    language: Language = "words",
    duplicates: Duplicates = True,
    pictures: Annotated[
        bool, Option("--pictures", help="Take along the pictures that are in the table or beside it.")
    ] = False,
    hard_negatives: HardNegatives = "",
    urls: Urls = False,
    keep: Keep = "",
    accept_leak: AcceptLeak = False,
    columns: Columns = "",
    block_rows: BlockRows = None,
    max_errors: MaxErrors = 5.0,
    memory: Memory = MEMORY,
    address: Address = "",
    workers: Workers = None,
) -> None:
    """Make the dataset that `feelscope prepare` makes.

    Posts are cleaned on many machines. Near-duplicates, splits and the leak test are found on this one.

    \b
    Examples:
      feelscope scale prepare posts.parquet dataset --labels hashtags --strict
    """
    from feelscope.prepare.folder import BLOCKS
    from feelscope.prepare.settings import Settings
    from feelscope.scale.addresses import parse
    from feelscope.scale.cluster import cluster
    from feelscope.scale.job import tidied
    from feelscope.scale.prepare import prepare as prepare_blocks

    if labels == "column" and not emotions:
        raise typer.BadParameter(
            "name the emotions of the column: a label set, or NAME,NAME,...", param_hint="--emotions"
        )
    settings = Settings(
        labels, emotions or "seven", split, strict, language, duplicates, hard_negatives, urls, read_names(keep)
    )
    source, given, folder = parse(table), read_columns(columns), parse(str(out))
    with stoppable(continue_with), tidied(folder, BLOCKS), cluster(address, workers) as count, Stages() as stages:
        report, bad = prepare_blocks(
            source,
            out,
            settings,
            count,
            pictures=pictures,
            columns=given,
            rows_a_block=block_rows,
            most_broken=max_errors / 100,
            megabytes=memory,
            progress=stages,
        )
    show_quarantined(bad)
    show_text(report.to_text())
    check_leak(report, strict=strict, accepted=accept_leak)
