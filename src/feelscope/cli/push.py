"""`feelscope push`: a model to the Hugging Face hub."""

from typing import Annotated

from typer import Argument, Option

from feelscope.cli.output import show
from feelscope.cli.progress import say


def push(
    model: Annotated[str, Argument(metavar="RUN", help="A folder that `train` wrote, or `builtin`.")],
    name: Annotated[str, Argument(metavar="hub:OWNER/NAME", help="The repository; made where it is not there.")],
    public: Annotated[bool, Option("--public", help="Everybody may read it; without, only its owner.")] = False,
    licence: Annotated[
        str, Option(metavar="NAME", help="As the hub writes it, such as apache-2.0; `other` refers to the card.")
    ] = "other",
    language: Annotated[str, Option(metavar="CODE", help="Of the words that it reads.")] = "en",
) -> None:
    """Publish a model on the Hugging Face hub.

    It is private unless --public is given. The token comes from HF_TOKEN. Files that are no part of a saved model, as
    lists of bad rows are, stop the push.

    \b
    Examples:
      feelscope push runs/mine hub:me/mine
      feelscope push runs/mine hub:me/mine --public --licence apache-2.0
    """
    from feelscope.push.push import PushSettings
    from feelscope.push.push import push as publish

    pushed = publish(model, name, PushSettings(public, licence, language))
    say(f"{len(pushed.files)} files are at {pushed.address}, {'public' if public else 'private'}; load it with:")
    show(str(pushed.name))
