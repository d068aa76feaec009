"""`feelscope explain bottleneck`: what a picture shows, in words, and the emotion read from these words alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from feelscope.cli.emotions import bars, emoji
from feelscope.cli.options import Json
from feelscope.cli.output import Styled, show_json, show_text
from feelscope.cli.progress import say
from feelscope.text.width import columns, padded

if TYPE_CHECKING:
    from feelscope.bottleneck.reading import BottleneckReading


def bottleneck(
    image: Annotated[Path, Argument(metavar="IMAGE", help="A picture: JPEG, PNG, WebP, GIF or BMP.")],
    model: Annotated[
        Path | None, Option(metavar="RUN", help="A folder that `train --recipe bottleneck` wrote.")
    ] = None,
    captioner: Annotated[
        str, Option(metavar="DIR|hub:ORG/NAME", help="A BLIP captioner, in place of the run's own.")
    ] = "",
    quiz: Annotated[
        str,
        Option(metavar="DIR|hub:ORG/NAME", help="A BLIP network that answers questions, in place of the run's own."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Show the text that takes a picture's place, caption, questions and answers, and the emotion read from it alone.

    \b
    Examples:
      feelscope explain bottleneck cake.png --model runs/bottleneck
      feelscope explain bottleneck cake.png --model runs/bottleneck --captioner blip-captions --quiz blip-vqa --json
    """
    from feelscope.errors import ModelError, needs_extra

    if model is None:
        raise ModelError(
            "a bottleneck is trained on your own pictures and what is said of them: "
            "feelscope train posts.csv --recipe bottleneck --out runs/bottleneck, then give --model runs/bottleneck"
        )
    with needs_extra("a bottleneck", "train"):
        from feelscope.bottleneck.hub import BlipCaptioner, BlipQuiz
        from feelscope.bottleneck.reading import Bottleneck
    opened = Bottleneck.load(
        model,
        captioner=BlipCaptioner(captioner) if captioner else None,
        quiz=BlipQuiz(quiz) if quiz else None,
    )
    reading = opened.explain(image)
    for warning in reading.warnings:
        say(warning)
    if as_json:
        show_json(reading.to_json())
    else:
        show_text(*_parts(reading))


def _parts(reading: "BottleneckReading") -> list[str | Styled]:
    """The caption, the answers but for those that say no, how many of these there are, and the probabilities."""
    answers, said = reading.text.answers, reading.text.said
    width = max(map(columns, said), default=0)
    parts: list[str | Styled] = [Styled(f"{reading.text.caption or '(no caption)'}\n", {"bold": True})]
    parts += [f"  {padded(question, width)} {answer}\n" for question, answer in said.items()]
    if len(said) < len(answers):
        parts.append(f"  no to the other {len(answers) - len(said)} of {len(answers)} questions; --json has all\n")
    answer = f"\n{emoji(reading.emotion)} {reading.emotion}, read from this text alone"
    return [*parts, "\n".join([answer, "", *bars(reading.probabilities)])]
