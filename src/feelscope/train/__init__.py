"""One training: a recipe, posts as tensors, a task for the one loop, a checkpoint, and a saved model with its report.

For programs, the package is the verb: `feelscope.train(posts, "runs/mine")` calls `train_posts`. A function of that
name would take the place of the package, or the package its, by which is imported last; so the module is called.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feelscope.progress import Progress
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.train.recipe import Recipe


def train_posts(
    posts: Any,
    out: str | Path,
    *,
    labels: Iterable[object] | None = None,
    recipe: "str | Path | Recipe | None" = None,
    dev: Any = None,
    columns: Mapping[str, str] | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    words: str | Path | None = None,
    cache: str | Path | None = None,
    folds: int | None = None,
    resume: bool = False,
    progress: "Progress | bool | None" = None,
) -> "EmotionClassifier":
    """Train a model on posts whose emotion is known, and save it.

    Args:
        posts: The name of a posts table, or posts in memory as `EmotionClassifier.predict` takes them. Their emotion is
            in the column `emotion`, or in `labels`.
        out: The model's folder; new or empty.
        labels: The emotion of each post, in their order.
        recipe: A recipe's name or file; None chooses by the number of posts and what they have.
        dev: Posts that are scored once, when the training is over; as `posts`, with their emotion in a column.
        columns: Which column is which, such as `{"text": "Caption"}`, of `posts` and `dev`.
        epochs, seed: Instead of the recipe's.
        device: `auto`, `cpu` or `cuda`.
        words: Word vectors, for recipes that use them.
        cache: The feature cache; by default, `features` beside `out`.
        folds: Where there is no `dev`: into how many parts the posts go for the scores, each scored by a model that
            learnt from the others; the trained model then learns from all posts. The scores are in its card, and in its
            metrics.json under `folds`.
        resume: Continue an interrupted training in `out`.
        progress: Called with stage, done, total and a remark. True and None show a line on a terminal and in a
            notebook, once it takes longer; False shows none.

    Returns:
        The trained model; its `folder` is `out`.

    Raises:
        FeelscopeError: One line that says what to do.

    Example:
        >>> model = feelscope.train(texts, "runs/mine", labels=emotions)
        >>> model.predict("What a lovely day!")
    """
    from feelscope.errors import needs_extra

    with needs_extra("training", "train"):
        from feelscope.train import given
    return given.train_given(
        posts,
        Path(out),
        labels=labels,
        recipe=recipe,
        dev=dev,
        columns=columns,
        epochs=epochs,
        seed=seed,
        device=device,
        words=words,
        cache=cache,
        folds=folds,
        resume=resume,
        progress=progress,
    )


class _Verb(ModuleType):
    __wrapped__ = staticmethod(train_posts)  # for `help` and `inspect.signature`

    def __call__(self, *args: Any, **kwargs: Any) -> "EmotionClassifier":
        return train_posts(*args, **kwargs)


sys.modules[__name__].__class__ = _Verb
