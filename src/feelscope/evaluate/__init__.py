"""Evaluate: how right a model is, and on what.

For programs, the package is the verb: `feelscope.evaluate(posts)` calls `evaluate_posts`; see `feelscope.train`.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feelscope.evaluate.evaluation import Evaluation
    from feelscope.progress import Count
    from feelscope.saved_model.classifier import EmotionClassifier


def evaluate_posts(
    posts: Any,
    model: "str | Path | EmotionClassifier" = "builtin",
    *,
    labels: Iterable[object] | None = None,
    columns: Mapping[str, str] | None = None,
    seed: int = 0,
    resamples: int = 1000,
    progress: "Count | bool | None" = None,
) -> "Evaluation":
    """Score a model on posts whose emotion is known: as they are, by their words alone and by their pictures alone.

    Args:
        posts: The name of a posts table, a `PostsTable`, or posts in memory as `EmotionClassifier.predict` takes them.
            Their emotion is in the column `emotion`, or in `labels`.
        model: A classifier, or what `EmotionClassifier.load` takes.
        labels: The emotion of each post, in their order.
        columns: Which column is which, such as `{"text": "Caption"}`.
        seed, resamples: Of the bootstrap behind the 95% intervals; no resamples leave the intervals out.
        progress: As of `EmotionClassifier.predict`.

    Raises:
        FeelscopeError: One line that says what to do.

    Example:
        >>> feelscope.evaluate(["We won!", "I miss you"], labels=["joy", "sadness"]).both.accuracy
        1.0
    """
    from feelscope.evaluate.evaluate import evaluate
    from feelscope.progress import Watched
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.table import PostsTable
    from feelscope.table.in_memory import rows_of

    if not isinstance(posts, PostsTable):
        posts = PostsTable(rows_of(posts, columns, labels), columns, need=("emotion",))
    classifier = EmotionClassifier.load(model) if isinstance(model, str | Path) else model
    with Watched("evaluating") as watched:
        tell = watched if progress is None or progress is True else progress or None
        return evaluate(classifier, posts, seed=seed, resamples=resamples, progress=tell)


class _Verb(ModuleType):
    __wrapped__ = staticmethod(evaluate_posts)  # for `help` and `inspect.signature`

    def __call__(self, *args: Any, **kwargs: Any) -> "Evaluation":
        return evaluate_posts(*args, **kwargs)


sys.modules[__name__].__class__ = _Verb
