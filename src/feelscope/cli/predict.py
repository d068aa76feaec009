"""`feelscope predict`: the emotion of one post, or of every post of a table."""

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from feelscope.cli.emotions import bars, emoji, read_from
from feelscope.cli.one_post import Text, Title, given_post
from feelscope.cli.options import (
    MEMORY,
    AltText,
    Columns,
    Encoding,
    Images,
    Limit,
    MaxErrors,
    Memory,
    Model,
    QuarantineFile,
    Quiet,
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
    from feelscope.table import PostsTable

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".mp4", ".mov", ".webm", ".mkv")


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
    alt_text: AltText = False,
    only: Annotated[str, Option(metavar="text|image", help="Read the words of each post alone, or the picture.")] = "",
    keep: Annotated[
        str, Option(metavar="COLUMN,...|all", help="Columns of the table to write beside the predictions.")
    ] = "",
    excel: Annotated[bool, Option("--excel", help="Write a CSV that a spreadsheet reads as UTF-8.")] = False,
    raw: Raw = False,
    as_json: Annotated[bool, Option("--json", help="Show JSON even on a terminal.")] = False,
    quiet: Quiet = False,
) -> None:
    """Predict the emotion of one post, or of every post of a table.

    A table gives one line of JSON per post, in its order: id, emotion, probabilities, modalities, warnings. On a
    terminal, its first posts are shown, and the share of each emotion.

    \b
    Examples:
      feelscope predict --text "We won!" --image cup.jpg
      feelscope predict posts.csv --out predictions.jsonl
      feelscope predict posts.csv --out predictions.csv --keep all --excel
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
        "--keep": keep,
        "--only": only,
        "--alt-text": alt_text,
    }
    if only not in ("", "text", "image"):
        context.fail(f"--only takes text or image, not {only!r}")
    if excel and (out is None or out.suffix.lower() != ".csv"):
        context.fail("--excel needs --out FILE.csv")
    if table is None and image and len(image) > 1:
        if text or title:
            context.fail("several --image are a post each; --text and --title are for one post")
        _refuse(context, for_table, "is for a TABLE, not for pictures by their names")
        _refuse(context, {"--skip-pictures": skip_pictures}, "is for posts with words, not for pictures alone")
        _predict_pictures([Post(str(path), image=path) for path in image], model, out, abstain, read_pictures, excel)
        return
    if table is None:
        post = given_post(context, text, title, image[0] if image else None)
        _refuse(context, for_table, "is for a TABLE, not for one post")
        _predict_post(post, model, out, abstain, as_json, read_pictures, skip_pictures, excel)
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

    classifier = EmotionClassifier.load(
        model, read_pictures=read_pictures, skip_pictures=skip_pictures, alt_text=alt_text
    )
    abstention = _abstention(classifier, abstain)

    def how_to_continue() -> str:
        return _how_to_continue(out)

    columns_kept = [name.strip() for name in keep.split(",") if name.strip()]
    opened = open_posts(
        table, columns, quarantine, max_errors, out=out, limit=limit, advice=how_to_continue, along=columns_kept
    )
    with opened as posts:
        with Progress("predicting", posts.rough_length(), shares=out is None) as progress:
            if out is not None:
                with Progress("writing", later=True) as writing:
                    predict_table(
                        classifier,
                        posts,
                        out,
                        resume=resume,
                        abstention=abstention,
                        keep=columns_kept,
                        only=only,
                        mark=excel,
                        progress=progress.resumed,
                        writing=writing,
                    )
            elif sys.stdout.isatty() and not as_json and not columns_kept:
                _show_table(classifier, posts, abstention, only, progress)
            else:
                asked = predict_rows(
                    classifier, posts, abstention=abstention, keep=columns_kept, only=only, progress=progress.resumed
                )
                for row in asked:
                    progress.close()  # on a terminal, rows and progress share the screen
                    show_json(row)
        say(progress.summary("post"))


def _show_table(
    classifier: "EmotionClassifier",
    posts: "PostsTable",
    abstention: "Abstention | None",
    only: str,
    progress: Progress,
) -> None:
    """Show the first posts, and what all of them together are."""
    from feelscope.cli.predicted import SHOWN, kind_of, share_lines, table_lines
    from feelscope.predict import predict_posts

    answers: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    first: list[tuple[Post, dict[str, Any]]] = []
    for post, row in predict_posts(classifier, posts, abstention=abstention, only=only, progress=progress.resumed):
        answers[str(row["emotion"] or "")] += 1
        warned.update({kind_of(said) for said in row["warnings"]} if isinstance(row["warnings"], list) else ())
        if len(first) < SHOWN:
            first.append((post, row))
            if len(first) == SHOWN:
                progress.close()
                show_text("".join(f"{line}\n" for line in table_lines(first)).rstrip("\n"))
    progress.close()
    if first and len(first) < SHOWN:
        show_text("\n".join(table_lines(first)))
    if first:
        show_text("\n".join(share_lines(answers, classifier.emotions, warned, len(first))))


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
    posts: list[Post], model: str, out: Path | None, abstain: float | None, read_pictures: bool, excel: bool
) -> None:
    """A row for each picture that can be read; its path is the post's id."""
    from feelscope.errors import FeelscopeError
    from feelscope.predict import row, write_predictions
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures)
    abstention = _abstention(classifier, abstain)
    predictions = classifier.predict(posts)
    read = [prediction for prediction in predictions if prediction.emotion is not None]
    for prediction in predictions:
        if prediction.emotion is None:
            say("; ".join(prediction.warnings))
    if not read:
        raise FeelscopeError("none of the pictures could be read")
    if out is None:
        for answer in read:
            show_json(row(answer, abstention))
    else:
        write_predictions(classifier, read, out, abstention=abstention, mark=excel)


def _predict_post(
    post: Post,
    model: str,
    out: Path | None,
    abstain: float | None,
    as_json: bool,
    read_pictures: bool,
    skip_pictures: float | None,
    excel: bool,
) -> None:
    from feelscope.errors import FeelscopeError
    from feelscope.predict import row, write_predictions
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures, skip_pictures=skip_pictures)
    abstention = _abstention(classifier, abstain)
    (prediction,) = classifier.predict([post])
    if prediction.emotion is None:
        raise FeelscopeError("; ".join(prediction.warnings))
    if out is not None:
        write_predictions(classifier, [prediction], out, abstention=abstention, mark=excel)
    elif sys.stdout.isatty() and not as_json:
        show_text(_describe(prediction, abstention))
    else:
        show_json(row(prediction, abstention))


def _how_to_continue(out: Path | None) -> str:
    return "only --out FILE can be resumed" if out is None else continue_with("--resume")


def _describe(prediction: Prediction, abstention: "Abstention | None" = None) -> str:
    """Lines for a terminal, the most probable emotion first."""
    refused, warnings = (False, prediction.warnings) if abstention is None else abstention.of(prediction)
    answer = f"{emoji(prediction.emotion or '')} {prediction.emotion}"
    lines = [
        f"{'no answer' if refused else answer}, read from {read_from(prediction.modalities)}",
        "",
        *bars(prediction.probabilities),
    ]
    return "\n".join([*lines, *(f"\nNote: {warning}" for warning in warnings)])
