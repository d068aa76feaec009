"""Predict a posts table: one row per post, in the table's order; an interrupted run can be resumed."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from feelscope.errors import TableError
from feelscope.post import Post, Prediction
from feelscope.progress import Count
from feelscope.table import PostsTable, open_writer

DIGITS = 7  # of a probability in a row: what a 32-bit float has
_AGAIN = "the table or its pictures have changed; to predict again, leave out --resume"


class Classifier(Protocol):
    """What predicts: `EmotionClassifier`, or anything with these members."""

    @property
    def emotions(self) -> tuple[str, ...]:
        """In the order of the probabilities."""

    def stream(self, posts: Iterable[Post], /) -> Iterator[Prediction]:
        """One prediction per post, in the posts' order."""


def row(prediction: Prediction) -> dict[str, object]:
    """A prediction as a row of a table."""
    return {
        "id": prediction.id,
        "emotion": prediction.emotion,
        "probabilities": {name: round(value, DIGITS) for name, value in prediction.probabilities.items()},
        "modalities": list(prediction.modalities),
        "warnings": list(prediction.warnings),
    }


def example_row(emotions: Sequence[str]) -> dict[str, object]:
    """A row with every column filled, for `open_writer(like=...)`."""
    full = Prediction("1", emotions[0], dict.fromkeys(emotions, 1 / len(emotions)), ("text", "image"), ("cut",))
    return row(full)


def predict_table(
    classifier: Classifier, table: PostsTable, out: Path, *, resume: bool = False, progress: Count | None = None
) -> None:
    """Predict the posts of a table into a file, which appears when it is complete.

    Args:
        out: .jsonl, .csv or .parquet.
        resume: Keep the rows of an interrupted run (`OUT.partial`, JSON Lines only) and continue after them.
        progress: See `predict_rows`.

    Raises:
        TableError: The file cannot be written, or what it already has does not belong to this job.
    """
    writer = open_writer(out, resume=resume, like=example_row(classifier.emotions))
    if resume and out.exists() and not writer.partial.exists():
        raise TableError(f"{out}: is complete, nothing is left to do; to predict again, leave out --resume")
    with writer:
        probabilities = writer.last_row and writer.last_row.get("probabilities")
        if writer.last_row and not (isinstance(probabilities, dict) and tuple(probabilities) == classifier.emotions):
            raise TableError(f"{writer.partial}: its rows are from another model; {_AGAIN}")
        kept = _ids(writer.partial, writer.rows_done)
        for prediction_row in predict_rows(classifier, table, kept=kept, progress=progress):
            writer.write(prediction_row)


def _ids(partial: Path, rows: int) -> Iterator[str]:
    """The ids in the first rows of a JSON Lines file."""
    if rows:
        with partial.open("rb") as file:
            yield from (str(json.loads(line).get("id")) for line in islice(file, rows))


def predict_rows(
    classifier: Classifier, table: PostsTable, *, kept: Iterable[str] = (), progress: Count | None = None
) -> Iterator[dict[str, object]]:
    """Predict the posts of a table, in constant memory.

    A post with nothing readable goes to the table's quarantine and gets no row.

    Args:
        kept: Ids of the rows that an interrupted run has written, in order; their posts are left out. The table is
            still read from its start, so that the quarantine is complete.
        progress: Called after each post with the number done in this run, and the number left out so far.

    Raises:
        TableError: The kept rows are not the first ones of this table.
    """
    quarantine = table.quarantine
    waiting: deque[tuple[int, bool]] = deque()  # posts being predicted: a batch or two
    left_out = 0

    def posts() -> Iterator[Post]:
        nonlocal left_out
        ids = iter(kept)
        expected = next(ids, None)
        for post in table:
            if post.id == expected:
                expected = next(ids, None)
                left_out += 1
                continue
            waiting.append((post.row, expected is not None))
            yield post
        if expected is not None:
            raise TableError(f"{table.path}: has no post {expected!r} where the kept rows have it; {_AGAIN}")

    for done, prediction in enumerate(classifier.stream(posts()), 1):
        row_number, was_unread = waiting.popleft()
        if prediction.emotion is None:
            detail = "; ".join(prediction.warnings)
            quarantine.add(prediction.id, row_number, "nothing could be read", detail=detail, table=str(table.path))
        elif was_unread:
            raise TableError(f"{table.path}: post {prediction.id!r} is missing from the kept rows; {_AGAIN}")
        else:
            yield row(prediction)
        if progress:
            progress(done, left_out)
