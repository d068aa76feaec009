"""Calibrate: fit a model's probabilities to labelled posts of one's own, in a copy of the model.

Every combination of modalities has a scaling of its own (`metrics.scaling`), fitted on the posts that have it: a post
with words and a picture counts as it is, with its words alone, and with its picture alone. How far confidence is from
accuracy afterwards is told by cross-validation: each post is scaled by what was chosen and fitted without it.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.calibrate.calibrated import Calibrated
from feelscope.errors import TableError
from feelscope.evaluate.evaluate import label_of, read_labels, variants
from feelscope.memory import with_answers
from feelscope.metrics.scaling import choose_scaling, cross_scaled
from feelscope.metrics.scores import score
from feelscope.progress import Count
from feelscope.saved_model import card
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import LEAST, Calibration, Calibrations, combination, confidence_of

if TYPE_CHECKING:
    from feelscope.post import Post
    from feelscope.saved_model.classifier import EmotionClassifier


def calibrate(
    classifier: "EmotionClassifier", posts: "Iterable[Post]", *, seed: int = 0, progress: Count | None = None
) -> Calibrated:
    """Fit a scaling for each combination of modalities that has posts enough.

    Args:
        posts: Read twice; some with labels, which are matched with the model's emotions as `evaluate` does.
        seed: Of the folds.

    Raises:
        ModelError: A label has no match among the model's emotions.
        TableError: No combination has posts enough, or all posts have one emotion.
    """
    if isinstance(posts, Iterator):
        posts = list(posts)
    labels, mapped = read_labels(classifier, posts)
    index = {label: classifier.emotions.index(emotion) for label, emotion in mapped.items()}
    rows = _read(classifier, posts, index, progress, labels.total() - labels[""])
    enough = {name: row for name, row in rows.items() if len(row[0]) >= LEAST}
    if not enough:
        most = max((len(row[0]) for row in rows.values()), default=0)
        raise TableError(
            f"calibrating takes {LEAST} labelled posts that can be read by the same modalities, 200 are better, and "
            f"there are {most}: give more posts"
        )
    if len(set(mapped.values())) < 2:
        raise TableError(
            f"every labelled post has the emotion {next(iter(mapped.values()))!r}: give posts of all the emotions that "
            "are to come, in random order"
        )
    before, after, fitted = {}, {}, dict(classifier.calibration.by_combination)
    for name, (true, table) in enough.items():
        scaled = cross_scaled(table, true, seed=seed)
        before[name] = score(true, table, classifier.emotions, seed=seed)
        after[name] = score(true, scaled, classifier.emotions, seed=seed)
        scaling = choose_scaling(table, true, seed=seed)
        confidence = confidence_of(scaling(table))
        if name in fitted:  # these are the probabilities of a model that is calibrated already
            scaling = scaling.after(fitted[name].scaling)
        fitted[name] = Calibration(len(true), scaling, confidence)
    too_few = {name: len(row[0]) for name, row in rows.items() if name not in enough}
    return Calibrated(tuple(classifier.emotions), before, after, Calibrations(fitted), too_few)


def save(classifier: "EmotionClassifier", calibrated: Calibrated, out: Path, of: str) -> None:
    """Write a copy of the model that has this calibration, whole or not at all.

    Args:
        out: A new or an empty folder.
        of: What it was calibrated on, for the card.
    """

    def change(copy: Path) -> None:
        model_folder.set_calibration(copy, calibrated.calibrations.to_json(classifier.emotions))
        said = f"On {of}; the scores above are from before."
        card.add_note(copy, "Calibrated on other posts", said, f"```\n{calibrated.to_text()}\n```")

    model_folder.copy(classifier.folder, out, change)


def _read(
    classifier: "EmotionClassifier",
    posts: "Iterable[Post]",
    index: Mapping[str, int],
    progress: Count | None,
    total: int,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Labels (N,) and probabilities (N, K) by combination of modalities."""
    true: dict[str, array] = {}
    rows: dict[str, array] = {}
    labelled = ((replace(post, emotion=None), index[label_of(post)]) for post in posts if label_of(post))
    asked = ((variant, keys, label) for post, label in labelled for variant, keys in variants(post))
    done = 0
    for (_, keys, label), prediction in with_answers(asked, lambda some: classifier.stream(one for one, _, _ in some)):
        if prediction.modalities:
            name = combination(prediction.modalities)
            true.setdefault(name, array("i")).append(label)
            rows.setdefault(name, array("f")).extend(prediction.probabilities.values())
        if progress and "both" in keys:
            done += 1
            progress(done, total)
    return {
        name: (np.array(true[name]), np.array(rows[name]).reshape(len(true[name]), -1).astype(np.float64))
        for name in true
    }
