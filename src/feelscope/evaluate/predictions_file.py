"""Score what any model predicted, from the file that it was written to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.errors import TableError
from feelscope.evaluate.evaluate import label_of, match_labels
from feelscope.evaluate.evaluation import Evaluation
from feelscope.explain.structure.predicted_posts import Predictions
from feelscope.metrics.intervals import RESAMPLES
from feelscope.metrics.scores import score
from feelscope.post import Post


@dataclass(frozen=True, slots=True)
class _Answered:
    """Whoever made the file, as `match_labels` takes it."""

    name: str
    emotions: tuple[str, ...]


def evaluate_predictions(file: Path, posts: Iterable[Post], *, seed: int = 0, resamples: int = RESAMPLES) -> Evaluation:
    """Score a file of predictions against labelled posts, by their ids.

    A labelled post without a prediction counts as wrong, as one that could not be read. What the words or the picture
    alone would score cannot be told from such a file.

    Args:
        file: As `feelscope predict --out` writes it, or any table with `id` and `probabilities`.
        posts: Read twice, so give a list or a `PostsTable`.
        resamples: Of the bootstrap behind the 95% intervals; 0 leaves the intervals out.

    Raises:
        TableError: It is no such file, has an id twice, or predicts none of the posts.
        ModelError: A label has no match among the file's emotions.
    """
    predictions = Predictions(file)
    found: dict[str, np.ndarray] = {}
    for id, row in predictions:
        if id in found:
            raise TableError(f"{file}: two predictions of the post {id!r}; give a file with one for each post")
        found[id] = row
    labels, mapped = match_labels(_Answered(file.name, predictions.emotions), posts)
    unlabelled = labels.pop("", 0)
    quarantine = getattr(posts, "quarantine", None)
    nothing = np.zeros(len(predictions.emotions), np.float32)  # (K,), no answer
    labelled = [(post.id, mapped[label_of(post)]) for post in posts if label_of(post)]
    if not any(id in found for id, _ in labelled):
        raise TableError(f"{file}: its ids are none of the labelled posts; give the table that was predicted")
    return Evaluation(
        model=file.name,
        emotions=predictions.emotions,
        mapped={label: emotion for label, emotion in mapped.items() if label != emotion},
        posts=len(labelled),
        unlabelled=unlabelled,
        quarantined=0 if quarantine is None else quarantine.count,
        both=score(
            [predictions.emotions.index(emotion) for _, emotion in labelled],
            np.array([found.get(id, nothing) for id, _ in labelled]),
            predictions.emotions,
            seed=seed,
            resamples=resamples,
            restricted=True,
        ),
        text=None,
        image=None,
        seed=seed,
        resamples=resamples,
    )
