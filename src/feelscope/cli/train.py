"""`feelscope train`: a model of your own, from a table of posts and a recipe."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from feelscope.cli.options import (
    MEMORY,
    Cache,
    Columns,
    Device,
    EmojiVectors,
    Encoding,
    Epochs,
    Images,
    MaxErrors,
    Memory,
    Raw,
    Resume,
    Seed,
    TrainLabels,
    Weights,
    Words,
    read_columns,
)
from feelscope.cli.output import show
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import resuming, say_columns, show_quarantined, stoppable


def train(
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the model to.")],
    table: Annotated[
        Path | None, Argument(metavar="TABLE", help="Posts with an emotion; not if the recipe names its own.")
    ] = None,
    recipe: Annotated[
        str | None,
        Option(metavar="NAME|FILE.toml", help="A recipe, see `feelscope models`; by default by the number of posts."),
    ] = None,
    dev: Annotated[Path | None, Option(metavar="TABLE", help="Posts to score once, when training is over.")] = None,
    data: Annotated[Path | None, Option(metavar="DIR", help="The folder of the tables that the recipe names.")] = None,
    columns: Columns = "",
    encoding: Encoding = "",
    images: Images = None,
    max_errors: MaxErrors = 5.0,
    labels: TrainLabels = None,
    subclass: Annotated[
        str | None, Option(metavar="COLUMN", help="A finer label within each emotion: learnt with it, never predicted.")
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        Option(metavar="FILE", help="Predictions to learn from, besides labels; may be given more than once."),
    ] = None,
    unlabelled: Annotated[
        Path | None,
        Option(metavar="TABLE", help="Posts to learn from without labels, for a recipe with [enaet]."),
    ] = None,
    folds: Annotated[
        int | None,
        Option(metavar="N", help="Without --dev: score by cross-validation in N folds, then train on all posts."),
    ] = None,
    seed: Seed = None,
    epochs: Epochs = None,
    resume: Resume = False,
    device: Device = "auto",
    weights: Weights = None,
    words: Words = None,
    emoji_vectors: EmojiVectors = None,
    cache: Cache = None,
    memory: Memory = MEMORY,
    raw: Raw = False,
) -> None:
    """Train a model on your own posts.

    Needs `pip install "feelscope[train]"`. RUN then holds the model, its scores, figures and card; pass it to other
    commands as `--model RUN`.

    \b
    Examples:
      feelscope train posts.csv --out runs/mine
      feelscope train posts.csv --dev dev.csv --recipe fusion --out runs/mine
      feelscope train posts.csv --folds 5 --out runs/mine
      feelscope train --data data --recipe builtin --out runs/builtin
      feelscope train posts.csv --recipe paper/joint --words vectors.txt --out runs/joint
      feelscope train labelled.csv --unlabelled others.csv --recipe enaet --out runs/few
    """
    from feelscope.errors import needs_extra
    from feelscope.train.recipe import change, read_recipe

    if recipe is None:
        recipe = _choose(table, read_columns(columns), max_errors / 100)
    chosen = change(read_recipe(recipe), seed=seed, epochs=epochs, subclass=subclass, labels=labels)
    if chosen.bottleneck and teacher:
        raise typer.BadParameter("a bottleneck learns from labels and captions alone", param_hint="--teacher")
    if chosen.bottleneck and unlabelled:
        raise typer.BadParameter("a bottleneck learns from labelled posts alone", param_hint="--unlabelled")
    if chosen.bottleneck and folds is not None:
        raise typer.BadParameter("a bottleneck is not trained in folds; give --dev", param_hint="--folds")
    with needs_extra("training", "train"):
        from feelscope.bottleneck.train import train_bottleneck
        from feelscope.encoders.encoder import Resources
        from feelscope.table import PostsTable, Quarantine
        from feelscope.train.device import choose
        from feelscope.train.rebuild_line import of_arguments
        from feelscope.train.train import train
    taught: dict[str, Any] = (
        {} if chosen.bottleneck else {"teachers": teacher or (), "unlabelled": unlabelled, "folds": folds}
    )
    given = read_columns(columns)
    for posts in (table, dev, unlabelled):
        if posts is not None:
            say_columns(PostsTable(posts, given))
    read: list[Quarantine] = []
    # Before the first step there is only the feature cache to keep, and it needs no --resume.
    with stoppable(resuming(out)), Stages() as stages:
        run = (train_bottleneck if chosen.bottleneck else train)(
            chosen,
            out,
            table=table,
            dev=dev,
            data=data,
            columns=given or None,
            resources=Resources(cache or out.parent / "features", words, weights, emoji_vectors),
            most_broken=max_errors / 100,
            resume=resume,
            device=choose(device),
            command=of_arguments(sys.argv[1:], "train", out, recipe, chosen.seed),
            progress=stages,
            tell=read.append,
            **taught,
        )
    for bad in read:
        show_quarantined(bad)
    use = f"feelscope explain bottleneck IMAGE --model {run}" if chosen.bottleneck else f"pass it as --model {run}"
    if not chosen.bottleneck:
        for line in _scores_of(run):
            show(line)
    show(f"{run}: its card is {run / 'README.md'}; {use}")


def _choose(table: Path | None, columns: Mapping[str, str], most_broken: float) -> str:
    """The recipe for a table's posts; says why it is that one."""
    from feelscope.errors import ConfigError
    from feelscope.table import PostsTable, Quarantine
    from feelscope.train.choosing import choose_recipe

    if table is None:
        raise ConfigError("give a TABLE, or with --recipe one that names its own tables")
    posts = PostsTable(table, columns, need=("emotion",), quarantine=Quarantine(most_broken=most_broken))
    recipe, why = choose_recipe(posts)
    say(f"--recipe {recipe}: {why}")
    return recipe


def _scores_of(run: Path) -> Iterator[str]:
    """What a training scored: macro-F1 of each set of posts, as they are and by each modality alone; or its folds."""
    from feelscope.post import COMBINATIONS
    from feelscope.saved_model.folder import read_object, read_scores
    from feelscope.train.fold_scores import pooled_name, terminal_lines
    from feelscope.train.run_folder import METRICS, read_folds

    if folds := read_folds(run):
        scores = read_object(run, METRICS)["scores"][pooled_name(folds["count"])]["both"]
        yield from terminal_lines(folds, scores)
        return
    for name, scores in read_scores(run).items():
        parts = ", ".join(f"{COMBINATIONS[key]} {score:.3f}" for key, score in scores.items())
        yield f"macro-F1, {name}: {parts}"
