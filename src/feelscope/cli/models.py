"""`feelscope models`: the built-in model, your own, and the recipes to train one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from typer import Argument

from feelscope.cli.output import show


def models(
    runs: Annotated[list[Path] | None, Argument(metavar="RUN", help="Folders that `train` wrote.")] = None,
) -> None:
    """Show the built-in model, your own models, and the recipes.

    \b
    Examples:
      feelscope models
      feelscope models runs/mine
    """
    from feelscope.train.recipe import names, read_recipe

    for model in ("builtin", *(runs or ())):
        for line in _describe(model):
            show(line)
        show()
    show("recipes for `feelscope train --recipe`:")
    width = max(map(len, names()))
    for name in names():
        show(f"  {name:<{width}} {read_recipe(name).purpose}")


def _describe(model: str | Path) -> Iterator[str]:
    """Where a model is, its emotions, its size, and its macro-F1 on each set in its metrics.json."""
    from feelscope.post import COMBINATIONS
    from feelscope.saved_model import folder as model_folder
    from feelscope.saved_model.locate import locate

    folder = locate(model)
    labels = model_folder.read_labels(folder)
    size = sum((folder / name).stat().st_size for name in model_folder.files(labels))
    yield f"{model}: {folder}"
    yield f"  emotions: {', '.join(labels.emotions)}"
    yield f"  size: {size / 1e6:.1f} MB"
    for name, scores in model_folder.read_scores(folder).items():
        shown = [f"{scores[key]:.3f} {title}" for key, title in COMBINATIONS.items() if key in scores]
        yield f"  macro-F1 on {name}: {', '.join(shown)}"
