"""Calibrate: fit a model's probabilities to labelled posts of one's own, in a copy of the model.

Every combination of modalities has a scaling of its own (`metrics.scaling`), fitted on the posts that have it: a post
with words and a picture counts as it is, with its words alone, and with its picture alone. How far confidence is from
accuracy afterwards is told by cross-validation: each post is scaled by what was chosen and fitted without it.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from feelscope.errors import TableError
from feelscope.evaluate.evaluate import label_of, read_labels, variants
from feelscope.memory import with_answers
from feelscope.metrics.intervals import with_interval
from feelscope.metrics.scaling import AS_IT_IS, choose_scaling, cross_scaled
from feelscope.metrics.scores import Scores, score
from feelscope.progress import Count
from feelscope.saved_model import card
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import LEAST, Calibration, Calibrations, combination, confidence_of
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from feelscope.post import Post
    from feelscope.saved_model.classifier import EmotionClassifier


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What calibrating found.

    Args:
        before: By combination of modalities, the scores of the model as it was.
        after: The same by cross-validation: of posts that were not fitted.
        calibrations: Fitted on all posts; with what the model had of other combinations.
        too_few: How many posts the combinations have that nothing was fitted to.
    """

    emotions: tuple[str, ...]
    before: Mapping[str, Scores]
    after: Mapping[str, Scores]
    calibrations: Calibrations
    too_few: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Everything, for `--json`."""
        scores = {
            name: {"posts": self.before[name].posts, "before": _numbers(self.before[name]), "after": _numbers(after)}
            for name, after in self.after.items()
        }
        return {"scores": scores, "too_few": dict(self.too_few), **self.calibrations.to_json(self.emotions)}

    def to_text(self) -> str:
        """A table for a terminal."""
        lines = ["how far confidence is from accuracy, on posts that were not fitted, with 95% intervals", ""]
        lines.append(f"{'read from':<12}  {'posts':>6}  {'error before':<20}  {'error after':<20}  accuracy   scaling")
        for name, after in self.after.items():
            before = self.before[name]
            errors = (with_interval(scores.ece, scores.intervals.get("ece")) for scores in (before, after))
            cells = "  ".join(f"{error:<20}" for error in errors)
            accuracy = f"{before.accuracy:.3f} {after.accuracy:.3f}"
            lines.append(f"{name:<12}  {after.posts:>6,}  {cells}  {accuracy}  {self._scaling(name)}")
        for name, posts in self.too_few.items():
            lines.append(f"{name}: not calibrated, {counted(posts, 'post')} of the {LEAST} that it takes")
        return "\n".join(lines)

    def _scaling(self, name: str) -> str:
        scaling = self.calibrations.by_combination[name].scaling
        if scaling == AS_IT_IS:
            return "none helps"
        biases = " and a bias for each emotion" if scaling.biases else ""
        return f"temperature {scaling.temperature:.3g}{biases}"


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


def _numbers(scores: Scores) -> dict[str, Any]:
    intervals = {name: list(ends) for name, ends in scores.intervals.items() if name in ("ece", "accuracy")}
    return {"ece": scores.ece, "accuracy": scores.accuracy, "intervals": intervals}
