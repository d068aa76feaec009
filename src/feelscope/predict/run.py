"""Predict the posts of a table into a file, or as they come."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from feelscope.errors import TableError
from feelscope.memory import with_answers
from feelscope.post import Post, Prediction
from feelscope.predict.keep import Kept, find_kept
from feelscope.predict.made import Made, settings_of
from feelscope.predict.resuming import AGAIN, KeptRows, ReadPosts
from feelscope.predict.rows import example_row, row
from feelscope.progress import Count
from feelscope.table import PostsTable, open_writer
from feelscope.table.unused_pictures import count_warned, count_warning

if TYPE_CHECKING:
    from feelscope.saved_model.calibration import Abstention
    from feelscope.saved_model.classifier import EmotionClassifier

T = TypeVar("T")

_READ_ALONE = {"text": "words", "image": "picture"}


def predict_table(
    classifier: "EmotionClassifier",
    table: PostsTable,
    out: Path,
    *,
    resume: bool = False,
    abstention: "Abstention | None" = None,
    keep: Sequence[str] = (),
    only: str = "",
    mark: bool = False,
    progress: Count | None = None,
    writing: Count | None = None,
) -> None:
    """Predict the posts of a table into a file, which appears when it is complete and says how it was made.

    Args:
        out: .jsonl, .csv or .parquet.
        resume: Keep the rows of an interrupted run (`OUT.partial`) and continue after them.
        abstention: See `row`.
        keep: Columns of the table that go along; see `find_kept`.
        only: `text` or `image` reads that of each post alone; posts without it are left out.
        mark: Whether a CSV begins with the mark of UTF-8, for spreadsheets.
        progress: See `predict_rows`; when resuming, also called now and then while kept rows are found again.
        writing: Called now and then while the Parquet file is made in the end; see `open_writer`.

    Raises:
        TableError: The file cannot be written, or what it already has does not belong to this job; or a column is not
            there.
    """
    kept_columns = find_kept(table, keep, out)
    settings = {**settings_of(classifier, abstention), "only": only or None}
    further = {"limit": table.limit, "keep": [*kept_columns.names.values()]}
    made = Made(classifier, settings | further, table)

    def before(done: Mapping[str, object]) -> None:
        made.add(done)
        count_warning(table.quarantine, done["warnings"])

    def rows(kept: KeptRows) -> Iterator[tuple[bytes, Mapping[str, object]]]:
        for _, row_digest, prediction_row in _predict(
            classifier, table, kept, progress, abstention, kept_columns, only
        ):
            made.add(prediction_row)
            yield row_digest, prediction_row

    write_answers(
        table,
        out,
        rows,
        like=example_row(classifier.emotions, abstains=abstention is not None) | dict(kept_columns.like),
        # Rows of another share, or by other parts of a post, are rows of another model.
        by=(made.model, *settings.values(), [*kept_columns.names.items()], mark),
        before=before,
        resume=resume,
        about=made.about,
        mark=mark,
        progress=progress,
        writing=writing,
    )


def write_answers(
    table: PostsTable,
    out: Path,
    answers: Callable[[KeptRows], Iterator[tuple[bytes, Mapping[str, object]]]],
    *,
    like: Mapping[str, object],
    by: tuple[object, ...],
    before: Callable[[Mapping[str, object]], None] | None = None,
    resume: bool,
    about: Callable[[], Mapping[str, object]] | None = None,
    mark: bool = False,
    progress: Count | None,
    writing: Count | None,
) -> None:
    """Write a row for each post of a table, so that an interrupted run can be resumed.

    Args:
        answers: Gives the digests of the posts that are not kept, and their rows.
        like, about, mark: See `open_writer`.
        by: By what the rows are made, beside the table's columns: the model's digest, and settings.
        before: Called with each row that an earlier run has done.
        out, resume, progress, writing: See `predict_table`.

    Raises:
        TableError: As `predict_table`.
    """
    writer = open_writer(out, resume=resume, like=like, progress=writing, about=about, mark=mark)
    if resume and out.exists() and not writer.partial.exists():
        raise TableError(f"{out}: is complete, nothing is left to do; to do it again, leave out --resume")
    with ExitStack() as opened:
        opened.enter_context(writer)
        made = (*by, sorted(table.columns.items()))  # rows from other columns are rows of another model
        model = hashlib.sha256(repr(made).encode("utf-8", "backslashreplace")).hexdigest()
        read = opened.enter_context(ReadPosts(writer.partial, model=model, keep=resume))
        writer.keep(read.keep(writer.rows_done))
        if before is not None:
            for done in writer.kept():
                before(done)
        kept = KeptRows(table, read.digests(read.keep(writer.rows_done)), progress)
        for row_digest, answer in answers(kept):
            read.add(row_digest)
            writer.write(answer)
    read.remove()


def write_predictions(
    classifier: "EmotionClassifier",
    predictions: Iterable[Prediction],
    out: Path,
    *,
    abstention: "Abstention | None" = None,
    mark: bool = False,
) -> None:
    """Write predictions of posts that come from no table, as `predict_table` does."""
    made = Made(classifier, settings_of(classifier, abstention))
    like = example_row(classifier.emotions, abstains=abstention is not None)
    with open_writer(out, like=like, about=made.about, mark=mark) as writer:
        for prediction in predictions:
            prediction_row = row(prediction, abstention)
            writer.write(prediction_row)
            made.add(prediction_row)


def _alone(post: Post, only: str) -> Post | None:
    """One modality of a post; None where it has none."""
    if only == "text":
        return replace(post.words_alone, warnings=()) if post.has_text else None
    if only == "image":
        return replace(post, text="", title="") if post.image is not None else None
    return post


def predict_rows(
    classifier: "EmotionClassifier",
    table: PostsTable,
    *,
    abstention: "Abstention | None" = None,
    keep: Sequence[str] = (),
    only: str = "",
    progress: Count | None = None,
) -> Iterator[dict[str, object]]:
    """Predict the posts of a table, in constant memory.

    A post with nothing readable goes to the table's quarantine and gets no row.

    Args:
        abstention: See `row`.
        keep, only: See `predict_table`.
        progress: Called after each post with the number done in this run, and the number left out so far.
    """
    asked = predict_posts(classifier, table, abstention=abstention, keep=keep, only=only, progress=progress)
    return (prediction_row for _, prediction_row in asked)


def predict_posts(
    classifier: "EmotionClassifier",
    table: PostsTable,
    *,
    abstention: "Abstention | None" = None,
    keep: Sequence[str] = (),
    only: str = "",
    progress: Count | None = None,
) -> Iterator[tuple[Post, dict[str, object]]]:
    """The same, each row with its post."""
    columns = find_kept(table, keep, None)
    for post, _, prediction_row in _predict(classifier, table, None, progress, abstention, columns, only):
        yield post, prediction_row


def _predict(
    classifier: "EmotionClassifier",
    table: PostsTable,
    kept: KeptRows | None,
    progress: Count | None,
    abstention: "Abstention | None",
    columns: Kept,
    only: str,
) -> Iterator[tuple[Post, bytes, dict[str, object]]]:
    """Posts, digests of their rows in the table, and their predictions as rows; see `answered`."""

    def answer(posts: Iterator[Post]) -> Iterator[tuple[Prediction, None]]:
        return ((prediction, None) for prediction in classifier.stream(posts))

    for one in answered(table, kept, progress, answer, columns, only):
        yield one.post, one.row_digest, row(one.prediction, abstention) | dict(one.along)


class Answered(NamedTuple, Generic[T]):
    """A post in which something could be read.

    Args:
        row_digest: Of its row in the table; empty where none are kept.
        along: Cells of its row that go along.
        further: What belongs to the prediction.
    """

    post: Post
    row_digest: bytes
    prediction: Prediction
    along: Mapping[str, object]
    further: T


def answered(
    table: PostsTable,
    kept: KeptRows | None,
    progress: Count | None,
    answer: Callable[[Iterator[Post]], Iterable[tuple[Prediction, T]]],
    columns: Kept | None = None,
    only: str = "",
) -> Iterator[Answered[T]]:
    """What a model answers to each post of a table in which something can be read.

    Args:
        kept: What an interrupted run has done is left out. The table is still read from its start, so that the
            quarantine is complete. None gives no digests.
        answer: Gives a prediction for each post, in order, and whatever else belongs to it.
        columns: Those of the table that go along.
        only: See `predict_table`.

    Raises:
        TableError: The kept rows are not the first ones of this table.
    """
    cells: dict[str, object] = {}  # of the row that comes as a post next

    def is_done(given: Mapping[str, object]) -> bool:
        nonlocal cells
        if kept is not None and kept(given):
            return True
        cells = columns.cells(given) if columns is not None and columns.names else {}
        return False

    def posts() -> Iterator[tuple[Post, bytes, bool, dict[str, object]]]:
        for whole in table.posts(is_done):
            if (post := _alone(whole, only)) is None:
                table.leave_out(whole, f"no {_READ_ALONE[only]} to be read alone", "")
                continue
            yield post, kept.digest if kept else b"", kept is not None and kept.are_missing, cells
        if kept is not None and kept.are_missing:
            raise TableError(f"{table.path}: a post of the kept rows is missing or was changed; {AGAIN}")

    answers = with_answers(posts(), lambda asked: answer(post for post, *_ in asked))
    for done, ((post, row_digest, some_missing, along), (prediction, further)) in enumerate(answers, 1):
        count_warned(table.quarantine, post, prediction.warnings)
        if prediction.emotion is None:
            table.leave_out(post, "nothing could be read", "; ".join(prediction.warnings))
        elif some_missing:
            raise TableError(f"{table.path}: post {post.id!r} is not among the kept rows, or was changed; {AGAIN}")
        else:
            yield Answered(post, row_digest, prediction, along, further)
        if progress:
            progress(done, kept.found if kept else 0)
