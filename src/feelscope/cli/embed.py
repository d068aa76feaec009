"""`feelscope embed`: the vectors that a model reads of each post of a table."""

from functools import partial
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

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
    ReadPictures,
)
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import continue_with, open_posts


def embed(
    table: Annotated[Path, Argument(metavar="TABLE", help="Posts: .csv, .jsonl or .parquet.")],
    out: Annotated[Path, Option(metavar="FILE", help="Where to write the vectors: .parquet.")],
    model: Model = "builtin",
    columns: Columns = "",
    encoding: Encoding = "",
    images: Images = None,
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted --out FILE.")] = False,
    read_pictures: ReadPictures = False,
    alt_text: AltText = False,
) -> None:
    """Write vectors of posts, for programs of your own.

    A row has the post's id, and a list of numbers for its words, its picture, and both together, in the columns
    text_vector, image_vector and fused_vector.

    \b
    Examples:
      feelscope embed posts.csv --out vectors.parquet
      feelscope embed posts.csv --model runs/mine --out vectors.parquet --resume
    """
    from feelscope.embed.table import embed_table
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier = EmotionClassifier.load(model, read_pictures=read_pictures, alt_text=alt_text)
    advice = partial(continue_with, "--resume")
    with open_posts(table, columns, quarantine, max_errors, out=out, limit=limit, advice=advice) as posts:
        with Progress("reading", posts.rough_length()) as progress, Progress("writing", later=True) as writing:
            embed_table(classifier, posts, out, resume=resume, progress=progress.resumed, writing=writing)
        say(progress.summary("post"))
    widths = ", ".join(f"{name} {width}" for name, width in classifier.widths.items() if width)
    say(f"{out}: vectors of {classifier.name}: {widths}")
