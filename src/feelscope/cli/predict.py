"""`feelscope predict`: the emotion of one post, or of every post of a table."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from feelscope.cli.emotions import bars, emoji, read_from
from feelscope.cli.one_post import Text, Title, given_post
from feelscope.cli.options import (
    MEMORY,
    Columns,
    Encoding,
    Images,
    Limit,
    MaxErrors,
    Memory,
    Model,
    QuarantineFile,
    Raw,
    ReadPictures,
    SkipPictures,
)
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import continue_with, open_posts
from feelscope.post import Post, Prediction

if TYPE_CHECKING:
    from feelscope.saved_model.calibration import Abstention
    from feelscope.saved_model.classifier import EmotionClassifier

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")


def predict(
    context: typer.Context,
    table: Annotated[Path | None, Argument(metavar="TABLE", help="Posts: .csv, .jsonl or .parquet.")] = None,
    text: Text = "",
    title: Title = "",
    image: Annotated[
        list[Path] | None, Option(metavar="FILE", help="Its picture; may be given more than once, for a post each.")
    ] = None,
    model: Model = "builtin",
    out: Annotated[
        Path | None, Option(metavar="FILE", help="Where to write predictions: .jsonl, .csv or .parquet.")
    ] = None,
    columns: Columns = "",
    encoding: Encoding = "",
    images: Images = None,
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted --out FILE.")] = False,
    abstain: Annotated[
        float | None, Option(metavar="SHARE", help="Refuse the least sure answers, such as 0.1 for a tenth.")
    ] = None,
    read_pictures: ReadPictures = False,
    skip_pictures: SkipPictures = None,
    raw: Raw = False,
    as_json: Annotated[bool, Option("--json", help="Show one post as JSON even on a terminal.")] = False,
) -> None:
    """Predict the emotion of one post, or of every post of a table.

    A table gives one line of JSON per post, in its order: id, emotion, probabilities, modalities, warnings.

    \b
    Examples:
      feelscope predict --text "We won!" --image cup.jpg
      feelscope predict posts.csv --out predictions.jsonl
      feelscope predict posts.csv --model mine --abstain 0.1
    """
    if abstain is not None and not 0 < abstain < 1:
        context.fail(f"--abstain takes a share above 0 and below 1, such as 0.1, not {abstain:g}")
    for_post = {"--text": text, "--title": title, "--image": image}
    for_table: dict[str, object] = {
        "--columns": columns,
        "--limit": limit,
        "--resume": resume,
        "--quarantine": quarantine,
    }
    if table is None and image and len(image) > 1:
        if text or title:
            context.fail("several --image are a post each; --text and --title are for one post")
        _refuse(context, for_table, "is for a TABLE, not for pictures by their names")
        _refuse(context, {"--skip-pictures": skip_pictures}, "is for posts with words, not for pictures alone")
        _predict_pictures([Post(str(path), image=path) for path in image], model, out, abstain, read_pictures)
        return
    if table is None:
        post = given_post(context, text, title, image[0] if image else None)
        _refuse(context, for_table, "is for a TABLE, not for one post")
        _predict_post(post, model, out, abstain, as_json, read_pictures, skip_pictures)
        return
    _refuse(context, for_post, "is for one post, but a TABLE is given")
    if table.suffix.lower() in _PICTURES:
        context.fail(f"a picture is given with --image: feelscope predict --image {table}")
    if " " in str(table) and not table.exists():
        context.fail("there is no table of this name; the words of a post are given with --text")
    if resume and out is None:
        context.fail("--resume needs --out FILE, whose rows it keeps")

    from feelscope.predict import predict_rows, predict_table
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures, skip_pictures=skip_pictures)
    abstention = _abstention(classifier, abstain)

    def how_to_continue() -> str:
        return _how_to_continue(out)

    with open_posts(table, columns, quarantine, max_errors, out=out, limit=limit, advice=how_to_continue) as posts:
        with Progress("predicting", posts.rough_length()) as progress:
            if out is not None:
                with Progress("writing", later=True) as writing:
                    predict_table(
                        classifier,
                        posts,
                        out,
                        resume=resume,
                        abstention=abstention,
                        progress=progress.resumed,
                        writing=writing,
                    )
            else:
                for row in predict_rows(classifier, posts, abstention=abstention, progress=progress.resumed):
                    progress.close()  # on a terminal, rows and progress share the screen
                    show_json(row)
        say(progress.summary("post"))


def _refuse(context: typer.Context, options: Mapping[str, object], why: str) -> None:
    for name, value in options.items():
        if value:
            context.fail(f"{name} {why}")


def _abstention(classifier: "EmotionClassifier", share: float | None) -> "Abstention | None":
    """What refuses the least sure answers, where that is asked for."""
    if share is None:
        return None
    from feelscope.saved_model.calibration import Abstention

    return Abstention(classifier.calibration, share, classifier.folder)


def _predict_pictures(
    posts: list[Post], model: str, out: Path | None, abstain: float | None, read_pictures: bool
) -> None:
    """A row for each picture that can be read; its path is the post's id."""
    from feelscope.errors import FeelscopeError
    from feelscope.predict import example_row, row
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures)
    abstention = _abstention(classifier, abstain)
    predictions = classifier.predict(posts)
    read = [row(prediction, abstention) for prediction in predictions if prediction.emotion is not None]
    for prediction in predictions:
        if prediction.emotion is None:
            say("; ".join(prediction.warnings))
    if not read:
        raise FeelscopeError("none of the pictures could be read")
    if out is None:
        for answer in read:
            show_json(answer)
        return
    from feelscope.table import open_writer

    with open_writer(out, like=example_row(classifier.emotions, abstains=abstention is not None)) as writer:
        for answer in read:
            writer.write(answer)


def _predict_post(
    post: Post,
    model: str,
    out: Path | None,
    abstain: float | None,
    as_json: bool,
    read_pictures: bool,
    skip_pictures: float | None,
) -> None:
    from feelscope.errors import FeelscopeError
    from feelscope.predict import example_row, row
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures, skip_pictures=skip_pictures)
    abstention = _abstention(classifier, abstain)
    (prediction,) = classifier.predict([post])
    if prediction.emotion is None:
        raise FeelscopeError("; ".join(prediction.warnings))
    if out is not None:
        from feelscope.table import open_writer

        with open_writer(out, like=example_row(classifier.emotions, abstains=abstention is not None)) as writer:
            writer.write(row(prediction, abstention))
    elif sys.stdout.isatty() and not as_json:
        show_text(_describe(prediction, abstention))
    else:
        show_json(row(prediction, abstention))


def _how_to_continue(out: Path | None) -> str:
    return "only --out FILE can be resumed" if out is None else continue_with("--resume")


def _describe(prediction: Prediction, abstention: "Abstention | None" = None) -> str:
    """Lines for a terminal, the most probable emotion first."""
    refused, why = (False, "") if abstention is None else abstention.of(prediction)
    answer = f"{emoji(prediction.emotion or '')} {prediction.emotion}"
    lines = [
        f"{'no answer' if refused else answer}, read from {read_from(prediction.modalities)}",
        "",
        *bars(prediction.probabilities),
    ]
    return "\n".join([*lines, *(f"\nNote: {warning}" for warning in (*prediction.warnings, why) if warning)])
