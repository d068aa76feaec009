"""`feelscope emoji`: train an autoencoder of emoji, and draw emoji, known and new."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from feelscope.cli.options import Cache, Epochs, Resume, Seed
from feelscope.cli.output import show
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import continue_with, stoppable

emoji = typer.Typer(no_args_is_help=True)
Pictures = Annotated[
    Path | None,
    Option(metavar="FILE", help="A colour font, or a Parquet of pictures; by default the font of this system."),
]


@emoji.callback()
def _emoji() -> None:
    """Train an autoencoder of emoji, and draw emoji, known and new.

    \b
    Examples:
      feelscope emoji draw "red heart" --out heart.png
      feelscope emoji train --out runs/emoji
      feelscope emoji draw --sample 20 --model runs/emoji --out new.png
    """


@emoji.command()
def train(
    out: Annotated[Path, Option(metavar="RUN", help="The folder to write the autoencoder to.")],
    pictures: Pictures = None,
    published: Annotated[
        bool, Option("--published", help="Wolf's network and settings of 2017, instead of ours; takes hours.")
    ] = False,
    code: Annotated[int | None, Option(metavar="N", min=1, max=4096, help="Numbers of a code.")] = None,
    epochs: Epochs = None,
    seed: Seed = None,
    resume: Resume = False,
    cache: Cache = None,
) -> None:
    """Learn the pictures of all emoji as codes of a few numbers.

    Needs `pip install "feelscope[train]"`. RUN then holds the autoencoder, its scores and sheets of pictures.

    \b
    Examples:
      feelscope emoji train --out runs/emoji
      feelscope emoji train --pictures twemoji.parquet --epochs 60 --out runs/twemoji
    """
    from feelscope.emoji.pictures import open_pictures
    from feelscope.emoji.settings import PUBLISHED, AutoencoderSettings
    from feelscope.errors import needs_extra

    settings = PUBLISHED if published else AutoencoderSettings()
    given: dict[str, Any] = {"code": code, "epochs": epochs, "seed": seed}
    settings = replace(settings, **{name: value for name, value in given.items() if value is not None})
    with needs_extra("training", "train"):
        from feelscope.emoji.train import train_autoencoder
        from feelscope.train.checkpoint import has_begun
    with stoppable(lambda: continue_with(*["--resume"] * has_begun(out))), Stages() as stages:
        found = open_pictures(pictures, cache or out.parent / "features", stages)
        if found.missing:
            say(f"{found.source}: no picture of {len(found.missing):,} emoji of Unicode's list, as {found.missing[0]}")
        run = train_autoencoder(found, settings, out, resume=resume, progress=stages)
    show(f"{run}: its card is {run / 'README.md'}; pass it to `feelscope emoji draw` as --model {run}")


@emoji.command()
def draw(
    which: Annotated[
        str | None, Argument(metavar="EMOJI", help="An emoji or its name, as 'red heart': drawn by the font.")
    ] = None,
    model: Annotated[
        Path | None, Option(metavar="RUN", help="A folder that `emoji train` wrote; EMOJI is then drawn from its code.")
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
    seed: Annotated[int, Option(metavar="N", min=0, help="Of a sample.")] = 0,
    pictures: Pictures = None,
    scale: Annotated[int, Option(metavar="N", min=1, max=20, help="Enlarge each pixel.")] = 4,
    out: Annotated[Path, Option(metavar="PNG", help="The picture to write.")] = Path("emoji.png"),
) -> None:
    """Draw an emoji as the font has it; with an autoencoder, from its code, between two, or new ones.

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
    if which is not None and model is None:
        from feelscope.emoji.drawing import draw_known

        shown = draw_known(which, pictures, out, scale)
        show(f"{out}: {shown}")
        return
    if model is None:
        from feelscope.errors import ModelError

        raise ModelError(
            f"{chosen[0]} needs an autoencoder of emoji: feelscope emoji train --out runs/emoji, then give --model "
            "runs/emoji"
        )
    from feelscope.errors import needs_extra

    with needs_extra("an autoencoder of emoji", "train"):
        from feelscope.emoji import generating

    saved = generating.open_autoencoder(model)
    if which is not None:
        count = generating.draw_again(saved, which, out, scale)
    elif code:
        count = generating.draw_code(saved, code, out, scale)
    elif walk:
        count = generating.draw_walk(saved, *walk, steps, out, scale)
    elif grid:
        count = generating.draw_grid(saved, grid, out, scale)
    else:
        assert sample is not None
        count = generating.draw_samples(saved, sample, seed, out, scale)
    show(f"{out}: {count}")
