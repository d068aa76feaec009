"""Tuning: both spaces and their weighing at once, one budget for whatever is tuned, and what is refused."""

import numpy as np
import optuna
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from feelscope.errors import ConfigError
from feelscope.two_spaces.classifier import TwoSpaceClassifier
from feelscope.two_spaces.tune import models_in, tune, weighed

FEATURES, NUMBERS = load_iris(return_X_y=True)
LABELS = np.array(["joy", "fear", "anger"])[NUMBERS]
VECTORS = {"fear": [1.0, 0.0], "joy": [0.0, 1.0], "anger": [0.8, 0.6]}


def two_spaces(trial):
    strength = trial.suggest_float("C", 0.01, 100, log=True)
    alpha = trial.suggest_float("alpha", 0.01, 100, log=True)
    return weighed(trial, LogisticRegression(C=strength, max_iter=500), Ridge(alpha=alpha), VECTORS)


def test_both_spaces_and_their_weighing_are_tuned_together():
    tuned = tune(two_spaces, FEATURES, LABELS, trials=8)
    assert tuned.settings.keys() == {"C", "alpha", "share", "softness"}
    best = tuned.estimator
    assert (best.share, best.softness) == (tuned.settings["share"], tuned.settings["softness"])
    assert (best.classifier.C, best.regressor.alpha) == (tuned.settings["C"], tuned.settings["alpha"])
    assert tuned.score == max(tuned.scores) and len(tuned.scores) == 8
    assert best.score(FEATURES, LABELS) > 0.9
    again = tune(two_spaces, FEATURES, LABELS, trials=8)
    assert (again.settings, again.scores) == (tuned.settings, tuned.scores)
    assert tune(two_spaces, FEATURES, LABELS, trials=8, seed=1).settings != tuned.settings


def test_the_share_goes_where_the_answers_are_right():
    """Features that only the regressor can read, then such that only the classifier can."""
    noise = np.random.default_rng(0).normal(size=(len(LABELS), 1))

    def only(side):
        def build(trial):
            blind = make_pipeline(StandardScaler(), _First())
            classifier = (
                LogisticRegression(max_iter=1000)
                if side == "classifier"
                else make_pipeline(blind, LogisticRegression(max_iter=1000))
            )
            regressor = Ridge() if side == "regressor" else make_pipeline(blind, Ridge())
            return weighed(trial, classifier, regressor, VECTORS)

        return tune(build, np.hstack([noise, FEATURES]), LABELS, trials=15, held=0.3, score="neg_log_loss").settings[
            "share"
        ]

    assert only("regressor") > 0.5
    assert only("classifier") < 0.5


class _First(StandardScaler):
    """The first column alone."""

    def transform(self, X, copy=None):  # noqa: N803
        return super().transform(X)[:, :1]


def vote(trial):
    share = trial.suggest_float("share", 0, 1)
    members = [("a", LogisticRegression(max_iter=1000)), ("b", KNeighborsClassifier())]
    return VotingClassifier(members, voting="soft", weights=[1 - share, share])


@pytest.mark.parametrize(
    ("build", "held", "models"),
    [
        (lambda trial: LogisticRegression(max_iter=1000), 0.3, 4),
        (vote, 0.3, 8),
        (two_spaces, 0.3, 8),
        (two_spaces, 3, 24),
        (two_spaces, KFold(5, shuffle=True), 40),
    ],
)
def test_the_budget_is_counted(build, held, models):
    tuned = tune(build, FEATURES, LABELS, trials=4, held=held)
    assert (len(tuned.scores), tuned.models) == (4, models)
    assert tuned.seconds > 0


@pytest.mark.parametrize(
    ("estimator", "models"),
    [
        (GaussianNB(), 1),
        (make_pipeline(StandardScaler(), GaussianNB()), 1),
        (MultiOutputRegressor(SVR()), 1),
        (TwoSpaceClassifier(), 2),
        (make_pipeline(StandardScaler(), TwoSpaceClassifier()), 2),
        (TwoSpaceClassifier(VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression(max_iter=1000))])), 3),
    ],
)
def test_models_are_counted_innermost(estimator, models):
    assert models_in(estimator) == models


def test_nothing_of_the_rows_it_is_scored_on_is_fitted():
    fitted = []

    class Noting(GaussianNB):
        def fit(self, X, y):  # noqa: N803
            fitted.append(set(X[:, 0]))
            return super().fit(X, y)

    rows = np.arange(len(LABELS), dtype=float)[:, None]
    tune(lambda trial: Noting(), rows, LABELS, trials=1, held=0.2)
    chosen, last = fitted
    assert len(chosen) == 120 and len(last) == 150
    fitted.clear()
    tune(lambda trial: Noting(), rows, LABELS, trials=1, held=3)
    assert [len(one) for one in fitted] == [100, 100, 100, 150]
    assert not set.intersection(*fitted[:3])


def test_progress_is_told_and_optuna_stays_quiet(capfd):
    told = []
    before = optuna.logging.get_verbosity()
    tune(two_spaces, FEATURES, LABELS, trials=2, progress=lambda *said: told.append(said))
    assert [said[:3] for said in told] == [("tuning", 1, 2), ("tuning", 2, 2)]
    assert told[1][3].startswith("best 0.")
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trials": 0}, "trials: expected 1 or more, found 0"),
        ({"held": 0}, "held: expected a share between 0 and 1, 2 or more folds, or a splitter, found 0"),
        ({"held": 1}, "held: expected .* found 1"),
        ({"held": 2.5}, "held: expected .* found 2.5"),
        ({"held": True}, "held: expected .* found True"),
        ({"held": "half"}, "held: expected .* found 'half'"),
        ({"score": "f2"}, "score: scikit-learn has none of the name 'f2'; take f1_macro or accuracy, say"),
    ],
)
def test_wrong_settings_are_one_line(settings, message):
    with pytest.raises(ConfigError, match=message):
        tune(two_spaces, FEATURES, LABELS, **({"trials": 2} | settings))


def test_a_score_that_is_no_number_is_one_line():
    def no_number(estimator, X, y):  # noqa: N803
        return float("nan")

    with pytest.raises(ConfigError, match=r"score: .* is no number for any trial; take another, accuracy say"):
        tune(two_spaces, FEATURES, LABELS, trials=2, score=no_number)
