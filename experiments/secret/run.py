"""SECRET beside a single space and an ensemble of the same budget, and beside itself with other labels' vectors.

    python experiments/secret/run.py VECTORS WORDS --out runs.jsonl [--sets digits ...] [--seeds 5]

VECTORS is what `data.py` wrote. Adds a line for each set, seed and row, and goes on where it was stopped. With --tuning
the test part stays closed.
"""

import argparse
import json
import time
from pathlib import Path

from data import SETS, TEXTS, parts
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from feelscope.metrics.scores import accuracy, count_answers, macro_f1
from feelscope.two_spaces.tune import tune, weighed
from feelscope.words.label_vectors import label_vectors, permuted
from feelscope.words.load import load

MODELS = 60  # that the trials of every row make: 60 trials of one model, or 30 of two
HELD = {"digits": 5, "breast_cancer": 5}  # folds that trials are scored on; elsewhere a fifth of the training rows
ROWS = ("single", "ensemble", "secret", "permuted")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("vectors", type=Path)
    arguments.add_argument("words", type=Path)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--sets", nargs="*", choices=SETS, default=SETS)
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--tuning", action="store_true")
    options = arguments.parse_args()
    words = load(options.words)
    done = set()
    if options.out.exists():
        lines = map(json.loads, options.out.read_text(encoding="utf-8").splitlines())
        done = {(line["set"], line["seed"], line["row"]) for line in lines}
    for seed in range(options.seeds):
        for name in options.sets:
            for row in ROWS:
                if (name, seed, row) not in done:
                    line = {"set": name, "seed": seed, "row": row} | one_run(options, words, name, seed, row)
                    with options.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")
                    shown = {key: value for key, value in line.items() if key not in ("answers", "labels", "rows")}
                    print(shown, flush=True)


def one_run(options: argparse.Namespace, words, name: str, seed: int, row: str) -> dict:
    """Choose on a part of the training rows, fit on all of them, and answer the test part."""
    data = parts(options.vectors, name, seed)
    labels = sorted(set(data.train_labels.tolist()))
    table = label_vectors(labels, words)
    vectors = dict(zip(labels, permuted(table, seed) if row == "permuted" else table, strict=True))
    scaled = name not in TEXTS

    def build(trial):
        if row == "single":
            return a_classifier(trial, trial.suggest_categorical("kind", ["logistic", "linear", "neighbours"]), scaled)
        first = a_classifier(trial, "logistic", scaled)
        second = trial.suggest_categorical("second", ["linear", "neighbours"])
        if row == "ensemble":
            share = trial.suggest_float("share", 0, 1)
            members = [("first", first), ("second", a_classifier(trial, second, scaled))]
            return VotingClassifier(members, voting="soft", weights=[1 - share, share])
        return weighed(trial, first, a_regressor(trial, second, scaled), vectors)

    trials = MODELS if row == "single" else MODELS // 2
    started = time.process_time()
    tuned = tune(build, data.train, data.train_labels, trials=trials, held=HELD.get(name, 0.2), seed=seed)
    found = {
        "trials": trials,
        "models": tuned.models,
        "seconds": tuned.seconds,
        "processor_seconds": time.process_time() - started,
        "validation_macro_f1": tuned.score,
        "settings": tuned.settings,
    }
    if options.tuning:
        return found
    answers = [labels.index(label) for label in tuned.estimator.predict(data.test)]
    true = [labels.index(label) for label in data.test_labels]
    counts = count_answers(true, answers, len(labels))
    scores = {"accuracy": float(accuracy(counts)), "macro_f1": float(macro_f1(counts, list(range(len(labels)))))}
    return found | scores | {"answers": answers, "labels": true, "rows": data.test_rows.tolist()}


def a_classifier(trial, kind: str, scaled: bool):
    """One of three classifiers, with the settings that the trial suggests."""
    if kind == "logistic":
        strength = trial.suggest_float("C", 0.1, 100, log=True)
        balance = trial.suggest_categorical("class_weight", [None, "balanced"])
        return after_scaling(LogisticRegression(C=strength, class_weight=balance, max_iter=500), scaled)
    if kind == "linear":
        shrinkage = trial.suggest_float("shrinkage", 0, 1)
        return after_scaling(LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage), scaled)
    return after_scaling(KNeighborsClassifier(**neighbours(trial)), scaled)


def a_regressor(trial, kind: str, scaled: bool):
    """One of two regressors, each the like of one of the classifiers that an ensemble adds."""
    if kind == "linear":
        return after_scaling(Ridge(alpha=trial.suggest_float("alpha", 0.01, 1000, log=True)), scaled)
    return after_scaling(KNeighborsRegressor(**neighbours(trial)), scaled)


def neighbours(trial) -> dict:
    return {
        "n_neighbors": trial.suggest_int("n_neighbors", 1, 60, log=True),
        "weights": trial.suggest_categorical("weights", ["uniform", "distance"]),
    }


def after_scaling(estimator, scaled: bool):
    return make_pipeline(StandardScaler() if scaled else FunctionTransformer(), estimator)


if __name__ == "__main__":
    main()
