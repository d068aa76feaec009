"""`feelscope evaluate`: how right a model is on a table with emotions."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from feelscope.cli.options import (
    MEMORY,
    AltText,
    Columns,
    Encoding,
    Images,
    Json,
    LabelledTable,
    Labels,
    Limit,
    MaxErrors,
    Memory,
    Model,
    QuarantineFile,
    ReadPictures,
    SkipPictures,
)
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import open_posts


def evaluate(
    context: typer.Context,
    table: LabelledTable,
    model: Model = "builtin",
    predictions: Annotated[
        Path | None, Option(metavar="FILE", help="Score these predictions of the table, of whatever model, instead.")
    ] = None,
    out: Annotated[
        Path | None, Option(metavar="DIR", help="Where to write the scores as JSON and CSV, and figures.")
    ] = None,
    columns: Columns = "",
    encoding: Encoding = "",
    images: Images = None,
    labels: Labels = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
    read_pictures: ReadPictures = False,
    skip_pictures: SkipPictures = None,
    alt_text: AltText = False,
    as_json: Json = False,
) -> None:
    """Score a model on posts whose emotion is known.

    The table's column `emotion` names it. Posts are scored as they are, by their words alone and by their pictures
    alone, each score with its 95% interval.

    \b
    Examples:
      feelscope evaluate posts.csv
      feelscope evaluate posts.csv --model runs/mine --columns emotion=Label --json
      feelscope evaluate posts.csv --predictions predictions.jsonl --out scores
    """
    if predictions is not None:
        given = {
            "--model": model != "builtin",
            "--read-pictures": read_pictures,
            "--skip-pictures": skip_pictures,
            "--alt-text": alt_text,
        }
        if wrong := [name for name, value in given.items() if value]:
            context.fail(f"{wrong[0]} is for a model, and --predictions has its answers already")
    if out is not None and out.exists() and not out.is_dir():
        context.fail(f"--out {out} is a file; name a folder")
    with open_posts(table, columns, quarantine, max_errors, need=("emotion",), limit=limit) as posts:
        if predictions is not None:
            from feelscope.evaluate.predictions_file import evaluate_predictions

            evaluation = evaluate_predictions(predictions, posts)
        else:
            from feelscope.evaluate.evaluate import evaluate
            from feelscope.saved_model.classifier import EmotionClassifier

            classifier = EmotionClassifier.load(
                model, read_pictures=read_pictures, skip_pictures=skip_pictures, alt_text=alt_text
            )
            with Progress("evaluating", posts.rough_length()) as progress:
                evaluation = evaluate(classifier, posts, progress=progress)
    if out is not None:
        from feelscope.evaluate.folder import save

        save(evaluation, out)
        say(f"{out}: scores.json, scores.csv, emotions.csv and figures")
    if as_json:
        show_json(evaluation.to_json(), indent=2)
    else:
        show_text(evaluation.to_text())
