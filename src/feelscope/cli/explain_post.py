"""`feelscope explain post`: why this emotion."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from feelscope.cli.one_post import Image, Text, Title, given_post
from feelscope.cli.options import (
    MEMORY,
    AltText,
    Columns,
    Memory,
    Model,
    ReadPictures,
    SkipPictures,
    Weights,
    read_columns,
)
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import say

if TYPE_CHECKING:
    from feelscope.explain.explanation import Explanation
    from feelscope.post import Post

GRADIENTS = "gradients"
METHODS = ("shapley", "occlusion", GRADIENTS)
_MOST_IDS = 5_000  # of a table, that a wrong one is compared with


def post(
    context: typer.Context,
    table: Annotated[Path | None, Argument(metavar="TABLE", help="Posts: .csv, .jsonl or .parquet.")] = None,
    id: Annotated[str, Option("--id", metavar="ID", help="Which post of the table.")] = "",
    text: Text = "",
    title: Title = "",
    image: Image = None,
    model: Model = "builtin",
    emotion: Annotated[
        str | None, Option(metavar="EMOTION", help="Why this one, or why not; by default, the one answered.")
    ] = None,
    method: Annotated[
        str,
        Option(
            metavar="|".join(METHODS),
            help="Leave out words and regions together, or one at a time; or the gradients of a run.",
        ),
    ] = METHODS[0],
    passes: Annotated[
        int | None, Option(metavar="N", min=40, max=100_000, help="The most times that the model is asked; 200.")
    ] = None,
    weights: Weights = None,
    columns: Columns = "",
    memory: Memory = MEMORY,
    read_pictures: ReadPictures = False,
    skip_pictures: SkipPictures = None,
    alt_text: AltText = False,
    as_json: Annotated[bool, Option("--json", help="Show JSON even on a terminal.")] = False,
    out: Annotated[
        Path | None, Option(metavar="FILE", help="Where to write the explanation: .json, or a page as .html.")
    ] = None,
) -> None:
    """Show which words, regions and modalities move an answer.

    \b
    Examples:
      feelscope explain post --text "Nobody came to my birthday" --image cake.jpg
      feelscope explain post posts.csv --id 7 --emotion sadness --out why.json
    """
    if out is not None and out.suffix.lower() not in (".json", ".html"):
        raise typer.BadParameter(f"expected a file that ends with .json or .html, found {out.name}", param_hint="--out")
    asked: Post
    if table is None:
        for option, given in (("--id", id), ("--columns", columns), ("--alt-text", alt_text)):
            if given:
                context.fail(f"{option} is for a TABLE, not for one post")
        asked = given_post(context, text, title, image)
    else:
        if text or title or image:
            context.fail("give a TABLE with --id, or one post with --text, --title or --image")
        if not id:
            context.fail("say with --id which post of the table")
        asked = _post_of(table, id, read_columns(columns))
    if passes is not None and method == GRADIENTS:
        raise typer.BadParameter(f"is not for --method {GRADIENTS}", param_hint="--passes")
    if weights and method != GRADIENTS:
        raise typer.BadParameter(f"is for --method {GRADIENTS}", param_hint="--weights")
    reading = {"--read-pictures": read_pictures, "--skip-pictures": skip_pictures is not None, "--alt-text": alt_text}
    for option, is_given in reading.items():
        if is_given and method == GRADIENTS:
            raise typer.BadParameter(f"is not for --method {GRADIENTS}", param_hint=option)
    if method == GRADIENTS:
        found, name = _by_gradients(asked, model, emotion, weights)
    else:
        found, name = _explained(asked, model, emotion, method, passes, read_pictures, skip_pictures, alt_text)
    _show(found, asked, name, as_json, out)


def _post_of(path: Path, id: str, columns: dict[str, str]) -> "Post":
    """The post of this id."""
    from feelscope.config import did_you_mean
    from feelscope.errors import TableError
    from feelscope.table import PostsTable

    ids: list[str] = []
    table = PostsTable(path, columns)
    for post in table:
        if post.id == id:
            return post
        if len(ids) < _MOST_IDS:
            ids.append(post.id)
    broken = f" ({table.quarantine.count:,} of its rows cannot be read)" if table.quarantine.count else ""
    raise TableError(f"{path}: no post has the id {id!r}{broken}; {did_you_mean(id, ids)}")


def _by_gradients(post: "Post", model: str, emotion: str | None, weights: Path | None) -> "tuple[Explanation, str]":
    """The explanation, and the model's name."""
    from feelscope.errors import needs_extra
    from feelscope.explain import gradients
    from feelscope.saved_model.locate import locate
    from feelscope.train.run_folder import check_is_run

    folder = locate(model)
    check_is_run(folder)
    with needs_extra(f"--method {GRADIENTS}", "train"):
        from feelscope.train.rebuilding import RebuiltRun

    run = RebuiltRun(folder, weights)
    return gradients.explain(run, post, emotion), run.name


def _explained(
    post: "Post",
    model: str,
    emotion: str | None,
    method: str,
    passes: int | None,
    read_pictures: bool,
    skip_pictures: float | None,
    alt_text: bool,
) -> "tuple[Explanation, str]":
    """The explanation, and the model's name."""
    from feelscope.config import did_you_mean
    from feelscope.explain.post import Settings
    from feelscope.saved_model.classifier import EmotionClassifier

    if method not in METHODS:
        raise typer.BadParameter(f"{method!r} is not known; {did_you_mean(method, METHODS)}", param_hint="--method")
    settings = Settings(method) if passes is None else Settings(method, passes)
    classifier = EmotionClassifier.load(
        model, read_pictures=read_pictures, skip_pictures=skip_pictures, alt_text=alt_text
    )
    return classifier.explain(post, emotion, settings), classifier.name


def _show(explanation: "Explanation", post: "Post", model: str, as_json: bool, out: Path | None) -> None:
    from feelscope.explain.record import record

    if out is None and (as_json or not sys.stdout.isatty()):
        show_json(record(explanation, post))
    elif out is None:
        from feelscope.cli.explained import explained

        show_text(explained(explanation, post, shutil.get_terminal_size().columns))
    else:
        from feelscope.explain.page import html
        from feelscope.files import write_json, write_text

        if out.suffix.lower() == ".json":
            write_json(out, record(explanation, post))
        else:
            write_text(out, html(explanation, post, model))
        say(f"the explanation is in {out}")
