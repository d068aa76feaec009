"""A scikit-learn estimator: labels of one's own, learnt from the vectors of a saved model in seconds.

    posts -> EmotionClassifier.embed: text, image, fused -> each of unit length, zeros where missing -> one vector
          -> logistic regression -> the label

For words alone it takes what any text classifier of scikit-learn takes, so that it works in `Pipeline`,
`cross_val_score` and `GridSearchCV`. It needs no torch, and learns from a few hundred posts; `feelscope.train` makes a
model of many.

C of 10 on vectors of unit length is that of experiments/active_learning, where it was set beforehand.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from feelscope.errors import ConfigError, needs_extra
from feelscope.saved_model.classifier import EmotionClassifier

with needs_extra("FeelscopeClassifier", "train"):
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.linear_model import LogisticRegression
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

VECTORS = ("text", "image", "fused")


class FeelscopeClassifier(ClassifierMixin, BaseEstimator):
    """Learns labels of posts from the vectors of a saved model.

    Args:
        model: A classifier, or what `EmotionClassifier.load` takes.
        vectors: Which of the model's vectors are learnt from; those that it has not are left out.
        C: How far the weights may go, above 0: less fits the posts less closely.
        class_weight: `balanced` counts rare labels as much as frequent ones; None each post alike.
        max_iter: Of the logistic regression.

    Attributes:
        classes_: The labels, sorted; the order of the probabilities.
        classifier_: The model whose vectors are learnt from.
        head_: The logistic regression.
        n_iter_: How many steps it took.

    Example:
        >>> cross_val_score(FeelscopeClassifier(), texts, emotions, scoring="f1_macro")
    """

    def __init__(
        self,
        model: str | Path | EmotionClassifier = "builtin",
        *,
        vectors: Sequence[str] = VECTORS,
        C: float = 10.0,  # noqa: N803 (as scikit-learn calls it)
        class_weight: Any = None,
        max_iter: int = 1000,
    ) -> None:
        self.model = model
        self.vectors = vectors
        self.C = C
        self.class_weight = class_weight
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Learn from posts, as `EmotionClassifier.predict` takes them, and the label of each.

        Raises:
            PostsError: They are nothing that posts can be.
            ValueError: There are not as many labels as posts, or no label differs from the others.
            ConfigError: A name among `vectors` is none.
        """
        if y is None:
            raise ValueError("FeelscopeClassifier requires y to be passed, but the target y is None")
        labels = column_or_1d(y, warn=True)
        check_classification_targets(labels)
        self.classifier_ = _opened(self.model) if isinstance(self.model, str | Path) else self.model
        rows = self._rows(X)
        check_consistent_length(rows, labels)
        if not len(rows):
            raise ValueError("found 0 posts, and a minimum of 1 is required")
        head = LogisticRegression(C=self.C, class_weight=self.class_weight, max_iter=self.max_iter)
        self.head_ = head.fit(rows, labels)
        self.classes_, self.n_iter_ = head.classes_, head.n_iter_
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The label of each post, (N,)."""
        check_is_fitted(self)
        return self.head_.predict(self._rows(X))

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """The probabilities of each post, (N, K), in the order of `classes_`.

        A post in which nothing can be read gets what the labels alone say.
        """
        check_is_fitted(self)
        return self.head_.predict_proba(self._rows(X))

    def _rows(self, posts: Any) -> np.ndarray:
        """The vectors (N, D) of posts, side by side."""
        if wrong := [name for name in self.vectors if name not in (*VECTORS, *self.classifier_.modalities)]:
            known = ", ".join(self.classifier_.widths)
            raise ConfigError(f"vectors: the model has none of {wrong[0]!r}; it has {known}")
        found = self.classifier_.embed(posts, progress=False)
        parts = [_of_unit_length(found[name]) for name in self.vectors if name in found]
        return np.concatenate(parts, axis=1)  # (N, D)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.input_tags.allow_nan = True
        return tags


def _of_unit_length(vectors: np.ndarray) -> np.ndarray:
    """Vectors (N, D) of length one, zeros where there is none."""
    there = np.nan_to_num(vectors)
    return there / np.maximum(np.linalg.norm(there, axis=1, keepdims=True), 1e-12)


@lru_cache(maxsize=4)
def _opened(model: str | Path) -> EmotionClassifier:
    return EmotionClassifier.load(model)
