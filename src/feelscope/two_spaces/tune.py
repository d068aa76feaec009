"""Settings chosen together: those of a classifier, of the regressor beside it, and how much each counts.

    build(trial) -> an estimator -> fitted on a part of the rows, scored on the rest -> the next trial (Optuna's TPE)
                                 -> the best one, fitted on all rows

Whatever `build` makes is tuned in one way: a classifier alone, a vote of several (`VotingClassifier`), or a
`TwoSpaceClassifier`. So they can be compared at an equal budget: `Tuned` says how many models were fitted, and how long
it took.

Source: SECRET, arXiv 1905.12356, which tunes both spaces together; by which optimiser it does not say, Optuna is ours.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from feelscope.config import shown
from feelscope.errors import ConfigError, needs_extra
from feelscope.progress import Progress, silent
from feelscope.two_spaces.classifier import TwoSpaceClassifier, kind_of

with needs_extra("tuning", "tune"):
    import optuna
    from sklearn.metrics import get_scorer
    from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit, cross_val_score

_COUNTED = ("classifier", "regressor")
Build = Callable[[optuna.trial.BaseTrial], Any]  # an estimator that is not fitted, with the settings the trial suggests


@dataclass(frozen=True, slots=True)
class Tuned:
    """The best estimator, and what finding it cost."""

    estimator: Any  # fitted on all rows
    settings: dict[str, Any]  # that the best trial suggested, by their names in `build`
    score: float  # of the best trial, over the rows it was not fitted on
    scores: tuple[float, ...]  # of each trial, in order
    models: int  # that were fitted to choose; a TwoSpaceClassifier is two
    seconds: float  # it took to choose


def weighed(trial: optuna.trial.BaseTrial, classifier: Any, regressor: Any, label_vectors: Any) -> TwoSpaceClassifier:
    """Both spaces, their share and softness suggested by the trial as `share` and `softness`; the ranges are ours."""
    share = trial.suggest_float("share", 0, 1)
    softness = trial.suggest_float("softness", 0.01, 1, log=True)
    return TwoSpaceClassifier(classifier, regressor, label_vectors, share=share, softness=softness)


def tune(
    build: Build,
    features: Any,
    labels: Any,
    *,
    trials: int,
    held: float | Any = 0.2,
    score: str | Callable[[Any, Any, Any], float] = "f1_macro",
    seed: int = 0,
    progress: Progress = silent,
) -> Tuned:
    """Choose all settings that `build` suggests, together, and fit with the best ones on all rows.

    Args:
        features: N rows of what the estimator reads.
        labels: (N,).
        trials: How many settings are tried.
        held: What the trials are scored on: a share of the rows, a number of folds, or any of scikit-learn's splitters.
        score: One of scikit-learn's scorers or its name; the highest is best.
        seed: Of the split and of what is tried.

    Raises:
        ConfigError: A setting out of range, a score that does not exist, or one that no trial has.
    """
    if trials < 1:
        raise ConfigError(f"trials: expected 1 or more, found {trials}")
    scorer, splits = _scorer(score), [*_splitter(held, seed).split(features, labels)]
    scores: list[float] = []
    models = 0

    def objective(trial: optuna.Trial) -> float:
        nonlocal models
        estimator = build(trial)
        found = cross_val_score(estimator, features, labels, cv=splits, scoring=scorer, error_score="raise")
        models += models_in(estimator) * len(splits)
        scores.append(float(found.mean()))
        progress("tuning", len(scores), trials, f"best {max(scores):.3f}")
        return scores[-1]

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        started = time.perf_counter()
        study.optimize(objective, n_trials=trials)
        seconds = time.perf_counter() - started
    finally:
        optuna.logging.set_verbosity(level)
    if np.isnan(scores).all():
        raise ConfigError(f"score: {shown(score)} is no number for any trial; take another, accuracy say")
    estimator = build(study.best_trial).fit(features, labels)
    return Tuned(estimator, study.best_params, study.best_value, tuple(scores), models, seconds)


def models_in(estimator: Any) -> int:
    """The classifiers and regressors that an estimator is made of; one that is fitted once a dimension counts once."""
    if isinstance(estimator, TwoSpaceClassifier):
        return sum(map(models_in, estimator.both()))
    own = {name: value for name, value in estimator.get_params().items() if "__" not in name}  # not those of its parts
    return sum(models_in(value) for value in own.values() if kind_of(value) in _COUNTED) or 1


def _scorer(score: Any) -> Any:
    try:
        return get_scorer(score)
    except ValueError:
        raise ConfigError(
            f"score: scikit-learn has none of the name {shown(score)}; take f1_macro or accuracy, say"
        ) from None


def _splitter(held: Any, seed: int) -> Any:
    if hasattr(held, "get_n_splits"):
        return held
    number = isinstance(held, int | float) and not isinstance(held, bool)
    if number and 0 < held < 1:
        return StratifiedShuffleSplit(1, test_size=held, random_state=seed)
    if number and held >= 2 and held == int(held):
        return StratifiedKFold(int(held), shuffle=True, random_state=seed)
    raise ConfigError(f"held: expected a share between 0 and 1, 2 or more folds, or a splitter, found {shown(held)}")
