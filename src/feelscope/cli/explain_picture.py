"""`feelscope explain picture`: what an emotion looks like to a run's network."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from feelscope.cli.emotions import emoji
from feelscope.cli.options import Device, Json, Weights
from feelscope.cli.output import show, show_json
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import start_again, stoppable

if TYPE_CHECKING:
    from feelscope.explain.emotion_picture import AscentSettings, EmotionPicture
    from feelscope.post import Prediction
    from feelscope.train.rebuilding import RebuiltRun

_TRAIN = "feelscope train posts.csv --recipe strong/image_only --out runs/pictures"
Drawn = list[tuple["EmotionPicture", "Prediction"]]


def picture(
    emotion: Annotated[
        str | None, Argument(metavar="EMOTION", help="What to draw; without it, all emotions of the run.")
    ] = None,
    model: Annotated[
        Path | None, Option(metavar="RUN", help="A folder that `train` wrote, which reads pictures.")
    ] = None,
    every: Annotated[bool, Option("--all", help="Draw all emotions of the run.")] = False,
    out: Annotated[
        Path, Option(metavar="PNG", help="The picture to write; of all emotions a grid with their names.")
    ] = Path("emotion.png"),
    strip: Annotated[Path | None, Option(metavar="PNG", help="A film strip of how the picture came about.")] = None,
    published: Annotated[bool, Option("--published", help="As in the thesis of Hu 2017, instead of ours.")] = False,
    updates: Annotated[
        int | None,
        Option(metavar="N", min=1, max=100_000, help="How often the picture is changed; ours 150, else 500."),
    ] = None,
    seed: Annotated[int, Option(metavar="N", min=0, max=2**31 - 1, help="Of the noise that it begins with.")] = 0,
    weights: Weights = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw what an emotion looks like to a run's network.

    Noise is changed until the network reads as much of the emotion in it as it can.

    \b
    Examples:
      feelscope explain picture happiness --model runs/pictures --out happiness.png
      feelscope explain picture --all --model runs/pictures --out emotions.png --strip strip.png
    """
    from feelscope.errors import ConfigError, ModelError, needs_extra

    if emotion is not None and every:
        raise typer.BadParameter("give EMOTION or --all, found both")
    if strip is not None and strip.absolute() == out.absolute():
        raise typer.BadParameter(f"{strip} is already the file of --out; name another", param_hint="--strip")
    if model is None:
        raise ModelError(
            "an emotion is drawn by the gradients of a run's network, which the built-in model has none of: "
            f"{_TRAIN}, then give --model runs/pictures"
        )
    for path in (out, strip):
        if path is not None and not path.absolute().parent.is_dir():  # not only after minutes of drawing
            raise ConfigError(f"{path}: no such folder; make {path.parent} first")
    with needs_extra("an emotion's picture", "train"):
        from feelscope.explain.emotion_picture import OURS, PUBLISHED
        from feelscope.train.device import choose
        from feelscope.train.rebuilding import RebuiltRun
    settings = PUBLISHED if published else OURS
    settings = settings if updates is None else replace(settings, updates=updates)
    where = choose(device)
    run = RebuiltRun(model, weights).to(where)
    with stoppable(start_again), Stages() as stages:
        drawn = _drawn(run, emotion, settings, seed, strip is not None, stages)
    _write(drawn, out, strip, alone=emotion is not None)
    if as_json:
        files = {"out": str(out), "strip": None if strip is None else str(strip)}
        show_json({"model": run.name, "seed": seed, "settings": asdict(settings), **files, "pictures": _values(drawn)})
    else:
        _show(drawn, out, strip, alone=emotion is not None)


def _drawn(
    run: "RebuiltRun", emotion: str | None, settings: "AscentSettings", seed: int, frames: bool, stages: Stages
) -> Drawn:
    """The pictures, and how the saved model reads each."""
    from feelscope.explain.emotion_picture import draw
    from feelscope.explain.picture_sheet import frames_of, png
    from feelscope.explain.post import known_emotion
    from feelscope.post import Post

    found = []
    for name in run.emotions if emotion is None else [known_emotion(emotion, run.emotions)]:

        def progress(done: int, total: int, name: str = name) -> None:
            stages(f"drawing {name}", done, total, "")

        made = draw(
            run,
            name,
            settings,
            seed=seed,
            frames=frames_of(settings.updates) if frames else (),
            progress=progress,
        )
        found.append((made, run.read(Post("picture", image=png(made.pixels)))[1]))
    return found


def _write(drawn: Drawn, out: Path, strip: Path | None, *, alone: bool) -> None:
    from feelscope.explain.picture_sheet import write_grid, write_picture, write_strip

    pictures = [picture for picture, _ in drawn]
    if alone:
        write_picture(out, pictures[0])
    else:
        write_grid(out, pictures)
    if strip is not None:
        write_strip(strip, pictures)


def _values(drawn: Drawn) -> list[dict[str, Any]]:
    return [
        {
            "emotion": picture.emotion,
            "score_before": picture.frames[0].score,
            "score": picture.frames[-1].score,
            "read": asdict(prediction),
        }
        for picture, prediction in drawn
    ]


def _show(drawn: Drawn, out: Path, strip: Path | None, *, alone: bool) -> None:
    from feelscope.cli.terminal_picture import can_show, show_picture

    if alone and can_show():
        import numpy as np

        pixels = drawn[0][0].pixels
        show_picture(np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=2))
    for picture, prediction in drawn:
        before, after = picture.frames[0].score, picture.frames[-1].score
        read = prediction.emotion or "nothing"
        show(
            f"{emoji(picture.emotion)} {picture.emotion}: its score went from {before:.2f} to {after:.2f}; the saved "
            f"model reads {read}, {prediction.probabilities.get(read, 0):.1%}"
        )
    way = "" if strip is None else f", the way in {strip}"
    say(f"{'the picture is' if alone else 'the pictures are'} in {out}{way}")
