"""A classifier in two spaces: its answers by hand, any estimators on either side, scikit-learn's own checks."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR, LinearSVC
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import check_estimator

from feelscope.errors import ConfigError, WordsError
from feelscope.two_spaces.classifier import TwoSpaceClassifier

VECTORS = {"fear": np.array([1.0, 0.0, 0.0]), "joy": np.array([0.0, 1.0, 0.0]), "anger": np.array([0.6, 0.0, 0.8])}
FEATURES, NUMBERS = load_iris(return_X_y=True)
LABELS = np.array(["joy", "fear", "anger"])[NUMBERS]


class Certain(ClassifierMixin, BaseEstimator):
    """Always answers with the same probabilities."""

    def fit(self, X, y):  # noqa: N803
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):  # noqa: N803
        return np.tile([0.2, 0.3, 0.5], (len(X), 1))


class Echo(RegressorMixin, BaseEstimator):
    """Places each row where its features are."""

    def fit(self, X, y):  # noqa: N803
        self.seen_ = y
        return self

    def predict(self, X):  # noqa: N803
        return np.asarray(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


@pytest.mark.parametrize(("share", "softness"), [(0.0, 1.0), (0.3, 0.5), (1.0, 0.05)])
def test_the_answer_by_a_plain_loop(share, softness):
    model = TwoSpaceClassifier(Certain(), Echo(), VECTORS, share=share, softness=softness)
    places = np.random.default_rng(0).normal(size=(5, 3))
    model.fit(np.zeros((3, 3)), ["joy", "fear", "anger"])
    assert model.classes_.tolist() == ["anger", "fear", "joy"]
    np.testing.assert_array_equal(model.regressor_.seen_, [VECTORS["joy"], VECTORS["fear"], VECTORS["anger"]])
    found = model.predict_proba(places)
    for row, place in enumerate(places):
        weights = [
            np.exp(-sum((place[d] - VECTORS[label][d]) ** 2 for d in range(3)) / softness) for label in model.classes_
        ]
        for column, first in enumerate([0.2, 0.3, 0.5]):
            expected = (1 - share) * first + share * weights[column] / sum(weights)
            assert found[row, column] == pytest.approx(expected, abs=1e-9)
    assert model.predict(places).tolist() == model.classes_[found.argmax(axis=1)].tolist()


def test_far_places_do_not_overflow():
    model = TwoSpaceClassifier(Certain(), Echo(), VECTORS, share=1.0, softness=0.01)
    found = model.fit(np.zeros((3, 3)), [*VECTORS]).predict_proba([[1e6, 0, 0]])
    assert found.tolist() == [[0, 1, 0]]


@pytest.mark.parametrize(
    "classifier",
    [LogisticRegression(max_iter=1000), GaussianNB(), make_pipeline(StandardScaler(), LogisticRegression())],
)
@pytest.mark.parametrize(
    "regressor", [None, KNeighborsRegressor(), SVR(), make_pipeline(StandardScaler(), DecisionTreeRegressor())]
)
def test_any_estimators_on_either_side(classifier, regressor):
    for share in (0.0, 0.5, 1.0):
        model = TwoSpaceClassifier(classifier, regressor, VECTORS, share=share)
        assert model.fit(FEATURES, LABELS).score(FEATURES, LABELS) > 0.75, share
    assert clone(model).get_params().keys() == model.get_params().keys()


def test_a_regressor_of_one_number_is_fitted_for_each_dimension():
    model = TwoSpaceClassifier(GaussianNB(), SVR(), label_vectors=VECTORS).fit(FEATURES, LABELS)
    assert [type(one) for one in model.regressor_.estimators_] == [SVR] * 3


def test_texts_and_sparse_rows():
    texts = ["so happy", "what fun", "happy and fun", "so scared", "dark and scared", "a dark night"] * 3
    labels = ["joy"] * 3 + ["fear"] * 3
    read = make_pipeline(CountVectorizer(), LogisticRegression()), make_pipeline(CountVectorizer(), Ridge())
    model = TwoSpaceClassifier(*read, VECTORS, share=0.6).fit(texts, labels * 3)
    assert model.predict(["happy night", "scared in the dark"]).tolist() == ["joy", "fear"]
    rows = sparse.csr_matrix(CountVectorizer().fit_transform(texts))
    assert TwoSpaceClassifier(label_vectors=VECTORS).fit(rows, labels * 3).score(rows, labels * 3) == 1


def test_where_words_are_near_semantic_confidence_is_shared():
    """Fear's vector is near anger's: where it is unsure of fear, anger gets more than joy."""
    model = TwoSpaceClassifier(Certain(), Echo(), VECTORS, share=1.0).fit(np.zeros((3, 3)), [*VECTORS])
    anger, fear, joy = model.semantic_confidence([[0.9, 0.0, 0.3]])[0]
    assert fear > joy and anger > joy


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimators", [(None, None), (GaussianNB(), SVR())])
def test_scikit_learns_own_checks(estimators):
    """All hold; those that need pandas or the array API are left out where it is not installed."""
    checks = check_estimator(TwoSpaceClassifier(*estimators), on_fail=None, on_skip=None)
    assert [check["check_name"] for check in checks if check["status"] == "failed"] == []
    assert sum(check["status"] == "passed" for check in checks) > 40


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"share": -0.1}, "share: expected 0 to 1, found -0.1"),
        ({"share": float("nan")}, "share: expected 0 to 1, found nan"),
        ({"softness": 0}, "softness: expected a number above 0, found 0"),
        ({"softness": float("inf")}, "softness: expected a number above 0, found inf"),
        (
            {"classifier": LinearSVC()},
            r"classifier: expected .* predict_proba, found LinearSVC\(\); .*CalibratedClassifierCV",
        ),
        ({"classifier": Ridge()}, "classifier: expected .* found Ridge"),
        ({"classifier": "logistic"}, "classifier: expected .* found 'logistic'"),
        ({"regressor": LogisticRegression()}, "regressor: expected a scikit-learn regressor, found LogisticRegression"),
        ({"regressor": Ridge}, "regressor: expected a scikit-learn regressor, found <class .*Ridge"),
        ({"label_vectors": np.eye(3)}, r"label_vectors: expected a dictionary .* found ndarray; make one by dict\(zip"),
    ],
)
def test_wrong_settings_are_one_line(settings, message):
    with pytest.raises(ConfigError, match=message):
        TwoSpaceClassifier(**settings).fit(FEATURES, LABELS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"anger": [1.0, 2.0]}, r"label_vectors: expected finite vectors of one length, found shapes \(2,\), \(3,\)"),
        ({"anger": [1.0, np.nan, 0.0]}, "label_vectors: expected finite vectors of one length"),
        ({"anger": 3.0}, "label_vectors: expected finite vectors of one length"),
    ],
)
def test_wrong_vectors_are_one_line(changes, message):
    with pytest.raises(WordsError, match=message):
        TwoSpaceClassifier(label_vectors=VECTORS | changes).fit(FEATURES, LABELS)


def test_a_label_without_a_vector_is_one_line():
    with pytest.raises(WordsError, match="the label 'anger' has no vector; add one for it to label_vectors"):
        TwoSpaceClassifier(label_vectors={"fear": [0.0], "joy": [1.0]}).fit(FEATURES, LABELS)
    with pytest.raises(WordsError, match="the label 0 has no vector"):
        TwoSpaceClassifier(label_vectors=VECTORS).fit(FEATURES, NUMBERS)
