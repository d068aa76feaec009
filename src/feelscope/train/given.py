"""A training from what a program has: posts in memory or the name of a table, and a recipe, chosen or named."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from feelscope.encoders.encoder import Resources
from feelscope.progress import Progress, WatchedStages, silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable
from feelscope.table.in_memory import rows_of
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
    made = recipe if isinstance(recipe, Recipe) else read_recipe(recipe)
    try:
        train(
            change(made, seed=seed, epochs=epochs),
            out,
            table=table,
            dev=None if dev is None else rows_of(dev, columns),
            columns=columns,
            resources=Resources(Path(cache) if cache else out.parent / "features", Path(words) if words else None),
            resume=resume,
            device=choose(device),
            progress=tell,
        )
    finally:
        stages.close()
    return EmotionClassifier.load(out)
