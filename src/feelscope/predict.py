"""Predict a posts table: one row per post, in the table's order; an interrupted run can be resumed."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from feelscope.errors import TableError
from feelscope.files import digest
from feelscope.memory import with_answers
from feelscope.post import DIGITS, Post, Prediction
from feelscope.progress import Count
from feelscope.table import BadRow, PostsTable, open_writer
from feelscope.table.unused_pictures import count_warned
from feelscope.table.writing import open_own

if TYPE_CHECKING:
    from feelscope.saved_model.calibration import Abstention
    from feelscope.saved_model.classifier import EmotionClassifier

T = TypeVar("T")

_DIGESTS_AT_ONCE = 4096
_FLUSHED_EVERY = 0.05  # seconds; what a kill may cost
_SHOWN_EVERY = 1000  # kept rows
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
    writing: Count | None = None,
) -> None:
    """Predict the posts of a table into a file, which appears when it is complete.

    Args:
        out: .jsonl, .csv or .parquet.
        resume: Keep the rows of an interrupted run (`OUT.partial`) and continue after them.
        abstention: See `row`.
        progress: See `predict_rows`; when resuming, also called now and then while kept rows are found again.
        writing: Called now and then while the Parquet file is made in the end; see `open_writer`.

    Raises:
        TableError: The file cannot be written, or what it already has does not belong to this job.
    """
    # Rows of another share, or by other parts of a post, are rows of another model.
    share = None if abstention is None else abstention.share
    write_answers(
        classifier,
        table,
        out,
        lambda kept: _predict(classifier, table, kept, progress, abstention),
        like=example_row(classifier.emotions, abstains=abstention is not None),
        made=(share, classifier.reads_pictures, classifier.skip_pictures),
        resume=resume,
        progress=progress,
        writing=writing,
    )


def write_answers(
    classifier: "EmotionClassifier",
    table: PostsTable,
    out: Path,
    answers: "Callable[[KeptRows], Iterator[tuple[bytes, Mapping[str, object]]]]",
    *,
    like: Mapping[str, object],
    made: tuple[object, ...],
    resume: bool,
    progress: Count | None,
    writing: Count | None,
) -> None:
    """Write a row for each post of a table, so that an interrupted run can be resumed.

    Args:
        answers: Gives the digests of the posts that are not kept, and their rows.
        like: See `open_writer`.
        made: What else of the rows' making differs from run to run, beside model and columns.
        out, resume, progress, writing: See `predict_table`.

    Raises:
        TableError: As `predict_table`.
    """
    writer = open_writer(out, resume=resume, like=like, progress=writing)
    if resume and out.exists() and not writer.partial.exists():
        raise TableError(f"{out}: is complete, nothing is left to do; to do it again, leave out --resume")
    with ExitStack() as opened:
        opened.enter_context(writer)
        model = digest(classifier.folder / "manifest.json")
        # Rows from other columns are rows of another model.
        model = hashlib.sha256(repr((model, *made, sorted(table.columns.items()))).encode()).hexdigest()
        read = opened.enter_context(ReadPosts(writer.partial, model=model, keep=resume))
        writer.keep(read.keep(writer.rows_done))
        kept = KeptRows(table, read.digests(read.keep(writer.rows_done)), progress)
        for row_digest, answer in answers(kept):
            read.add(row_digest)
            writer.write(answer)
    read.remove()


class ReadPosts:
    """By which model and from which posts the rows of a half-made file are, so that no others are put beside them.

    `NAME.partial.read` has the model's digest, then one of each post's row in the table, in the order of the rows.

    Args:
        partial: The half-made file, which nobody else is writing.
        model: The model's digest, in hexadecimal digits.
        keep: Whether to continue what is there.

    Raises:
        TableError: What is there is by another model, or made in another way.
    """

    SIZE = 16  # bytes of a digest

    def __init__(self, partial: Path, *, model: str, keep: bool) -> None:
        self.path = partial.with_name(f"{partial.name}.read")
        self._partial, self._model = partial, bytes.fromhex(model)[: self.SIZE]
        self._keep = keep
        self._flushed = 0.0

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
            options = "--abstain, --read-pictures or --skip-pictures"
            others = f"its rows are from another model or other columns, or another {options}"
            what = others if before else lost
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
            for start in range(0, rows, _DIGESTS_AT_ONCE):
                block = file.read(min(rows - start, _DIGESTS_AT_ONCE) * self.SIZE)
                yield from (block[at : at + self.SIZE] for at in range(0, len(block), self.SIZE))

    def add(self, post_digest: bytes) -> None:
        """Keep what the next row is from; a row whose digest did not reach the file is predicted again."""
        self._file.write(post_digest)
        if (now := time.monotonic()) - self._flushed > _FLUSHED_EVERY:
            self._file.flush()
            self._flushed = now

    def remove(self) -> None:
        """The file is complete, and this of no more use."""
        self.path.unlink(missing_ok=True)

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # a full disk, which the rows have met as well
            self._file.close()


class KeptRows:
    """Which rows of a table an interrupted run has done: the first of those that have a prediction, in their order.

    Called for each row, in order, it tells whether the row is one of them.

    Args:
        digests: Of the rows that are kept, as `digest_of` gives them.
        progress: See `predict_table`.

    Attributes:
        digest: Of the row that came last.
        found: How many of them came by.
    """

    def __init__(self, table: PostsTable, digests: Iterable[bytes], progress: Count | None = None) -> None:
        self._table, self._progress = table, progress
        self._waiting = iter(digests)
        self._expected = next(self._waiting, None)
        self.digest, self.found = b"", 0

    def __call__(self, row: Mapping[str, object]) -> bool:
        self.digest = digest_of(row, self._table)
        if self.digest != self._expected:
            return False
        self._expected = next(self._waiting, None)
        self.found += 1
        if self._progress and self.found % _SHOWN_EVERY == 0:
            self._progress(0, self.found)
        return True

    @property
    def are_missing(self) -> bool:
        """Whether some have not come yet."""
        return self._expected is not None


def digest_of(row: Mapping[str, object], table: PostsTable) -> bytes:
    """A digest of all that a model can read of a row; of a picture's file, its name and size."""
    if (name := table.columns.get("image")) and row.get(name):
        row = {**row, name: _told_apart(row, table)}
    content = repr(row).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(content, digest_size=ReadPosts.SIZE).digest()


def _told_apart(row: Mapping[str, object], table: PostsTable) -> object:
    """What tells a row's picture from others without reading its file."""
    try:
        picture = table.picture(row)
    except BadRow as error:
        return error.reason
    if isinstance(picture, Path):
        with suppress(OSError, ValueError):
            return picture.name, picture.stat().st_size
    return hashlib.sha256(picture).digest() if isinstance(picture, bytes) else picture


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
    return (prediction_row for _, prediction_row in _predict(classifier, table, None, progress, abstention))


def _predict(
    classifier: "EmotionClassifier",
    table: PostsTable,
    kept: KeptRows | None,
    progress: Count | None,
    abstention: "Abstention | None",
) -> Iterator[tuple[bytes, dict[str, object]]]:
    """Digests of a table's rows, and their predictions as rows; see `answered`."""
    found = answered(table, kept, progress, lambda posts: ((one, None) for one in classifier.stream(posts)))
    for row_digest, prediction, _ in found:
        yield row_digest, row(prediction, abstention)


def answered(
    table: PostsTable,
    kept: KeptRows | None,
    progress: Count | None,
    answer: Callable[[Iterator[Post]], Iterable[tuple[Prediction, T]]],
) -> Iterator[tuple[bytes, Prediction, T]]:
    """Digests of a table's rows, and what a model answers to each in which something could be read.

    Args:
        kept: What an interrupted run has done is left out. The table is still read from its start, so that the
            quarantine is complete. None gives no digests.
        answer: Gives a prediction for each post, in order, and whatever else belongs to it.

    Raises:
        TableError: The kept rows are not the first ones of this table.
    """

    def posts() -> Iterator[tuple[Post, bytes, bool]]:
        if kept is None:
            yield from ((post, b"", False) for post in table)
            return
        for post in table.posts(kept):
            yield post, kept.digest, kept.are_missing
        if kept.are_missing:
            raise TableError(f"{table.path}: a post of the kept rows is missing or was changed; {_AGAIN}")

    answers = with_answers(posts(), lambda asked: answer(post for post, _, _ in asked))
    for done, ((post, row_digest, some_missing), (prediction, further)) in enumerate(answers, 1):
        count_warned(table.quarantine, post, prediction.warnings)
        if prediction.emotion is None:
            table.leave_out(post, "nothing could be read", "; ".join(prediction.warnings))
        elif some_missing:
            raise TableError(f"{table.path}: post {post.id!r} is not among the kept rows, or was changed; {_AGAIN}")
        else:
            yield row_digest, prediction, further
        if progress:
            progress(done, kept.found if kept else 0)
