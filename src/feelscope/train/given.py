"""A training from what a program has: posts in memory or the name of a table, and a recipe, chosen or named."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from feelscope.encoders.encoder import Resources
from feelscope.progress import Progress, WatchedStages, silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable
from feelscope.table.in_memory import rows_of
from feelscope.train import rebuild_line, run_folder
from feelscope.train.choosing import choose_recipe
from feelscope.train.device import choose
from feelscope.train.recipe import Recipe, change, read_recipe
from feelscope.train.train import train


def train_given(
    posts: Any,
    out: Path,
    *,
    labels: Iterable[object] | None,
    recipe: str | Path | Recipe | None,
    dev: Any,
    columns: Mapping[str, str] | None,
    epochs: int | None,
    seed: int | None,
    device: str,
    words: str | Path | None,
    cache: str | Path | None,
    folds: int | None,
    resume: bool,
    progress: Progress | bool | None,
) -> EmotionClassifier:
    """Train a model and open it; see `feelscope.train.train_posts`."""
    table = rows_of(posts, columns, labels)
    stages = WatchedStages()
    tell = silent if progress is False else stages if progress is None or progress is True else progress
    if recipe is None:
        recipe, why = choose_recipe(PostsTable(table, columns, need=("emotion",)))
        tell(f"recipe {recipe}: {why}", 0, 0, "")
    chosen = str(out / run_folder.RECIPE) if isinstance(recipe, Recipe) else str(recipe)
    made = change(recipe if isinstance(recipe, Recipe) else read_recipe(recipe), seed=seed, epochs=epochs)
    further = {"columns": columns, "epochs": epochs, "device": device, "words": words, "cache": cache, "folds": folds}
    try:
        train(
            made,
            out,
            table=table,
            dev=None if dev is None else rows_of(dev, columns),
            columns=columns,
            resources=Resources(Path(cache) if cache else out.parent / "features", Path(words) if words else None),
            folds=folds,
            command=_call(posts, out, chosen, labels=labels, dev=dev, seed=made.seed, further=further),
            resume=resume,
            device=choose(device),
            progress=tell,
        )
    finally:
        stages.close()
    return EmotionClassifier.load(out)


def _call(
    posts: Any, out: Path, recipe: str, *, labels: object, dev: Any, seed: int, further: Mapping[str, Any]
) -> str:
    """The call that makes the run again; what was in memory is called by the argument's name."""
    given: dict[str, str] = {}
    if labels is not None:
        given["labels"] = "labels"
    given |= {"recipe": repr(recipe), "seed": repr(seed)}
    if dev is not None:
        given["dev"] = _named(dev, "dev")
    for name, value in further.items():
        if value is not None and (name, value) != ("device", "auto"):
            given[name] = repr(
                dict(value) if isinstance(value, Mapping) else str(value) if isinstance(value, Path) else value
            )
    arguments = ", ".join(f"{name}={value}" for name, value in given.items())
    return f"feelscope.train({_named(posts, 'posts')}, {rebuild_line.again(out)!r}, {arguments})"


def _named(posts: Any, name: str) -> str:
    """A table by its name, or what stands for posts in memory."""
    return repr(str(posts)) if isinstance(posts, str | Path) else name
