"""Calibrate: fit a model's probabilities to labelled posts of one's own, in a copy of the model.

Every combination of modalities has a scaling of its own (`metrics.scaling`), fitted to what the networks answer to the
posts that have it: a post with words and a picture counts as it is, with its words alone, and with its picture alone.
How far confidence is from accuracy afterwards is told by cross-validation: each post is scaled by what was chosen and
fitted without it.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.calibrate.calibrated import Calibrated
from feelscope.errors import TableError
from feelscope.evaluate.evaluate import label_of, match_labels, variants
from feelscope.memory import with_answers
from feelscope.metrics.scaling import choose_scaling, cross_scaled
from feelscope.metrics.scores import score
from feelscope.progress import Count
from feelscope.saved_model import card
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import LEAST, Calibration, Calibrations, combination, confidence_of
from feelscope.text.counts import counted

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
        TableError: No combination has posts enough, of two emotions or more.
    """
    if isinstance(posts, Iterator):
        posts = list(posts)
    labels, mapped = match_labels(classifier, posts)
    index = {label: classifier.emotions.index(emotion) for label, emotion in mapped.items()}
    rows = _read(classifier.uncalibrated(), posts, index, progress, labels.total() - labels[""])
    left_out = {name: why for name, (true, _) in rows.items() if (why := _too_little(true, classifier.emotions))}
    enough = {name: row for name, row in rows.items() if name not in left_out}
    if not enough:
        most = max((len(row[0]) for row in rows.values()), default=0)
        if most < LEAST:
            raise TableError(
                f"calibrating takes {LEAST} labelled posts that can be read by the same modalities, 200 are better, "
                f"and there are {most}: give more posts"
            )
        raise TableError(
            f"{left_out[max(rows, key=lambda name: len(rows[name][0]))]}: give posts of all the emotions that are to "
            "come, in random order"
        )
    before, after, fitted = {}, {}, dict(classifier.calibration.by_combination)
    for name, (true, table) in enough.items():
        as_it_was = fitted[name].scaling(table) if name in fitted else table
        before[name] = score(true, as_it_was, classifier.emotions, seed=seed)
        after[name] = score(true, cross_scaled(table, true, seed=seed), classifier.emotions, seed=seed)
        scaling = choose_scaling(table, true, seed=seed)
        fitted[name] = Calibration(len(true), scaling, confidence_of(scaling(table)))
    return Calibrated(tuple(classifier.emotions), before, after, Calibrations(fitted), left_out)


def _too_little(labels: np.ndarray, emotions: Sequence[str]) -> str:
    """Why nothing is fitted to posts of these labels, (N,); empty where they are enough."""
    if len(labels) < LEAST:
        return f"{counted(len(labels), 'post')} of the {LEAST} that it takes"
    if len(set(labels.tolist())) < 2:
        return f"every labelled post has the emotion {emotions[labels[0]]!r}"
    return ""


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
    emoji = "emoji" in classifier.modalities
    labelled = ((post, index[label_of(post)]) for post in posts if label_of(post))
    asked = ((variant, keys, label) for post, label in labelled for variant, keys in variants(post, emoji=emoji))
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
