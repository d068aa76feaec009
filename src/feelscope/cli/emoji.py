"""`feelscope emoji`: answer a text with emoji, and train what answers."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from feelscope.cli.options import Cache, Columns, Epochs, Json, Limit, MaxErrors, QuarantineFile, Resume, Seed, Table
from feelscope.cli.output import show, show_json
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import continue_with, open_posts
from feelscope.text.width import columns as width

emoji = typer.Typer(no_args_is_help=True)


@emoji.callback()
def _emoji() -> None:
    """Answer texts with emoji.

    \b
    Examples:
      feelscope emoji answer "flight is awful"
      feelscope emoji train posts.csv --out runs/answer
    """


@emoji.command()
def answer(
    text: Annotated[str, Argument(metavar="TEXT", help="What to answer.")],
    model: Annotated[
        str, Option(metavar="builtin|RUN", help="The built-in answer model, or a folder that `emoji train` wrote.")
    ] = "builtin",
    top: Annotated[int, Option(metavar="N", min=1, help="How many emoji.")] = 5,
    unseen: Annotated[
        bool, Option("--unseen", help="Answer with any emoji, those too that no training text had.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Answer a text with the emoji that fit it best.

    A score is the emoji's share of all that may answer. Emoji in the text are not read.

    \b
    Examples:
      feelscope emoji answer "flight is awful"
      feelscope emoji answer "we won the cup" --top 3 --unseen --json
    """
    from dataclasses import asdict

    from feelscope.emoji.answer.answering import EmojiAnswers

    found = EmojiAnswers.load(model).answer(text, top, unseen=unseen)
    for warning in found.warnings:
        say(warning)
    if as_json:
        show_json({"text": text, "answers": [asdict(one) for one in found.answers]})
        return
    for one in found.answers:
        show(f"{one.emoji}{' ' * (3 - width(one.emoji))}{one.score:6.1%}  {one.name}")


@emoji.command("train")
def train_answers(
    table: Table,
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the answer model to.")],
    vectors: Annotated[
        Path | None, Option(metavar="FILE", help="Vectors of emoji, such as emoji2vec, beside those of their names.")
    ] = None,
    epochs: Epochs = None,
    seed: Seed = None,
    cache: Cache = None,
    columns: Columns = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    resume: Resume = False,
) -> None:
    """Train an answer model on posts with emoji.

    The column `emotion` holds the emoji, or one of the built-in model's emotions; any other column with
    `--columns emotion=NAME`. Needs `pip install "feelscope[train]"`.

    \b
    Examples:
      feelscope emoji train posts.csv --columns emotion=emoji --out runs/answer
      feelscope emoji train posts.csv --vectors emoji2vec.bin --out runs/answer
    """
    from feelscope.errors import needs_extra

    with needs_extra("training", "train"):
        from feelscope.emoji.answer.train import DEFAULT_EPOCHS, train_answers
        from feelscope.train.checkpoint import has_begun

    def how_to_continue() -> str:
        return continue_with(*["--resume"] * has_begun(out))

    with (
        open_posts(
            table, columns, quarantine, max_errors, out=out, need=("emotion",), limit=limit, advice=how_to_continue
        ) as posts,
        Stages() as stages,
    ):
        report = train_answers(
            posts,
            out,
            vectors=vectors,
            epochs=epochs or DEFAULT_EPOCHS,
            seed=seed or 0,
            cache=cache or out.parent / "features",
            resume=resume,
            progress=stages,
        )
    show(f"{out}: answers with {report['emoji']:,} emoji; ask it with --model {out}")
