"""Feelscope reads how people feel from what they post, picture and words together."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feelscope.errors import FeelscopeError
    from feelscope.estimator.classifier import FeelscopeClassifier
    from feelscope.evaluate.evaluation import Evaluation
    from feelscope.post import Post, Prediction
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.table import PostsTable, Quarantine, open_writer
    from feelscope.train.recipe import read_recipe

__version__ = "0.1.0"

# In the order of the flow. `evaluate` and `train` are not among them: they are packages of these names, which can be
# called as well, see `feelscope.train`.
__all__ = [  # noqa: RUF022
    "Post",
    "PostsTable",
    "Quarantine",
    "open_writer",
    "read_recipe",
    "EmotionClassifier",
    "Prediction",
    "FeelscopeClassifier",
    "Evaluation",
    "FeelscopeError",
]

_HOMES = {
    "Post": "post",
    "PostsTable": "table",
    "Quarantine": "table",
    "open_writer": "table",
    "read_recipe": "train.recipe",
    "EmotionClassifier": "saved_model.classifier",
    "Prediction": "post",
    "Evaluation": "evaluate.evaluation",
    "FeelscopeError": "errors",
    "FeelscopeClassifier": "estimator.classifier",
}
_VERBS = ("evaluate", "train")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import feelscope` itself costs nothing."""
    if name in _VERBS:
        return import_module(f"feelscope.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'feelscope' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = globals()[name] = getattr(import_module(f"feelscope.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_VERBS})
