"""`feelscope calibrate`: fit a model's probabilities to labelled posts of one's own."""

from pathlib import Path
from typing import Annotated

from typer import Option

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
)
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import open_posts


def calibrate(
    table: LabelledTable,
    out: Annotated[Path, Option(metavar="FOLDER", help="A new folder for the calibrated copy of the model.")],
    model: Model = "builtin",
    columns: Columns = "",
    encoding: Encoding = "",
    images: Images = None,
    labels: Labels = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
    as_json: Json = False,
) -> None:
    """Fit how sure a model is to posts of your own.

    They need an emotion each; 200 are enough. Writes a copy of the model, and says how far its confidence is from its
    accuracy before and after, on posts that were not fitted.

    \b
    Examples:
      feelscope calibrate posts.csv --out mine
      feelscope predict more.csv --model mine --abstain 0.1
    """
    from feelscope.calibrate.calibrate import calibrate, save
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.saved_model.folder import check_is_free
    from feelscope.text.counts import counted

    check_is_free(out)
    classifier = EmotionClassifier.load(model)
    with (
        open_posts(table, columns, quarantine, max_errors, out=out, need=("emotion",), limit=limit) as posts,
        Progress("calibrating", posts.rough_length()) as progress,
    ):
        calibrated = calibrate(classifier, posts, progress=progress)
    labelled = max(scores.posts for scores in calibrated.after.values())
    save(classifier, calibrated, out, f"{counted(labelled, 'post')} of {table.name}")
    if as_json:
        show_json(calibrated.to_json(), indent=2)
    else:
        show_text(calibrated.to_text())
    say(f"the calibrated model is in {out}")
