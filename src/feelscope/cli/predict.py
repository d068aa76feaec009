"""`feelscope predict`: the emotion of one post, or of every post of a table."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from feelscope.cli.options import Columns, Limit, Model, QuarantineFile, read_columns, refuse_overwriting
from feelscope.post import Post

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
_QUARANTINE = Path("quarantine.jsonl")


def predict(
    context: typer.Context,
    table: Annotated[Path | None, typer.Argument(metavar="TABLE", help="Posts: .csv, .jsonl or .parquet.")] = None,
    text: Annotated[str, typer.Option(metavar="TEXT", help="The words of one post.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="Its title.")] = "",
    image: Annotated[Path | None, typer.Option(metavar="FILE", help="Its picture.")] = None,
    model: Model = "builtin",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to .jsonl, .csv or .parquet.")] = None,
    columns: Columns = "",
    quarantine: QuarantineFile = _QUARANTINE,
    limit: Limit = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on behind what an interrupted --out has.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One post as a JSON line, on a terminal too.")] = False,
) -> None:
    """Read the emotion of one post, or of every post of a table.

    A table gives one JSON line a post, in its order: id, emotion, probabilities, modalities, warnings.

    \b
    Examples:
      feelscope predict --text "We won!" --image cup.jpg
      feelscope predict posts.csv --out predictions.jsonl
    """
    for_post = {"--text": text, "--title": title, "--image": image}
    for_table = {"--columns": columns, "--limit": limit, "--resume": resume, "--quarantine": quarantine != _QUARANTINE}
    if table is None:
        if not any(value is not None and value != "" for value in for_post.values()):
            context.fail("give a TABLE of posts, or one post with --text, --title or --image")
        _refuse(context, for_table, "goes with a TABLE, not with one post")
        _check_is_unicode(context, text + title)
        _predict_post(Post("1", text, title, image), model, out, as_json)
    else:
        _refuse(context, for_post, "is for one post, and a TABLE is given")
        _check_is_table(context, table)
        if resume and out is None:
            context.fail("--resume goes with --out FILE.jsonl, whose rows it keeps")
        refuse_overwriting(table, out=out, quarantine=quarantine)
        _predict_table(table, read_columns(columns), model, out, quarantine, limit, resume)


def _refuse(context: typer.Context, options: Mapping[str, object], why: str) -> None:
    for name, value in options.items():
        if value:
            context.fail(f"{name} {why}")


def _check_is_unicode(context: typer.Context, words: str) -> None:
    try:
        words.encode()
    except UnicodeEncodeError:  # Python stands in for bytes that are no UTF-8 with halves of characters
        context.fail("--text and --title are read as UTF-8, and these bytes are something else")


def _check_is_table(context: typer.Context, table: Path) -> None:
    """Help those who give words or a picture where the table goes."""
    if table.suffix.lower() in _PICTURES:
        context.fail(f"a picture goes behind --image: feelscope predict --image {table}")
    if " " in str(table) and not table.exists():
        context.fail("words go behind --text, and no table has this name")


def _predict_post(post: Post, model: str, out: Path | None, as_json: bool) -> None:
    from feelscope.cli.one_post import describe
    from feelscope.errors import FeelscopeError
    from feelscope.predict import example_row, row
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model)
    prediction = classifier.predict([post])[0]
    if prediction.emotion is None:
        raise FeelscopeError("; ".join(prediction.warnings))
    if out is not None:
        from feelscope.table import open_writer

        with open_writer(out, like=example_row(classifier.emotions)) as writer:
            writer.write(row(prediction))
    elif sys.stdout.isatty() and not as_json:
        typer.echo(describe(prediction))
    else:
        typer.echo(json.dumps(row(prediction), ensure_ascii=False))


def _predict_table(
    path: Path,
    columns: dict[str, str],
    model: str,
    out: Path | None,
    quarantine: Path,
    limit: int | None,
    resume: bool,
) -> None:
    from feelscope.cli.progress import Progress
    from feelscope.cli.table_notes import rough_total, show_columns, show_quarantined
    from feelscope.predict import predict_rows, predict_table
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.table import PostsTable, Quarantine

    classifier = EmotionClassifier.load(model)
    with Quarantine(quarantine) as bad:
        table = PostsTable(path, columns, limit=limit, quarantine=bad)
        show_columns(table)
        progress = Progress("predicting", rough_total(table))

        def show(done: int, kept: int) -> None:
            progress.before = kept
            progress(done + kept)

        try:
            with progress:
                if out is not None:
                    predict_table(classifier, table, out, resume=resume, progress=show)
                else:
                    for one in predict_rows(classifier, table, progress=show):
                        typer.echo(json.dumps(one, ensure_ascii=False))
        except KeyboardInterrupt:
            _say_how_to_go_on(progress.done, out)
            raise typer.Exit(130) from None
        typer.echo(progress.summary("posts"), err=True)
        show_quarantined(bad)


def _say_how_to_go_on(done: int, out: Path | None) -> None:
    from feelscope.cli.table_notes import same_command

    typer.echo(f"stopped after {done:,} posts", err=True)
    if out is None:
        return
    typer.echo(f"what is done is kept in {out}.partial", err=True)
    if out.suffix.lower() in (".jsonl", ".ndjson"):
        typer.echo(f"go on with: {same_command('--resume')}", err=True)
    else:
        typer.echo("only --out FILE.jsonl can be gone on with", err=True)
