"""How right a model is, and how sure, for each kind of post beside all others."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from feelscope.audit.kinds import GROUPS, kinds_of
from feelscope.errors import TableError
from feelscope.evaluate.evaluate import label_of, match_labels
from feelscope.memory import with_answers
from feelscope.metrics.intervals import difference, mean_interval
from feelscope.metrics.scores import answer, score
from feelscope.post import Post
from feelscope.progress import Count

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

ALL = "all"
FEW = 50  # posts, below which a group's numbers are rough
_MOST_GROUPS = 50  # of a column


@dataclass(frozen=True, slots=True)
class GroupScores:
    """The scores of the posts of one group, with their 95% intervals.

    Args:
        kind: "words", "style", "has", or a column's name; "all" of all posts.
        accuracy, macro_f1, ece: As `evaluate` has them.
        too_sure: Mean confidence less accuracy, of the posts that were answered: above 0 the model is too sure.
        more_right: Accuracy less that of all other posts; NaN where there are none.
    """

    kind: str
    group: str
    posts: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    ece: float
    ece_low: float
    ece_high: float
    too_sure: float
    too_sure_low: float
    too_sure_high: float
    more_right: float
    more_right_low: float
    more_right_high: float


@dataclass(frozen=True, slots=True)
class ScoreAudit:
    """The scores of one model on one table, by kind of post; the first group is all posts."""

    model: str
    emotions: tuple[str, ...]
    groups: tuple[GroupScores, ...]

    def to_json(self) -> dict[str, object]:
        """All of it as plain dicts, lists and numbers."""
        return asdict(self)


def audit_scores(
    classifier: "EmotionClassifier", posts: Iterable[Post], column: str = "", progress: Count | None = None
) -> ScoreAudit:
    """Score a classifier on labelled posts as they are, for each kind of post.

    Args:
        posts: Read twice, so give a list or a `PostsTable`.
        column: A column of the table whose values are groups too, of posts that have one.

    Raises:
        ModelError: A label has no match among the model's emotions.
        TableError: No post has a label, or the column is missing or has too many values.
    """
    if isinstance(posts, Iterator):
        posts = list(posts)
    labels, mapped = match_labels(classifier, posts)
    total = labels.total() - labels.pop("", 0)
    index = {label: classifier.emotions.index(emotion) for label, emotion in mapped.items()}
    true, table = array("i"), array("f")
    rows: dict[tuple[str, str], array] = {
        (kind, group): array("q") for kind, groups in GROUPS.items() for group in groups
    }
    asked = (((replace(post, emotion=None), post)) for post in posts if label_of(post))
    answers = with_answers(asked, lambda several: classifier.stream(post for post, _ in several))
    for number, ((_, post), prediction) in enumerate(answers):
        true.append(index[label_of(post)])
        table.extend([prediction.probabilities.get(emotion, 0.0) for emotion in classifier.emotions])
        for group in [*kinds_of(post), *_of_column(post, column)]:
            rows.setdefault(group, array("q")).append(number)
        if len(rows) > sum(map(len, GROUPS.values())) + _MOST_GROUPS:
            raise TableError(f"--group: the column {column!r} has over {_MOST_GROUPS} values; give one with fewer")
        if progress:
            progress(number + 1, total)
    if column and not any(kind == column for kind, _ in rows):
        raise TableError(f"--group: no labelled post has a value in the column {column!r}; name a column of the table")
    found = [((ALL, "all posts"), array("q", range(len(true)))), *rows.items()]
    labels_of, probabilities = np.array(true), np.array(table, dtype=np.float32).reshape(len(true), -1)
    return ScoreAudit(
        classifier.name,
        tuple(classifier.emotions),
        tuple(
            _scored(*group, np.array(numbers), labels_of, probabilities, classifier.emotions)
            for group, numbers in found
            if len(numbers)
        ),
    )


def _of_column(post: Post, column: str) -> list[tuple[str, str]]:
    value = str(post.other.get(column) or "").strip() if column else ""
    return [(column, value)] if value else []


def _scored(
    kind: str, group: str, own: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, emotions: Sequence[str]
) -> GroupScores:
    found = score(labels[own], probabilities[own], emotions)
    answers = answer(probabilities)
    right = answers == labels
    answered = own[answers[own] >= 0]
    gaps = (probabilities[answered].max(axis=1, initial=0.0) - right[answered]).astype(np.float64)
    nothing = (float("nan"), float("nan"))
    too_sure = (float(gaps.mean()), *mean_interval(gaps)) if len(gaps) else (float("nan"), *nothing)
    others = len(labels) - len(own)
    hits = int(right[own].sum())
    more = difference(hits, len(own), int(right.sum()) - hits, others) if others else (float("nan"), *nothing)
    three = [(getattr(found, name), *found.intervals.get(name, nothing)) for name in ("accuracy", "macro_f1", "ece")]
    numbers = [float(number) for one in (*three, too_sure, more) for number in one]
    return GroupScores(kind, group, len(own), *numbers)
