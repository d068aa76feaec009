"""A classifier in feature space beside a regressor into the space of the labels' words, for scikit-learn.

    features (N, F) -> classifier -> probabilities (N, K) ----------------------(1 - share)---\\
    features (N, F) -> regressor -> place (N, D) -> squared distances (N, K)
        -> softmax(-distance / softness), semantic confidence (N, K) -----------(share)--------+--> (N, K)

Source: SECRET, arXiv 1905.12356: a classifier in feature space, another component in the space of the labels' words,
and the confidences of both weighed. Regressors, confidence and weighing are not given there; these are ours.
Relations: `models/label_space.py` is the same inside the emotion model, where both parts share their features.
With two labels the words say nothing: only the distance between their vectors counts, and `softness` can undo it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feelscope.config import check_ranges, shown
from feelscope.errors import ConfigError, WordsError, needs_extra

with needs_extra("a classifier in two spaces", "tune"):
    from scipy.special import softmax
    from sklearn.base import BaseEstimator, ClassifierMixin, clone
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.multioutput import MultiOutputRegressor
    from sklearn.utils import column_or_1d, get_tags
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted

Array = NDArray[np.float64]


def kind_of(value: Any) -> str | None:
    """`classifier`, `regressor` or another kind of scikit-learn's estimators; None for all else."""
    is_estimator = hasattr(value, "__sklearn_tags__") and not isinstance(value, type)
    return get_tags(value).estimator_type if is_estimator else None


class TwoSpaceClassifier(ClassifierMixin, BaseEstimator):
    """Labels by a classifier and by the label whose words are nearest to where a regressor places the features.

    What the features are, numbers, sparse rows or texts, is up to the two estimators. After `fit`, `classes_` has the
    labels, and `classifier_` and `regressor_` what was fitted.

    Args:
        classifier: Any scikit-learn classifier with `predict_proba`; None: logistic regression.
        regressor: Any scikit-learn regressor, fitted for each dimension where it gives one number; None: ridge.
        label_vectors: Label to vector (D,), as `words.label_vectors` makes them; None: each label has a direction of
            its own, so that no two are alike.
        share: Of the semantic confidence in the answer, 0 to 1. Each estimator is fitted whatever it is.
        softness: What squared distances are divided by, more than 0.

    Source:
        SECRET, arXiv 1905.12356; the defaults are ours, meant to be chosen by `tune`.
    """

    def __init__(
        self,
        classifier: Any = None,
        regressor: Any = None,
        label_vectors: Mapping[Any, Any] | None = None,
        *,
        share: float = 0.5,
        softness: float = 0.1,
    ):
        self.classifier = classifier
        self.regressor = regressor
        self.label_vectors = label_vectors
        self.share = share
        self.softness = softness

    def fit(self, X: Any, y: Any) -> "TwoSpaceClassifier":  # noqa: N803
        """Learn from features X, of N rows, and labels y (N,).

        Raises:
            ConfigError: An estimator is of the wrong kind, or a setting out of range.
            WordsError: A label has no vector, or vectors differ in length.
        """
        classifier, regressor = self._checked()
        check_classification_targets(y)
        self.classes_, coded = np.unique(column_or_1d(y, warn=True), return_inverse=True)  # (K,), (N,)
        self.vectors_ = self._vectors()  # (K, D)
        self.classifier_ = clone(classifier).fit(X, y)
        self.regressor_ = clone(regressor).fit(X, self.vectors_[coded])
        if hasattr(self.classifier_, "n_features_in_"):
            self.n_features_in_ = self.classifier_.n_features_in_
        return self

    def predict(self, X: Any) -> NDArray:  # noqa: N803
        """The most probable label of each row, (N,)."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """Probabilities (N, K) of both spaces, in the order of `classes_`."""
        check_is_fitted(self)
        return (1 - self.share) * self.classifier_.predict_proba(X) + self.share * self.semantic_confidence(X)

    def semantic_confidence(self, X: Any) -> Array:  # noqa: N803
        """What the space of the labels' words says alone: (N, K)."""
        check_is_fitted(self)
        place = np.asarray(self.regressor_.predict(X), np.float64).reshape(-1, self.vectors_.shape[1])  # (N, D)
        # |place - vector|^2 without |place|^2, which is the same for every label
        distances = (self.vectors_**2).sum(axis=1) - 2 * place @ self.vectors_.T  # (N, K)
        return softmax(-distances / self.softness, axis=1)

    def __sklearn_tags__(self) -> Any:
        """It reads what both estimators read."""
        tags = super().__sklearn_tags__()
        both = [get_tags(one).input_tags for one in self.both()]
        for kind in ("sparse", "string", "allow_nan"):
            setattr(tags.input_tags, kind, all(getattr(one, kind) for one in both))
        return tags

    def both(self) -> tuple[Any, Any]:
        """The classifier and the regressor that `fit` makes copies of."""
        classifier = LogisticRegression() if self.classifier is None else self.classifier
        return classifier, Ridge() if self.regressor is None else self.regressor

    def _checked(self) -> tuple[Any, Any]:
        """Both, the regressor for all dimensions, once it is clear that they and their weighing can work."""
        check_ranges(
            self,
            ("share", lambda value: 0 <= value <= 1, "0 to 1"),
            ("softness", lambda value: 0 < value < np.inf, "a number above 0"),
        )
        classifier, regressor = self.both()
        if kind_of(classifier) != "classifier" or not hasattr(classifier, "predict_proba"):
            raise ConfigError(
                "classifier: expected a scikit-learn classifier with predict_proba, found "
                f"{shown(classifier)}; one without gets it from CalibratedClassifierCV"
            )
        if kind_of(regressor) != "regressor":
            raise ConfigError(f"regressor: expected a scikit-learn regressor, found {shown(regressor)}")
        several = get_tags(regressor).target_tags.multi_output
        return classifier, regressor if several else MultiOutputRegressor(regressor)

    def _vectors(self) -> Array:
        """The vectors (K, D) of the labels that there are."""
        if self.label_vectors is None:
            return np.eye(len(self.classes_))
        if not isinstance(self.label_vectors, Mapping):
            raise ConfigError(
                "label_vectors: expected a dictionary from label to vector, found "
                f"{type(self.label_vectors).__name__}; make one by dict(zip(labels, vectors))"
            )
        rows = []
        for label in self.classes_.tolist():
            if label not in self.label_vectors:
                raise WordsError(f"the label {label!r} has no vector; add one for it to label_vectors")
            rows.append(np.asarray(self.label_vectors[label], np.float64))
        if len({row.shape for row in rows}) > 1 or rows[0].ndim != 1 or not np.isfinite(rows).all():
            raise WordsError(
                "label_vectors: expected finite vectors of one length, found shapes "
                f"{', '.join(sorted({str(row.shape) for row in rows}))}; take all from one file of word vectors"
            )
        return np.stack(rows)
