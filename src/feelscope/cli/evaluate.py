"""`feelscope evaluate`: how right a model is on a table with emotions."""

from feelscope.cli.options import (
    MEMORY,
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
from feelscope.cli.progress import Progress
from feelscope.cli.running import open_posts


def evaluate(
    table: LabelledTable,
    model: Model = "builtin",
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
    as_json: Json = False,
) -> None:
    """Score a model on posts whose emotion is known.

    The table's column `emotion` names it. Posts are scored as they are, by their words alone and by their pictures
    alone, each score with its 95% interval.

    \b
    Examples:
      feelscope evaluate posts.csv
      feelscope evaluate posts.csv --model runs/mine --columns emotion=Label --json
    """
    from feelscope.evaluate.evaluate import evaluate
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures, skip_pictures=skip_pictures)
    with (
        open_posts(table, columns, quarantine, max_errors, need=("emotion",), limit=limit) as posts,
        Progress("evaluating", posts.rough_length()) as progress,
    ):
        evaluation = evaluate(classifier, posts, progress=progress)
    if as_json:
        show_json(evaluation.to_json(), indent=2)
    else:
        show_text(evaluation.to_text())
