"""`feelscope models`: the models that come with Feelscope, your own, and the recipes to train one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from typer import Argument

from feelscope.cli.output import show


def models(
    runs: Annotated[list[Path] | None, Argument(metavar="RUN", help="Folders that `train` wrote.")] = None,
) -> None:
    """Show the models that come along, your own, and the recipes.

    \b
    Examples:
      feelscope models
      feelscope models runs/mine
    """
    from feelscope.saved_model.folder import SHIPPED
    from feelscope.train.recipe import names, read_recipe

    for model in (*SHIPPED, *(runs or ())):
        for line in _describe(model):
            show(line)
        show()
    show("recipes for `feelscope train --recipe`:")
    width = max(map(len, names()))
    for name in names():
        show(f"  {name:<{width}} {read_recipe(name).purpose}")


def _describe(model: str | Path) -> Iterator[str]:
    """Where a model is, what it reads and answers, its size, what it needs, its licence and its scores."""
    from feelscope.encoders.tokenizer import TEXT_READERS
    from feelscope.post import COMBINATIONS
    from feelscope.saved_model import folder as model_folder
    from feelscope.saved_model.card import licence_of
    from feelscope.saved_model.locate import locate

    folder = locate(model)
    labels = model_folder.read_labels(folder)
    size = sum((folder / name).stat().st_size for name in model_folder.files(labels))
    yield f"{model}: {folder}"
    yield f"  emotions: {', '.join(labels.emotions)}"
    yield f"  reads: {', '.join(labels.modalities)}"
    yield f"  size: {size / 1e6:.3g} MB"
    if labels.text_reader != TEXT_READERS[0]:
        yield f"  needs: {_needed(labels.text_reader)}"
    if licence := licence_of(folder):
        yield f"  licence: {licence}"
    for name, scores in model_folder.read_scores(folder).items():
        shown = [f"{scores[key]:.3f} {title}" for key, title in COMBINATIONS.items() if key in scores]
        yield f"  macro-F1 on {name}: {', '.join(shown)}"


def _needed(package: str) -> str:
    """The package that reads a model's words, and whether it is there."""
    from feelscope.encoders.e5_sentences import check_installed
    from feelscope.errors import MissingExtra

    try:
        check_installed()
    except MissingExtra as error:
        return str(error)
    return f"{package}, which is installed"
