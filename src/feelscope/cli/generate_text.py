"""`feelscope generate text` and `feelscope generate train-writer`: posts that express an emotion."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

from typer import Option

from feelscope.cli.options import (
    Cache,
    Columns,
    Device,
    Epochs,
    Json,
    Limit,
    MaxErrors,
    QuarantineFile,
    Resume,
    Seed,
    Table,
)
from feelscope.cli.output import show, show_json, show_text
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import open_posts, resuming


def text(
    emotion: Annotated[
        str, Option(metavar="EMOTION", help="What the posts are to express; may be left out where there is only one.")
    ] = "",
    image: Annotated[Path | None, Option(metavar="FILE", help="A picture they are about.")] = None,
    model: Annotated[
        str, Option(metavar="builtin|RUN", help="The built-in writer, or a folder of `generate train-writer`.")
    ] = "builtin",
    first: Annotated[str, Option(metavar="WORDS", help="What they begin with; by default it is drawn.")] = "",
    count: Annotated[int, Option(metavar="N", min=1, max=10_000, help="How many to write.")] = 1,
    seed: Annotated[int, Option(metavar="N", min=0, max=2**31 - 1, help="Of what is drawn.")] = 0,
    temperature: Annotated[
        float, Option(metavar="X", help="Above 0; lower writes more usual words, higher more surprising ones.")
    ] = 0.7,
    nucleus: Annotated[
        float, Option(metavar="SHARE", help="Draw from the likeliest words, whose probability sums to this; up to 1.")
    ] = 0.9,
    emphasis: Annotated[
        float, Option(metavar="X", help="How much more the emotion counts than in the posts that were learnt; from 0.")
    ] = 1.0,
    allow_verbatim: Annotated[
        bool, Option("--allow-verbatim", help="Let a post repeat 8 words in a row of a training post.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write posts that express an emotion.

    A post that repeats 8 words in a row of a training post is drawn again.

    \b
    Examples:
      feelscope generate text --emotion happiness
      feelscope generate text --emotion fear --image examples/images/storm.jpg --count 3
      feelscope generate text --emotion anger --first "angry man" --temperature 0.6 --json
    """
    from feelscope.generate.writer.sampling import SamplingSettings
    from feelscope.generate.writer.writing import PostWriter

    sampling = SamplingSettings(temperature, nucleus, emphasis, allow_verbatim)
    writer = PostWriter.load(model)
    posts = writer.write(emotion, image, first=first, count=count, seed=seed, sampling=sampling)
    if as_json:
        show_json(
            {
                "emotion": writer.emotion(emotion),
                "image": None if image is None else str(image),
                "first": first,
                "seed": seed,
                **asdict(sampling),
                "posts": [{"text": post.text, "refused": post.refused} for post in posts],
            }
        )
        return
    show_text("\n\n".join(post.text for post in posts))


def train_writer(
    table: Table,
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the writer to.")],
    only: Annotated[str, Option(metavar="EMOTION", help="Learn the posts of this emotion alone.")] = "",
    characters: Annotated[
        bool, Option("--characters", help="Write characters instead of words: slower, and it spells by itself.")
    ] = False,
    vectors: Annotated[Path | None, Option(metavar="FILE", help="Word vectors to begin with.")] = None,
    swaps: Annotated[
        str, Option(metavar="gender|FILE", help="Learn a copy of each post too, with these words swapped.")
    ] = "",
    names: Annotated[bool, Option("--names", help="With --swaps gender, swap first names too.")] = False,
    epochs: Epochs = None,
    seed: Seed = None,
    cache: Cache = None,
    columns: Columns = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    resume: Resume = False,
    device: Device = "auto",
) -> None:
    """Train a writer on posts with an emotion.

    Pictures are read by the built-in model's image network. Needs `pip install "feelscope[train]"`.

    \b
    Examples:
      feelscope generate train-writer posts.csv --out runs/writer
      feelscope generate train-writer posts.csv --vectors vectors.npz --epochs 20 --out runs/writer
      feelscope generate train-writer posts.csv --only happiness --characters --out runs/happy
    """
    from feelscope.errors import ConfigError, needs_extra
    from feelscope.generate.writer.settings import CHARACTERS, WriterSettings

    if characters and vectors is not None:
        raise ConfigError("--vectors: a writer of characters has no words; leave it out, or --characters")
    settings = replace(
        CHARACTERS if characters else WriterSettings(), only=only, seed=seed or 0, swaps=swaps, names=names
    )
    settings = replace(settings, epochs=epochs or settings.epochs)
    with needs_extra("training", "train"):
        from feelscope.generate.writer import train
        from feelscope.train.device import choose

    with (
        open_posts(
            table, columns, quarantine, max_errors, out=out, need=("emotion",), limit=limit, advice=resuming(out)
        ) as posts,
        Stages() as stages,
    ):
        saved = train.train_writer(
            posts,
            out,
            settings,
            vectors=vectors,
            cache=cache or out.parent / "features",
            resume=resume,
            device=choose(device),
            progress=stages,
        )
    if saved.scores["pictures_unread"]:
        say(f"{saved.scores['pictures_unread']:,} pictures cannot be read; their posts were learnt by their words")
    show(f"{out}: its card is {out / 'README.md'}; write with `feelscope generate text --model {out}`")
