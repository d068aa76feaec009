"""Which signal tells the built-in model's right answers from its wrong ones: every try is a row.

    python experiments/trust/detectors.py VECTORS --bottleneck FOLDER --out experiments/trust/detectors.csv

VECTORS is what `read.py` wrote; FOLDER has the `bottleneck_dev.jsonl` and `bottleneck_validation.jsonl` that
`experiments/semantic_bottleneck/emotions.py` leaves, and without it the rows of that model are left out.

A detector that learns has seen no post that it is scored on: for GoEmotions, posts of the training table that the model
never drew (`held_out.py`); for MSED, whose training posts were all drawn, a probe of its own on frozen vectors, or
errors on GoEmotions. What is learnt with the bottleneck's answers is learnt on the errors of such a probe on the
bottleneck's validation split: neither's weights were fitted to it, but the bottleneck's settings, epochs and
temperature were chosen by it.
"""

import argparse
import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from feelscope.emotions import GOEMOTIONS_TO_SEVEN, SEVEN, match
from feelscope.files import write_whole
from feelscope.metrics.trust import paired_difference, trust
from feelscope.saved_model import folder as model_folder

Array = NDArray[np.float64]
EMOTIONS = list(model_folder.read_labels(model_folder.BUILTIN).emotions)
NEIGHBOURS = 20
TINY = 1e-9


def main() -> None:
    """Score every detector and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--bottleneck", type=Path, metavar="FOLDER", help="answers of the semantic bottleneck to MSED")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    rows = [*_msed(given.vectors, given.bottleneck), *_goemotions(given.vectors)]
    with write_whole(given.out, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _rows(table: str, read: str, right: NDArray[np.bool_], detectors: dict[str, Array]) -> list[dict[str, object]]:
    base = detectors["maximum probability"]
    found = []
    for name, confidence in detectors.items():
        scores, gain = trust(confidence, right), paired_difference(confidence, base, right)
        row: dict[str, object] = {"posts": table, "read": read, "detector": name, "count": scores.posts}
        for score in ("auroc", "aurc", "augrc", "error_ratio"):
            low, high = scores.intervals[score]
            row |= {
                score: round(getattr(scores, score), 4),
                f"{score}_low": round(low, 4),
                f"{score}_high": round(high, 4),
            }
        for score in ("auroc", "error_ratio"):
            value, (low, high) = gain[score]
            row |= {
                f"{score}_gain": round(value, 4),
                f"{score}_gain_low": round(low, 4),
                f"{score}_gain_high": round(high, 4),
            }
        print(*row.values(), sep=" ", flush=True)
        found.append(row)
    return found


def _signals(table: Array) -> dict[str, Array]:
    """What the probabilities (N, K) say themselves."""
    falling = -np.sort(-table, axis=1)
    return {
        "maximum probability": falling[:, 0],
        "margin": falling[:, 0] - falling[:, 1],
        "entropy": (table * np.log(table + TINY)).sum(axis=1),
        "random": np.random.default_rng(0).random(len(table)),
    }


def _of(table: Array, answers: NDArray[np.int64]) -> Array:
    return table[np.arange(len(table)), answers]


def _log_of(table: Array, answers: NDArray[np.int64]) -> Array:
    return np.log(_of(table, answers) + TINY)


def _near(known: Array, labels: NDArray[np.int64], asked: Array, answers: NDArray[np.int64]) -> tuple[Array, Array]:
    """The share of the nearest posts that have the answer, and the trust score (Jiang et al. 2018): (N,) each."""
    known, asked = (rows / (np.linalg.norm(rows, axis=1, keepdims=True) + TINY) for rows in (known, asked))
    far = 1 - asked @ known.T  # (N, M)
    nearest = np.argpartition(far, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    agree = (labels[nearest] == answers[:, None]).mean(axis=1)
    by_emotion = np.stack([far[:, labels == k].min(axis=1, initial=2) for k in range(len(EMOTIONS))], axis=1)
    own = _of(by_emotion, answers)
    by_emotion[np.arange(len(answers)), answers] = 2
    return agree, by_emotion.min(axis=1) / (own + TINY)


def _probe(known: Array, labels: NDArray[np.int64], asked: Array) -> Array:
    """Probabilities (N, K) of a linear probe on frozen vectors."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=200)).fit(known, labels)
    table = np.full((len(asked), len(EMOTIONS)), TINY)
    table[:, model.classes_] = model.predict_proba(asked)
    return table


def _msed(folder: Path, bottleneck: Path | None) -> list[dict[str, object]]:
    dev, train, frozen, varied = (
        np.load(folder / f"{name}.npz") for name in ("msed_dev", "msed_train", "frozen", "tta")
    )
    kept = np.isin(dev["id"], np.load(folder / "kept.npz")["msed"])
    names = match({*dev["emotion"].tolist(), *train["emotion"].tolist()}, SEVEN)[0]
    true, known = (np.array([EMOTIONS.index(names[one]) for one in of["emotion"].tolist()]) for of in (dev, train))
    vectors = {name: [frozen[f"msed_{name}_{part}"].astype(float) for part in "ti"] for name in ("train", "dev")}
    described = _described(bottleneck, names) if bottleneck else {}
    held = np.isin(train["id"], list(described))  # the bottleneck's validation split
    rows = []
    for read in ("both", "text", "image"):
        table = dev[read].astype(float)
        answers = table.argmax(axis=1)
        right = answers == true
        parts = {"both": (0, 1), "text": (0,), "image": (1,)}[read]
        fitted, asked = (
            np.concatenate([_unit(vectors[name][at]) for at in parts], axis=1) for name in ("train", "dev")
        )
        agree, ratio = _near(fitted, known, asked, answers)
        probe = _probe(fitted, known, asked)
        views = varied[read].astype(float)  # (N, V, K), the post as it is first
        mean = views.mean(axis=1)
        detectors = _signals(table) | {
            f"share of {NEIGHBOURS} neighbours that agree, frozen vectors": agree,
            "trust score, frozen vectors": ratio,
            "linear probe on frozen vectors: its probability of the answer": _of(probe, answers),
            "maximum probability times the probe's": np.log(table.max(axis=1)) + np.log(_of(probe, answers)),
            "five views: mean probability of the answer": _of(mean, answers),
            "five views: the least": _of(views.min(axis=1), answers),
            "five views: share that agree, then the mean": (views.argmax(axis=2) == answers[:, None]).mean(axis=1)
            + 0.1 * _of(mean, answers),
            "five views times the probe": np.log(_of(mean, answers)) + np.log(_of(probe, answers)),
            "head learnt on the model's errors on its own training posts": _own_errors(train, known, dev, read),
        }
        if read == "both":
            alone = [dev[name].astype(float) for name in ("text", "image")]
            detectors["disagreement: least probability of the answer alone"] = np.minimum(
                *(_of(one, answers) for one in alone)
            )
            detectors["disagreement: product with both alone"] = sum(
                np.log(_of(one, answers)) for one in (table, *alone)
            )
            detectors["disagreement: divergence of words and picture"] = -_divergence(*alone)
        if described and read != "text":
            texts, held_texts = (np.stack([described[post] for post in ids]) for ids in (dev["id"], train["id"][held]))
            detectors |= _with_texts(table, texts)
            detectors["five views times the bottleneck's"] = np.log(_of(mean, answers)) + _log_of(texts, answers)
            stand_in = _probe(fitted[~held], known[~held], fitted[held])
            own, probed = (of.argmax(axis=1) == known[held] for of in (train[read][held], stand_in))
            print(f"{held.sum()} posts of the validation split: {own.mean():.3f} right, the probe {probed.mean():.3f}")
            detectors |= _learnt_with_texts((stand_in, held_texts), probed, (table, texts))
        if read != "image":
            detectors["head learnt on GoEmotions"] = _learnt(folder, "linear")(table, dev["t"].astype(float))
        rows += _rows("MSED dev", read, right[kept], {name: of[kept] for name, of in detectors.items()})
    return rows


def _described(folder: Path, names: Mapping[str, str]) -> dict[str, Array]:
    """By post, the bottleneck's probabilities (K,), read from the text that replaces the picture."""
    found = {}
    for part in ("dev", "validation"):
        for line in (folder / f"bottleneck_{part}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            by_emotion = {names[name]: value for name, value in row["probabilities"].items()}
            found[row["id"]] = np.array([by_emotion.get(name, 0.0) for name in EMOTIONS])
    return found


def _with_texts(table: Array, texts: Array) -> dict[str, Array]:
    """What the bottleneck's probabilities (N, K) say of the model's answers; nothing is fitted."""
    answers, own = table.argmax(axis=1), table.max(axis=1)
    return {
        "bottleneck: its probability of the answer": _of(texts, answers),
        "bottleneck: its own maximum probability": texts.max(axis=1),
        "bottleneck: same answer, then the maximum probability": (texts.argmax(axis=1) == answers) + 0.1 * own,
        "bottleneck: divergence from the model": -_divergence(table, texts),
        "bottleneck: L1 distance from the model": -np.abs(table - texts).sum(axis=1),
        "maximum probability plus the bottleneck's of the answer": own + _of(texts, answers),
        "maximum probability times the bottleneck's of the answer": np.log(own) + _log_of(texts, answers),
        "maximum probability times the bottleneck's own": np.log(own) + np.log(texts.max(axis=1)),
    }


def _learnt_with_texts(
    known: tuple[Array, Array], right: NDArray[np.bool_], asked: tuple[Array, Array]
) -> dict[str, Array]:
    """Heads that tell right from wrong answers, of probabilities (N, K) of a model and of the bottleneck."""

    def mix(table: Array, texts: Array) -> Array:
        return np.stack([np.log(table.max(axis=1)), _log_of(texts, table.argmax(axis=1))], axis=1)

    def disagreement(table: Array, texts: Array) -> Array:
        same = texts.argmax(axis=1) == table.argmax(axis=1)
        more = np.stack([np.log(texts.max(axis=1)), _divergence(table, texts), same], axis=1)
        return np.concatenate([_features(table), mix(table, texts)[:, 1:], more], axis=1)

    inputs: dict[str, Callable[[Array, Array], Array]] = {
        "head of the probabilities": lambda table, _: _features(table),
        "head of the probabilities and the bottleneck's": disagreement,
        "maximum probability and the bottleneck's of the answer, weights": mix,
    }
    found = {}
    for name, of in inputs.items():
        # 0.03: of four tried by cross-validation on these posts, which hardly differ.
        head = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=500))
        guessed = cross_val_predict(head, of(*known), right, cv=5, method="predict_proba")[:, 1]
        gain, (low, high) = paired_difference(guessed, known[0].max(axis=1), right)["auroc"]
        print(f"{name}: on the probe's errors themselves, by cross-validation, {gain:.3f} ({low:.3f} to {high:.3f})")
        head.fit(of(*known), right)
        found[f"{name} learnt on a probe's held-out errors"] = head.predict_proba(of(*asked))[:, 1]
    return found


def _own_errors(train: Any, known: NDArray[np.int64], dev: Any, read: str) -> Array:
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    head.fit(_features(train[read].astype(float)), train[read].argmax(axis=1) == known)
    return head.predict_proba(_features(dev[read].astype(float)))[:, 1]


def _goemotions(folder: Path) -> list[dict[str, object]]:
    dev = np.load(folder / "go_dev.npz")
    true = np.array([_one_of_seven(label) for label in dev["emotion"].tolist()])
    table, vectors = dev["text"].astype(float), dev["t"].astype(float)
    answers = table.argmax(axis=1)
    never, labels, known, _ = _never_drawn(folder)
    agree, ratio = _near(known, labels, vectors, answers)
    detectors = _signals(table) | {
        f"share of {NEIGHBOURS} neighbours that agree, the model's vectors": agree,
        "trust score, the model's vectors": ratio,
        "head of the probabilities": _learnt(folder, "probabilities")(table, vectors),
        "head of probabilities and vector, linear": _learnt(folder, "linear")(table, vectors),
        "head of probabilities and vector, trees": _learnt(folder, "trees")(table, vectors),
        "scaled anew (temperature and biases), maximum probability": _scaled(never, labels, table),
    }
    scored = true >= 0
    right = answers[scored] == true[scored]
    return _rows("GoEmotions dev", "text", right, {name: of[scored] for name, of in detectors.items()})


def _scaled(never: Array, labels: NDArray[np.int64], table: Array) -> Array:
    from feelscope.metrics.scaling import choose_scaling

    return _of(choose_scaling(never, labels)(table), table.argmax(axis=1))


def _one_of_seven(label: str) -> int:
    found = {GOEMOTIONS_TO_SEVEN.get(part) for part in label.split("|")}
    emotion = found.pop() if len(found) == 1 else None
    return EMOTIONS.index(emotion) if emotion else -1


def _never_drawn(folder: Path) -> tuple[Array, NDArray[np.int64], Array, Array]:
    """Probabilities, labels and vectors of posts that were never drawn; weights give them the table's own shares."""
    rows = np.load(folder / "go_train.npz")
    new = rows["drawn"] == 0
    labels = np.array([EMOTIONS.index(name) for name in rows["mapped"][new].tolist()])
    shares = np.load(folder / "kept.npz")["goemotions_shares"]
    weights = shares[labels] / np.bincount(labels, minlength=len(EMOTIONS))[labels]
    return rows["text"][new].astype(float), labels, rows["t"][new].astype(float), weights * len(labels)


def _learnt(folder: Path, kind: str) -> Any:
    """A head that tells right from wrong answers, learnt on posts that were never drawn."""
    table, labels, vectors, weights = _never_drawn(folder)
    right = table.argmax(axis=1) == labels

    def inputs(table: Array, vectors: Array) -> Array:
        return _features(table) if kind == "probabilities" else np.concatenate([_features(table), vectors], axis=1)

    if kind == "trees":
        head: Any = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.05, max_depth=4, random_state=0)
        head.fit(inputs(table, vectors), right, sample_weight=weights)
    else:
        head = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=300))
        head.fit(inputs(table, vectors), right, logisticregression__sample_weight=weights)
    return lambda table, vectors: head.predict_proba(inputs(table, vectors))[:, 1]


def _features(table: Array) -> Array:
    signals = _signals(table)
    own = [np.log(signals[name] + TINY) if name != "entropy" else signals[name] for name in list(signals)[:3]]
    answer = np.eye(len(EMOTIONS))[table.argmax(axis=1)]
    return np.concatenate([np.stack(own, axis=1), np.log(table + TINY), answer], axis=1)


def _divergence(one: Array, two: Array) -> Array:
    """Jensen and Shannon's, (N,)."""
    middle = (one + two) / 2
    return sum((of * np.log((of + TINY) / (middle + TINY))).sum(axis=1) / 2 for of in (one, two))


def _unit(rows: Array) -> Array:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + TINY)


if __name__ == "__main__":
    main()
