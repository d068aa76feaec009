"""`feelscope emoji`: draw emoji, known and new; answer a text with emoji; train both."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

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
from feelscope.cli.output import show, show_json
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import open_posts, resuming, stoppable
from feelscope.text.width import columns as width

emoji = typer.Typer(no_args_is_help=True)
_SCALE = 4  # of a picture's pixels in a PNG, by default
Pictures = Annotated[
    Path | None,
    Option(metavar="FILE", help="A colour font, or a Parquet of pictures; by default the font of this system."),
]


@emoji.callback()
def _emoji() -> None:
    """Answer a text with emoji; draw emoji, known and new.

    \b
    Examples:
      feelscope emoji answer "flight is awful"
      feelscope emoji answer "flight is awful" --novel
      feelscope emoji draw "red heart" --out heart.png
      feelscope emoji train-autoencoder --out runs/emoji
      feelscope emoji draw --sample 20 --model runs/emoji --out new.png
    """


@emoji.command()
def answer(
    text: Annotated[str, Argument(metavar="TEXT", help="What to answer.")],
    model: Annotated[
        str,
        Option(metavar="builtin|RUN", help="The built-in answer model, or a folder of `emoji train-answers`."),
    ] = "builtin",
    top: Annotated[int | None, Option(metavar="N", min=1, help="How many emoji; 5 by default.")] = None,
    unseen: Annotated[
        bool, Option("--unseen", help="Answer with any emoji, those too that no training text had.")
    ] = False,
    novel: Annotated[bool, Option("--novel", help="Draw a new emoji that answers.")] = False,
    seed: Annotated[int | None, Option(metavar="N", min=0, help="Of what --novel draws; 0 by default.")] = None,
    out: Annotated[Path | None, Option(metavar="PNG", help="The picture of --novel, to write.")] = None,
    as_json: Json = False,
) -> None:
    """Answer a text with emoji that fit, or with a new one.

    A score is the emoji's share of all that may answer. Emoji in the text are not read.

    \b
    Examples:
      feelscope emoji answer "flight is awful"
      feelscope emoji answer "we won the cup" --top 3 --unseen --json
      feelscope emoji answer "flight is awful" --novel --out new.png
    """
    from dataclasses import asdict

    from feelscope.emoji.answer.answering import EmojiAnswers

    if novel:
        if top is not None or unseen:
            raise typer.BadParameter("--top and --unseen are about known emoji; leave them out with --novel")
        _answer_newly(text, model, seed or 0, out, as_json)
        return
    if seed is not None or out is not None:
        raise typer.BadParameter("--seed and --out are those of a new emoji; give --novel too")
    found = EmojiAnswers.load(model).answer(text, top or 5, unseen=unseen)
    for warning in found.warnings:
        say(warning)
    if as_json:
        show_json({"text": text, "answers": [asdict(one) for one in found.answers]})
        return
    for one in found.answers:
        show(f"{one.emoji}{' ' * (3 - width(one.emoji))}{one.score:6.1%}  {one.name}")


def _answer_newly(text: str, model: str, seed: int, out: Path | None, as_json: bool) -> None:
    """Draw a new emoji that answers a text."""
    from dataclasses import asdict

    from feelscope.cli.terminal_picture import can_show, show_picture
    from feelscope.emoji.answer.answering import EmojiAnswers
    from feelscope.images.sheet import write_sheet

    drawn = EmojiAnswers.load(model, drawing=True).draw(text, seed)
    for warning in drawn.warnings:
        say(warning)
    if out is not None:
        write_sheet(out, drawn.pixels[None], 1, _SCALE)
    if as_json:
        values = {name: value for name, value in asdict(drawn).items() if name not in ("pixels", "warnings")}
        show_json({"text": text, "drawn": {"picture": None if out is None else str(out), "seed": seed, **values}})
        return
    if can_show():
        show_picture(drawn.pixels)
    elif out is None:
        show("the picture cannot be shown here; write it with --out new.png")
    if out is not None:
        show(f"{out}: a new emoji")
    above = (drawn.score - drawn.mean) / max(drawn.deviation, 1e-12)
    show(f"the best of {drawn.count:,}: score {drawn.score:.2f}, {above:.1f} deviations above their mean")
    show(f"looks most like {', '.join(f'{one.emoji} {one.name}' for one in drawn.similar)}")


@emoji.command()
def train_answers(
    table: Table,
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the answer model to.")],
    vectors: Annotated[
        Path | None, Option(metavar="FILE", help="Vectors of emoji, such as emoji2vec, beside those of their names.")
    ] = None,
    autoencoder: Annotated[
        Path | None, Option(metavar="RUN", help="A folder of `emoji train-autoencoder`, for `emoji answer --novel`.")
    ] = None,
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
    """Train an answer model on posts with emoji.

    The column `emotion` holds the emoji, or one of the built-in model's emotions; any other column with
    `--columns emotion=NAME`. Needs `pip install "feelscope[train]"`.

    \b
    Examples:
      feelscope emoji train-answers posts.csv --columns emotion=emoji --out runs/answer
      feelscope emoji train-answers posts.csv --vectors emoji2vec.bin --out runs/answer
      feelscope emoji train-answers posts.csv --autoencoder runs/emoji --out runs/answer
    """
    from feelscope.errors import needs_extra

    with needs_extra("training", "train"):
        from feelscope.emoji.answer import train
        from feelscope.train.device import choose

    with (
        open_posts(
            table, columns, quarantine, max_errors, out=out, need=("emotion",), limit=limit, advice=resuming(out)
        ) as posts,
        Stages() as stages,
    ):
        report = train.train_answers(
            posts,
            out,
            vectors=vectors,
            autoencoder=autoencoder,
            epochs=epochs or train.DEFAULT_EPOCHS,
            seed=seed or 0,
            cache=cache or out.parent / "features",
            resume=resume,
            device=choose(device),
            progress=stages,
        )
    show(f"{out}: answers with {report['emoji']:,} emoji; ask it with --model {out}")


@emoji.command()
def train_autoencoder(
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the autoencoder to.")],
    pictures: Pictures = None,
    published: Annotated[
        bool, Option("--published", help="Wolf's network and settings of 2017, instead of ours; takes hours.")
    ] = False,
    code: Annotated[int | None, Option(metavar="N", min=1, max=4096, help="Numbers of a code.")] = None,
    epochs: Epochs = None,
    seed: Seed = None,
    resume: Resume = False,
    device: Device = "auto",
    cache: Cache = None,
) -> None:
    """Learn the pictures of all emoji as short codes.

    Needs `pip install "feelscope[train]"`. RUN then holds the autoencoder, its scores and sheets of pictures.

    \b
    Examples:
      feelscope emoji train-autoencoder --out runs/emoji
      feelscope emoji train-autoencoder --pictures twemoji.parquet --epochs 60 --out runs/twemoji
    """
    from feelscope.emoji.autoencoder.settings import PUBLISHED, AutoencoderSettings
    from feelscope.emoji.pictures import open_pictures
    from feelscope.errors import needs_extra

    settings = PUBLISHED if published else AutoencoderSettings()
    given: dict[str, Any] = {"code": code, "epochs": epochs, "seed": seed}
    settings = replace(settings, **{name: value for name, value in given.items() if value is not None})
    with needs_extra("training", "train"):
        from feelscope.emoji.autoencoder import train
        from feelscope.train.device import choose
    where = choose(device)
    with stoppable(resuming(out)), Stages() as stages:
        found = open_pictures(pictures, cache or out.parent / "features", stages)
        if found.missing:
            say(f"{found.source}: no picture of {len(found.missing):,} emoji of Unicode's list, as {found.missing[0]}")
        run = train.train_autoencoder(found, settings, out, resume=resume, device=where, progress=stages)
    show(f"{run}: its card is {run / 'README.md'}; pass it to `feelscope emoji draw` as --model {run}")


@emoji.command()
def draw(
    which: Annotated[
        str | None, Argument(metavar="EMOJI", help="An emoji or its name, as 'red heart': drawn by the font.")
    ] = None,
    model: Annotated[
        Path | None,
        Option(metavar="RUN", help="A folder of `emoji train-autoencoder`; EMOJI is drawn from its code."),
    ] = None,
    code: Annotated[str, Option(metavar="N,N,...", help="Draw a code; a single number is all of its numbers.")] = "",
    walk: Annotated[
        tuple[str, str] | None, Option(metavar="EMOJI EMOJI", help="Draw the way from one emoji to another.")
    ] = None,
    grid: Annotated[str, Option(metavar="A|B|C", help="Draw one of Wolf's grids of codes, 20 x 20.")] = "",
    sample: Annotated[
        int | None, Option(metavar="N", min=1, max=10_000, help="Draw N new emoji, spread as codes are.")
    ] = None,
    steps: Annotated[int, Option(metavar="N", min=2, max=1000, help="Of a walk, both ends included.")] = 10,
    seed: Annotated[int, Option(metavar="N", min=0, max=2**31 - 1, help="Of a sample.")] = 0,
    pictures: Pictures = None,
    scale: Annotated[int, Option(metavar="N", min=1, max=20, help="Enlarge each pixel.")] = _SCALE,
    out: Annotated[Path, Option(metavar="PNG", help="The picture to write.")] = Path("emoji.png"),
) -> None:
    """Draw an emoji, known or new.

    A known one is drawn as the font has it; with an autoencoder, from its code. An autoencoder also draws what is
    between two emoji, and new ones.

    \b
    Examples:
      feelscope emoji draw 🎉 --out party.png
      feelscope emoji draw --walk 😀 😡 --model runs/emoji --out walk.png
      feelscope emoji draw --grid A --model runs/emoji --scale 1 --out grid.png
      feelscope emoji draw --sample 20 --model runs/emoji --out new.png
    """
    asked = {"EMOJI": which, "--code": code, "--walk": walk, "--grid": grid, "--sample": sample}
    chosen = [name for name, value in asked.items() if value is not None and value != ""]
    if len(chosen) != 1:
        found = " and ".join(chosen) or "none"
        raise typer.BadParameter(f"give one of {', '.join(asked)}, found {found}")
    if model is not None and pictures is not None:
        raise typer.BadParameter("give --model, which draws by itself, or --pictures, found both")
    if which is not None and model is None:
        from feelscope.emoji.known import draw_known

        shown = draw_known(which, pictures, out, scale)
        show(f"{out}: {shown}")
        _show_sheet(out, scale)
        return
    if model is None:
        from feelscope.errors import ModelError

        raise ModelError(
            f"{chosen[0]} needs an autoencoder of emoji: feelscope emoji train-autoencoder --out runs/emoji, then "
            "give --model runs/emoji"
        )
    from feelscope.errors import needs_extra

    with needs_extra("an autoencoder of emoji", "train"):
        from feelscope.emoji.autoencoder import drawing, folder

    saved = folder.read(model)
    if which is not None:
        count = drawing.draw_again(saved, which, out, scale)
    elif code:
        count = drawing.draw_code(saved, code, out, scale)
    elif walk:
        count = drawing.draw_walk(saved, *walk, steps, out, scale)
    elif grid:
        count = drawing.draw_grid(saved, grid, out, scale)
    else:
        assert sample is not None
        count = drawing.draw_samples(saved, sample, seed, out, scale)
    show(f"{out}: {count}")
    _show_sheet(out, scale)


def _show_sheet(path: Path, scale: int) -> None:
    """Show a PNG that was just written, where this is a terminal that can."""
    from feelscope.cli.terminal_picture import can_show, show_picture

    if can_show():
        import numpy as np
        from PIL import Image

        with Image.open(path) as image:
            show_picture(np.asarray(image.convert("RGBA"))[::scale, ::scale])
