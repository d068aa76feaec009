"""Predict a posts table: one row per post, in the table's order; an interrupted run can be resumed."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from feelscope.errors import TableError
from feelscope.files import digest
from feelscope.memory import with_answers
from feelscope.post import DIGITS, Post, Prediction
from feelscope.progress import Count
from feelscope.table import PostsTable, open_writer
from feelscope.table.writing import open_own

if TYPE_CHECKING:
    from feelscope.saved_model.calibration import Abstention
    from feelscope.saved_model.classifier import EmotionClassifier

_AGAIN = "the table or its pictures have changed; to predict again, leave out --resume"


def row(prediction: Prediction, abstention: "Abstention | None" = None) -> dict[str, object]:
    """A prediction as a row of a table.

    Args:
        abstention: Gives the row a column `abstained`; where that is true, there is no emotion, and the last warning
            says why. The probabilities stay.
    """
    values: dict[str, object] = {
        "id": prediction.id,
        "emotion": prediction.emotion,
        "probabilities": {name: round(value, DIGITS) for name, value in prediction.probabilities.items()},
        "modalities": list(prediction.modalities),
        "warnings": list(prediction.warnings),
    }
    if abstention is None:
        return values
    refused, why = abstention.of(prediction)
    warnings = [*prediction.warnings, *([why] if why else [])]
    return values | {"emotion": None if refused else prediction.emotion, "warnings": warnings, "abstained": refused}


def example_row(emotions: Sequence[str], *, abstains: bool = False) -> dict[str, object]:
    """A row with every column filled, for `open_writer(like=...)`.

    Args:
        abstains: Whether rows have the column `abstained`.
    """
    full = Prediction("1", emotions[0], dict.fromkeys(emotions, 1 / len(emotions)), ("text", "image"), ("cut",))
    return row(full) | ({"abstained": True} if abstains else {})


def predict_table(
    classifier: "EmotionClassifier",
    table: PostsTable,
    out: Path,
    *,
    resume: bool = False,
    abstention: "Abstention | None" = None,
    progress: Count | None = None,
) -> None:
    """Predict the posts of a table into a file, which appears when it is complete.

    Args:
        out: .jsonl, .csv or .parquet.
        resume: Keep the rows of an interrupted run (`OUT.partial`) and continue after them.
        abstention: See `row`.
        progress: See `predict_rows`.

    Raises:
        TableError: The file cannot be written, or what it already has does not belong to this job.
    """
    writer = open_writer(out, resume=resume, like=example_row(classifier.emotions, abstains=abstention is not None))
    if resume and out.exists() and not writer.partial.exists():
        raise TableError(f"{out}: is complete, nothing is left to do; to predict again, leave out --resume")
    with ExitStack() as opened:
        opened.enter_context(writer)
        model = digest(classifier.folder / "manifest.json")
        if abstention is not None:  # rows of another share are rows of another model
            model = hashlib.sha256(f"{model} {abstention.share}".encode()).hexdigest()
        if classifier.reads_pictures:  # and so are rows with words in pictures
            model = hashlib.sha256(f"{model} read pictures".encode()).hexdigest()
        read = opened.enter_context(ReadPosts(writer.partial, model=model, keep=resume))
        writer.keep(read.keep(writer.rows_done))
        kept = read.digests(read.keep(writer.rows_done))
        for post_digest, prediction_row in _predict(classifier, table, kept, progress, True, abstention):
            read.add(post_digest)
            writer.write(prediction_row)
    read.remove()


class ReadPosts:
    """By which model and from which posts the rows of a half-made file are, so that no others are put beside them.

    `NAME.partial.read` has the model's digest, then one of each row's post, in the order of the rows.

    Args:
        partial: The half-made file, which nobody else is writing.
        model: The model's digest, in hexadecimal digits.
        keep: Whether to continue what is there.

    Raises:
        TableError: What is there is by another model.
    """

    SIZE = 16  # bytes of a digest

    def __init__(self, partial: Path, *, model: str, keep: bool) -> None:
        self.path = partial.with_name(f"{partial.name}.read")
        self._partial, self._model = partial, bytes.fromhex(model)[: self.SIZE]
        self._keep = keep

    def __enter__(self) -> Self:
        try:
            self._file = open_own(self.path, keep=self._keep)
        except OSError as error:
            raise TableError(f"{self.path}: cannot be written ({error.strerror})") from error
        return self

    def keep(self, rows: int) -> int:
        """Keep the digests of so many rows; gives of how many there are any."""
        self._file.seek(0)
        before = self._file.read(self.SIZE)
        if rows and before != self._model:
            lost = f"{self.path.name} is missing, without which its posts cannot be told"
            what = "its rows are from another model" if before else lost
            raise TableError(f"{self._partial}: {what}; to predict again, leave out --resume")
        kept = sum(1 for _ in takewhile(self._is_whole, self.digests(rows)))
        self._file.seek(0)
        self._file.write(self._model)
        self._file.truncate(self._file.seek((1 + kept) * self.SIZE))
        if not kept:  # so that a power cut costs digests, not what they are by
            os.fsync(self._file.fileno())
        return kept

    def _is_whole(self, post_digest: bytes) -> bool:
        """Whether a digest reached the disk: a power cut leaves a part of one, or NULs."""
        return len(post_digest) == self.SIZE and any(post_digest)

    def digests(self, rows: int) -> Iterator[bytes]:
        """The digests of the first rows."""
        with self.path.open("rb") as file:
            file.seek(self.SIZE)
            yield from (file.read(self.SIZE) for _ in range(rows))

    def add(self, post_digest: bytes) -> None:
        """Keep what the next row is from."""
        self._file.write(post_digest)
        self._file.flush()  # before the row: a row without its post is predicted again

    def remove(self) -> None:
        """The file is complete, and this of no more use."""
        self.path.unlink(missing_ok=True)

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # a full disk, which the rows have met as well
            self._file.close()


def digest_of(post: Post) -> bytes:
    """A digest of all that a model can read of a post; of a picture's file, its name and size."""
    image: object = post.image
    if isinstance(post.image, bytes):
        image = hashlib.sha256(post.image).digest()
    elif post.image is not None:
        with suppress(OSError, ValueError):
            image = (post.image.name, post.image.stat().st_size)
    content = repr((post.id, post.title, post.text, image, sorted(post.other.items())))
    return hashlib.blake2b(content.encode("utf-8", "backslashreplace"), digest_size=ReadPosts.SIZE).digest()


def predict_rows(
    classifier: "EmotionClassifier",
    table: PostsTable,
    *,
    abstention: "Abstention | None" = None,
    progress: Count | None = None,
) -> Iterator[dict[str, object]]:
    """Predict the posts of a table, in constant memory.

    A post with nothing readable goes to the table's quarantine and gets no row.

    Args:
        abstention: See `row`.
        progress: Called after each post with the number done in this run, and the number left out so far.
    """
    return (prediction_row for _, prediction_row in _predict(classifier, table, (), progress, False, abstention))


def _predict(
    classifier: "EmotionClassifier",
    table: PostsTable,
    kept: Iterable[bytes],
    progress: Count | None,
    digests: bool,
    abstention: "Abstention | None",
) -> Iterator[tuple[bytes, dict[str, object]]]:
    """Digests of posts and their rows.

    Args:
        kept: Digests of the rows that an interrupted run has written, in order; their posts are left out. The table is
            still read from its start, so that the quarantine is complete.
        digests: Whether to compute any; they are empty otherwise.

    Raises:
        TableError: The kept rows are not the first ones of this table.
    """
    left_out = 0

    def posts() -> Iterator[tuple[Post, bytes, bool]]:
        nonlocal left_out
        waiting_for = iter(kept)
        expected = next(waiting_for, None)
        for post in table:
            post_digest = digest_of(post) if digests else b""
            if post_digest == expected:
                expected = next(waiting_for, None)
                left_out += 1
            else:
                yield post, post_digest, expected is not None
        if expected is not None:
            raise TableError(f"{table.path}: a post of the kept rows is missing or was changed; {_AGAIN}")

    answers = with_answers(posts(), lambda asked: classifier.stream(post for post, _, _ in asked))
    for done, ((post, post_digest, was_unread), prediction) in enumerate(answers, 1):
        if prediction.emotion is None:
            detail = "; ".join(prediction.warnings)
            reason = "nothing could be read"
            table.quarantine.add(post.id, post.row, reason, detail=detail, table=str(table.path))
        elif was_unread:
            raise TableError(f"{table.path}: post {post.id!r} is not among the kept rows, or was changed; {_AGAIN}")
        else:
            yield post_digest, row(prediction, abstention)
        if progress:
            progress(done, left_out)
