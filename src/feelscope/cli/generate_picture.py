"""`feelscope generate picture` and `feelscope generate train-pictures`: pictures that nobody took."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from feelscope.cli.options import Cache, Columns, Device, Limit, MaxErrors, QuarantineFile, Resume, Table
from feelscope.cli.output import show
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import open_posts, resuming

_SCALE = 4  # of a picture's pixels in a PNG, by default


def picture(
    model: Annotated[
        Path | None, Option(metavar="RUN", help="The folder that `feelscope generate train-pictures` wrote.")
    ] = None,
    emotion: Annotated[str, Option(metavar="EMOTION", help="What the picture is to express.")] = "",
    text: Annotated[str, Option(metavar="TEXT", help="What the picture is to show.")] = "",
    count: Annotated[int, Option(metavar="N", min=1, max=10_000, help="How many pictures.")] = 1,
    walk: Annotated[
        int | None, Option(metavar="N", min=2, max=1000, help="Draw the way from picture 1 to picture 2 in N steps.")
    ] = None,
    arithmetic: Annotated[
        str, Option(metavar="SUM", help="Draw a sum of pictures by their numbers, as 1,5,9-2,4,6+3,7,8.")
    ] = "",
    seed: Annotated[int, Option(metavar="N", min=0, max=2**31 - 1, help="Another seed, other pictures.")] = 0,
    scale: Annotated[int, Option(metavar="N", min=1, max=20, help="Enlarge each pixel.")] = _SCALE,
    out: Annotated[Path, Option(metavar="PNG", help="The picture to write.")] = Path("picture.png"),
) -> None:
    """Draw a picture that nobody took.

    Several are drawn on one sheet; picture N of a seed is always the same.

    \b
    Examples:
      feelscope generate picture --emotion fear --model runs/faces --out fear.png
      feelscope generate picture --text "two rings on a hand" --model runs/photos --count 10 --out rings.png
      feelscope generate picture --model runs/photos --arithmetic 1,5,9-2,4,6+3,7,8 --out sum.png
    """
    if arithmetic and walk is not None:
        raise typer.BadParameter("give --walk or --arithmetic, found both")
    if model is None:
        from feelscope.errors import ModelError

        raise ModelError(
            "no picture generator comes with Feelscope: feelscope generate train-pictures posts.csv --by emotion "
            "--out runs/pictures, then give --model runs/pictures"
        )
    from feelscope.errors import needs_extra

    with needs_extra("a picture generator", "train"):
        from feelscope.generate.pictures import drawing, folder

    saved = folder.read(model)
    condition = drawing.condition_of(saved, emotion, text)
    if arithmetic:
        what = drawing.draw_sum(saved, arithmetic, condition, seed, out, scale)
    elif walk is not None:
        what = drawing.draw_walk(saved, walk, condition, seed, out, scale)
    else:
        what = drawing.draw_pictures(saved, count, condition, seed, out, scale)
    show(f"{out}: {what}")


def train_pictures(
    table: Table,
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the generator to.")],
    by: Annotated[
        str, Option(metavar="emotion|text|nothing", help="What a picture can be asked for by, besides a seed.")
    ] = "nothing",
    size: Annotated[int, Option(metavar="32|64", help="Pixels a side.")] = 32,
    width: Annotated[
        float | None, Option(metavar="SHARE", help="Of the published channels; 0.25 takes a twelfth of the time.")
    ] = None,
    batch: Annotated[int | None, Option(metavar="N", min=2, help="Pictures in a step; 128 by default.")] = None,
    epochs: Annotated[int | None, Option(metavar="N", min=1, help="25 by default.")] = None,
    mirror: Annotated[bool, Option("--mirror", help="Show half of the pictures mirrored.")] = False,
    precision: Annotated[
        str | None, Option(metavar="float32|bfloat16", help="The second is faster where the processor has it.")
    ] = None,
    seed: Annotated[int | None, Option(metavar="N", min=0, help="0 by default.")] = None,
    cache: Cache = None,
    columns: Columns = "",
    quarantine: QuarantineFile = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    resume: Resume = False,
    device: Device = "auto",
) -> None:
    """Learn to draw pictures like those of a table.

    Needs `pip install "feelscope[train]"`. RUN then holds the generator, a card and sheets of pictures.

    \b
    Examples:
      feelscope generate train-pictures posts.csv --by emotion --width 0.25 --out runs/faces
      feelscope generate train-pictures posts.csv --by text --size 64 --out runs/photos
    """
    from feelscope.errors import needs_extra
    from feelscope.generate.pictures.settings import PictureSettings

    given: dict[str, Any] = {
        "width": width, "batch_size": batch, "epochs": epochs, "precision": precision, "seed": seed
    }  # fmt: skip
    settings = PictureSettings(size=size, by=by, mirror=mirror)
    settings = replace(settings, **{name: value for name, value in given.items() if value is not None})
    with needs_extra("training", "train"):
        from feelscope.generate.pictures import train
        from feelscope.train.device import choose
    where = choose(device)

    need = ("image", "emotion") if by == "emotion" else ("image",)
    with (
        open_posts(
            table, columns, quarantine, max_errors, out=out, need=need, limit=limit, advice=resuming(out)
        ) as posts,
        Stages() as stages,
    ):
        saved = train.train_pictures(
            posts,
            settings,
            out,
            source=table.name,
            cache=cache or out.parent / "features",
            quarantine=posts.quarantine,
            resume=resume,
            device=where,
            progress=stages,
        )
    say(f"{saved.scores['pictures']:,} pictures, of {table.name}")
    show(f"{out}: its card is {out / 'README.md'}; pass it to `feelscope generate picture` as --model {out}")
