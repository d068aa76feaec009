"""`feelscope explain`: what a model's answers rest on, and how they relate."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from feelscope.cli.explain_bottleneck import bottleneck
from feelscope.cli.explain_picture import picture
from feelscope.cli.explain_post import post
from feelscope.cli.options import (
    MEMORY,
    Columns,
    Dates,
    Encoding,
    Images,
    Limit,
    MaxErrors,
    Memory,
    Model,
    QuarantineFile,
    Raw,
    Table,
    read_columns,
)
from feelscope.cli.output import show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import continue_with, open_posts, stoppable

explain = typer.Typer(no_args_is_help=True)
explain.command()(post)
explain.command()(bottleneck)
explain.command()(picture)


@explain.callback()
def _commands() -> None:
    """Explain what a model's answers rest on, and how they relate.

    \b
    Examples:
      feelscope explain post --text "Nobody came to my birthday"
      feelscope explain structure posts.csv --out structure
    """


@explain.command()
def structure(
    table: Table,
    out: Annotated[Path, Option(metavar="FOLDER", help="Where to write figures, tables and structure.json.")],
    predictions: Annotated[
        Path | None, Option(metavar="FILE", help="What `predict --out` wrote for this table, to save predicting it.")
    ] = None,
    model: Model = "builtin",
    scale: Annotated[str, Option(metavar="probability|log-odds|logits", help="What to correlate.")] = "probability",
    as_thesis: Annotated[
        bool, Option("--as-thesis", help="As the thesis' code: logits, Ward's linkage, single words, features.")
    ] = False,
    zone: Annotated[str, Option(metavar="ZONE", help="Time zone of weekdays and hours, as in Europe/Berlin.")] = "UTC",
    ratings: Annotated[
        str, Option(metavar="NAME=COLUMN,...", help="Columns of ratings, as in valence=Valence_mean.")
    ] = "",
    seed: Annotated[int, Option(metavar="N", min=0, help="Seed of the sample of posts drawn as dots.")] = 0,
    columns: Columns = "",
    dates: Dates = "",
    encoding: Encoding = "",
    images: Images = None,
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
    resume: Annotated[bool, Option("--resume", help="Continue predictions that were interrupted.")] = False,
    raw: Raw = False,
) -> None:
    """Show how the emotions of a table's posts relate.

    Correlations with a tree, principal components, a map, the words of each emotion, outliers, emotions by weekday and
    hour, and correlations with ratings of valence and arousal where the table has them.

    \b
    Examples:
      feelscope explain structure posts.csv --out structure
      feelscope explain structure posts.csv --predictions predictions.jsonl --out structure
    """
    from feelscope.explain.structure.relations import SCALES
    from feelscope.explain.structure.report import Settings, check_extra, explain_structure
    from feelscope.explain.structure.times import zone_of

    if scale not in SCALES:
        raise typer.BadParameter(f"expected {' or '.join(SCALES)}, found {scale!r}", param_hint="--scale")
    if as_thesis and scale != SCALES[0]:
        raise typer.BadParameter("excludes --scale: the thesis' code correlates logits", param_hint="--as-thesis")
    if predictions is not None and (resume or (model != "builtin" and not as_thesis)):
        raise typer.BadParameter("excludes --model and --resume: nothing is predicted", param_hint="--predictions")
    check_extra()  # not only after an hour of predicting
    settings = Settings(scale, seed, zone_of(zone), read_columns(ratings, "--ratings"))
    with open_posts(
        table, columns, quarantine, max_errors, out=out, limit=limit, tells_dates=True, predictions=predictions
    ) as posts:
        total = posts.rough_length()
        classifier = None
        if predictions is None or as_thesis:
            from feelscope.saved_model.classifier import EmotionClassifier

            classifier = EmotionClassifier.load(model)
        if predictions is None:
            from feelscope.predict import predict_table

            assert classifier is not None
            out.mkdir(parents=True, exist_ok=True)
            predictions = out / "predictions.jsonl"
            with (
                stoppable(lambda: continue_with("--resume")),
                Progress("predicting", total) as progress,
            ):
                predict_table(classifier, posts, predictions, resume=resume, progress=progress.resumed)
        with Progress("reading", total) as progress:
            asked = classifier if as_thesis else None
            text = explain_structure(posts, predictions, out, settings, as_thesis=asked, progress=progress)
    show_text(text)
    say(f"figures, their tables and structure.json are in {out}")
