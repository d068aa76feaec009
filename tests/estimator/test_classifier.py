"""FeelscopeClassifier is an estimator as scikit-learn's are: the checks that text input allows, and the usual tools."""

import pickle
from pathlib import Path

import numpy as np
import pandas
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import validate_data
from small_model import write_small_model

from feelscope import FeelscopeClassifier
from feelscope.errors import ConfigError, PostsError
from feelscope.saved_model.classifier import EmotionClassifier

TEXTS = [f"{said} {number}" for number in range(8) for said in ("I won", "I miss you", "I hate that bus")]
LABELS = ["Freude", "Trauer", "Wut"] * 8


@pytest.fixture(scope="module")
def fitted() -> FeelscopeClassifier:
    return FeelscopeClassifier().fit(TEXTS, LABELS)


def test_it_learns_labels_of_ones_own(fitted: FeelscopeClassifier) -> None:
    assert fitted.classes_.tolist() == ["Freude", "Trauer", "Wut"]
    assert fitted.predict(["I won again", "I miss her", "I hate that train"]).tolist() == ["Freude", "Trauer", "Wut"]
    found = fitted.predict_proba(TEXTS[:3])
    assert found.shape == (3, 3) and np.allclose(found.sum(axis=1), 1)
    assert fitted.score(TEXTS, LABELS) == 1.0


def test_it_takes_what_predict_takes(fitted: FeelscopeClassifier) -> None:
    expected = fitted.predict_proba(TEXTS[:3])
    for given in (np.array(TEXTS[:3]), pandas.Series(TEXTS[:3]), pandas.DataFrame({"Tweet": TEXTS[:3]})):
        assert np.array_equal(fitted.predict_proba(given), expected)
    assert np.allclose(fitted.predict_proba([None]).sum(), 1)  # nothing to read: what the labels alone say
    with pytest.raises(PostsError, match="posts are a text"):
        fitted.predict([3])


def test_the_picture_counts(tmp_path: Path) -> None:
    from PIL import Image

    posts = [{"text": "day", "image": Image.new("RGB", (9, 9), colour)} for colour in ("red", "blue") * 6]
    labels = ["warm", "cold"] * 6
    small = EmotionClassifier.load(write_small_model(tmp_path), workers=1)
    assert FeelscopeClassifier(small).fit(posts, labels).score(posts, labels) == 1.0
    assert FeelscopeClassifier(small, vectors=["text"]).fit(posts, labels).score(posts, labels) == 0.5


def test_the_tools_of_scikit_learn_take_it() -> None:
    scores = cross_val_score(FeelscopeClassifier(), TEXTS, LABELS, cv=3)
    assert scores.shape == (3,) and scores.mean() > 0.9
    assert cross_val_predict(FeelscopeClassifier(), pandas.DataFrame({"text": TEXTS}), LABELS, cv=2).shape == (24,)
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    steps = Pipeline([("lower", lower), ("emotion", FeelscopeClassifier())])
    search = GridSearchCV(steps, {"emotion__vectors": [["image"], ["text"]]}, cv=2)
    assert search.fit(TEXTS, LABELS).best_params_ == {"emotion__vectors": ["text"]}
    assert make_pipeline(lower, FeelscopeClassifier()).fit(TEXTS, LABELS).predict(["I won"])[0] == "Freude"


def test_a_clone_is_unfitted_and_has_the_same_settings(fitted: FeelscopeClassifier) -> None:
    made = clone(FeelscopeClassifier(C=3.0, vectors=("text",), class_weight="balanced"))
    assert made.get_params() == {
        "C": 3.0,
        "class_weight": "balanced",
        "max_iter": 1000,
        "model": "builtin",
        "vectors": ("text",),
    }
    with pytest.raises(NotFittedError):
        clone(fitted).predict(["a"])
    model = fitted.classifier_
    assert clone(FeelscopeClassifier(model)).model is model  # is opened once


def test_it_can_be_pickled(fitted: FeelscopeClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 (its own)
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_wrong_vectors_are_told() -> None:
    with pytest.raises(ConfigError, match="none of 'words'; it has text, image, fused"):
        FeelscopeClassifier(vectors=["words"]).fit(TEXTS, LABELS)


class OfNumbers(FeelscopeClassifier):
    """Reads rows of numbers as words, so that scikit-learn's checks have something to feed it."""

    def fit(self, X, y):  # noqa: N803
        return super().fit(self._words(X, y, True), y)

    def predict(self, X):  # noqa: N803
        return super().predict(self._words(X, "no_validation", False))

    def predict_proba(self, X):  # noqa: N803
        return super().predict_proba(self._words(X, "no_validation", False))

    def _words(self, X, y, reset):  # noqa: N803
        if not reset:
            from sklearn.utils.validation import check_is_fitted

            check_is_fitted(self)
        return [" ".join(f"{value:.1f}" for value in row) for row in validate_data(self, X, reset=reset)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.input_tags.allow_nan = False, True, False
        tags.classifier_tags.poor_score = True
        return tags


@pytest.mark.slow
def test_scikit_learns_own_checks_pass() -> None:
    """Of an estimator of texts, scikit-learn checks nothing but `clone`; of the same one over numbers, everything."""
    with pytest.warns(match="requires input"):
        assert {check["status"] for check in check_estimator(FeelscopeClassifier())} == {"passed"}
    checks = check_estimator(OfNumbers(), on_fail=None, on_skip=None)
    failed = {check["check_name"]: str(check["exception"]) for check in checks if check["status"] == "failed"}
    assert not failed
    assert [check["check_name"] for check in checks if check["status"] == "skipped"] == ["check_array_api_input"]
    assert len(checks) > 50
