"""`feelscope evaluate`: how right a model is on a table with emotions."""

import json
from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.options import Columns, Limit, Model, QuarantineFile, read_columns, refuse_overwriting


def evaluate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Posts with an emotion: .csv, .jsonl or .parquet.")],
    model: Model = "builtin",
    columns: Columns = "",
    quarantine: QuarantineFile = Path("quarantine.jsonl"),
    limit: Limit = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
) -> None:
    """Score a model on posts whose emotion is known.

    The table's column `emotion` names it. Posts are scored as they are, by their words alone and by their pictures
    alone, with 95% intervals.

    \b
    Examples:
      feelscope evaluate posts.csv
      feelscope evaluate posts.csv --model runs/mine --columns emotion=Label --json
    """
    from feelscope.cli.progress import Progress
    from feelscope.cli.table_notes import rough_total, show_columns, show_quarantined
    from feelscope.evaluate.evaluate import evaluate
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.table import PostsTable, Quarantine

    refuse_overwriting(table, quarantine=quarantine)
    names = read_columns(columns)
    classifier = EmotionClassifier.load(model)
    with Quarantine(quarantine) as bad:
        posts = PostsTable(table, names, need=("emotion",), limit=limit, quarantine=bad)
        show_columns(posts)
        with Progress("evaluating", rough_total(posts)) as progress:
            evaluation = evaluate(classifier, posts, progress=progress)
        show_quarantined(bad)
    typer.echo(json.dumps(evaluation.to_json(), indent=2, ensure_ascii=False) if as_json else evaluation.to_text())
