"""`feelscope audit scores`: how right and how sure a model is, by kind of post."""

from pathlib import Path
from typing import Annotated

from typer import Option

from feelscope.cli.options import MEMORY, Columns, Json, LabelledTable, Limit, MaxErrors, Memory, Model, QuarantineFile
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import command_without_folders, open_posts


def scores(
    table: LabelledTable,
    model: Model = "builtin",
    out: Annotated[
        Path | None, Option(metavar="DIR", help="Where to write the page, the figure and the table.")
    ] = None,
    group: Annotated[str, Option(metavar="COLUMN", help="A column whose values are groups of posts too.")] = "",
    columns: Columns = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
    as_json: Json = False,
) -> None:
    """Score a model by length, style and modalities of posts.

    The table's column `emotion` names what each post expresses. Each group is beside all other posts, with 95%
    intervals: accuracy, macro-F1, calibration error, and how much surer than right the model is.

    \b
    Examples:
      feelscope audit scores posts.csv
      feelscope audit scores posts.csv --group dialect --out scores
    """
    from feelscope.audit.score_report import to_text, write
    from feelscope.audit.scores import audit_scores
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model)
    with (
        open_posts(table, columns, quarantine, max_errors, out=out, need=("emotion",), limit=limit) as posts,
        Progress("auditing", posts.rough_length()) as progress,
    ):
        found = audit_scores(classifier, posts, group, progress)
    if out is not None:
        write(found, out, command_without_folders())
    if as_json:
        show_json(found.to_json(), indent=2)
    else:
        show_text(to_text(found))
    if out is not None:
        say(f"the page is {out / 'index.html'}")
