"""Predictions as a report needs them: the answer, how sure, what was read, and when, by whom and in which groups."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import TableError
from feelscope.explain.structure.predicted_posts import Predictions, rows_in_step
from feelscope.post import Post
from feelscope.report.settings import Settings
from feelscope.table import PostsTable
from feelscope.table.columns import FIELDS, find_columns
from feelscope.table.settings import reading
from feelscope.table.times import read_moment

MODALITIES = "modalities"  # the one column of a prediction itself that may make groups
_OWN = ("id", "emotion", "probabilities", MODALITIES, "warnings", "abstained")
_NEVER = 9999  # the year that databases write for no date


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """One post's prediction.

    Args:
        answer: The number of the emotion; None where the answer was refused.
        probabilities: (K,).
        read: What was read of the post.
        day: None where the post has no date.
        author: Empty if not known.
        values: Of the columns that make groups, in their order; empty if there is none.
    """

    id: str
    answer: int | None
    probabilities: np.ndarray
    read: str
    warnings: Sequence[str]
    day: date | None
    author: str
    values: tuple[str, ...]


class PredictedPosts:
    """A file of predictions, and maybe the table it was made from; may be iterated again.

    Args:
        posts: Where columns, dates and authors are; None finds them among the predictions, kept by `predict --keep`.

    Attributes:
        has_dates, has_authors: Whether there is such a column.

    Raises:
        TableError: It is no file of predictions, or a column that is asked for is in neither.
    """

    def __init__(self, path: Path, settings: Settings, posts: PostsTable | None = None) -> None:
        self.path, self._posts = path, posts
        self._predictions = Predictions(path)
        self.emotions = self._predictions.emotions
        columns = self._predictions.columns()
        self._kept = [name for name in columns if name not in _OWN and not name.startswith("probabilities.")]
        self._standard = find_columns(self._kept, {}, path)
        given = {} if posts is None else posts.columns
        self.has_dates = "created_at" in {**self._standard, **given}
        self.has_authors = "author" in {**self._standard, **given}
        self._values = [self._find(name) for name in settings.by]
        if (settings.over or settings.event) and not self.has_dates:
            where = f"{posts.path} has no created_at column" if posts else "the predictions have no created_at column"
            hint = "name one with --columns created_at=NAME" if posts else _how_to_bring("created_at")
            raise TableError(f"{path}: {where}; {hint}")

    def __iter__(self) -> Iterator[Predicted]:
        numbers = {name: number for number, name in enumerate(self.emotions)}
        date_column, author_column = self._standard.get("created_at"), self._standard.get("author")
        order = reading().dates
        for post, id, probabilities, row in self._rows():
            emotion = row.get("emotion")
            refused = emotion in (None, "")
            answer = numbers.get(str(emotion))
            day = None
            if post is not None and post.created_at is not None:
                day = post.created_at.date()
            elif date_column is not None and (moment := read_moment(row.get(date_column), order)) is not None:
                day = moment.when.date()
            author = post.author if post is not None else ""
            if not author and author_column is not None:
                author = _text(row.get(author_column))
            yield Predicted(
                id,
                None if refused else int(probabilities.argmax()) if answer is None else answer,
                probabilities,
                " and ".join(_listed(row.get(MODALITIES))),
                _listed(row.get("warnings")),
                None if day is not None and day.year == _NEVER else day,
                author,
                tuple(value(post, row) for value in self._values),
            )

    def _rows(self) -> Iterator[tuple[Post | None, str, np.ndarray, Mapping[str, object]]]:
        if self._posts is None:
            for id, probabilities, row in self._predictions.rows():
                yield None, id, probabilities, row
        else:
            for post, probabilities, row in rows_in_step(self._posts, self._predictions):
                yield post, post.id, probabilities, row

    def _find(self, name: str) -> Callable[[Post | None, Mapping[str, object]], str]:
        """What gives the value of a column."""
        if name == MODALITIES:
            return lambda post, row: " and ".join(_listed(row.get(MODALITIES)))
        if self._posts is not None:
            standard = next((one for one, column in self._posts.columns.items() if name in (one, column)), "")
            if standard in FIELDS:
                return lambda post, row: _text(getattr(post, standard))
            if standard or name in self._posts.types:
                return lambda post, row: "" if post is None else _text(post.other.get(standard or name))
        of_table = f"given_{name}"  # where a prediction has such a column of its own
        known = [one for one in (name, of_table, self._standard.get(name)) if one in self._kept]
        if known:
            return lambda post, row: _text(row.get(known[0]))
        columns = [*(() if self._posts is None else self._posts.types), *self._kept, MODALITIES]
        where = self.path if self._posts is None else f"{self._posts.path}"
        hint = did_you_mean(name, columns)
        if self._posts is None:
            hint += f"{'' if hint.endswith('?') else ';'} otherwise {_how_to_bring(name)}"
        raise TableError(f"--by {name}: {where} has no such column; {hint}")


def _how_to_bring(name: str) -> str:
    return f"give the table they were made from with --posts TABLE, or predict again with --keep {name}"


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return " ".join(str(value).split())


def _listed(value: object) -> list[str]:
    """The texts of a list; in a CSV it is joined by bars."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return [one for one in str(value or "").split("|") if one]
