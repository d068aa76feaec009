"""Regressions of an emotion on columns of the posts, from predictions of all and labels of a few."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import EstimateError
from feelscope.estimate.labelled import Labelled
from feelscope.estimate.predictions import Batch
from feelscope.metrics.design_based import FOLDS, Coefficients, fit_reading, outcome, regress
from feelscope.table.cells import is_empty

MOST_VALUES = 30  # of a column of names, each of which is a coefficient; ours
_ROWS = 65_536  # at once


@dataclass(frozen=True, slots=True)
class Regression:
    """An emotion regressed on columns.

    Args:
        names: P: `constant`, a column of numbers, or `column=value` of a column of names, less its most frequent value.
        base: Column of names to that value.
        corrected: By design-based supervised learning.
        plain: As if the predictions were facts.
        left_out: Posts of which a column is empty.
    """

    emotion: str
    names: tuple[str, ...]
    base: dict[str, str]
    corrected: Coefficients
    plain: Coefficients
    posts: int
    labelled: int
    left_out: int
    logistic: bool


def regression(
    batches: Callable[[], Iterable[Batch]],
    emotions: tuple[str, ...],
    labelled: Labelled,
    emotion: str,
    columns: Sequence[str],
    *,
    logistic: bool = False,
) -> Regression:
    """Regress whether a post has an emotion on columns of the posts.

    Args:
        batches: Gives all predictions with these columns, again for each call.
        columns: Of numbers, or of names such as a party.
        logistic: Whether the coefficients are of log odds; else of the share.

    Raises:
        EstimateError: An unknown emotion, a column with too many values or none, or too few labels.
        FeelscopeError: The covariates say the same.
    """
    if emotion not in emotions:
        raise EstimateError(f"--emotion {emotion}: no emotion of the predictions; {did_you_mean(emotion, emotions)}")
    coded, posts, found = _coding(batches(), columns, labelled)
    names = ("constant", *(name for column in coded for name in column.names))
    width = len(names)
    with tempfile.TemporaryFile() as file:  # covariates, probability, answer, label, chance: read again and again
        left_out, known = 0, []
        place = emotions.index(emotion)
        for batch in batches():
            rows, kept = _rows(batch, coded)
            left_out += len(batch.ids) - len(kept)
            label, chance = np.full(len(kept), np.nan), np.ones(len(kept))
            for row, at in enumerate(kept):
                if (id := batch.ids[at]) in labelled.emotions:
                    label[row] = labelled.emotions[id] == emotion
                    chance[row] = labelled.inclusion.get(id, found / posts)
            answer = batch.probabilities[kept].argmax(axis=1) == place
            further = np.column_stack([batch.probabilities[kept, place], answer, label, chance])
            np.hstack([rows, further]).astype(np.float64).tofile(file)
            known.append(further[~np.isnan(label)])
        sample = np.concatenate(known)
        if not len(sample):
            raise EstimateError(f"{labelled.path}: no labelled post has all of the columns {', '.join(columns)}")
        folds = np.arange(len(sample)) % FOLDS
        reading = fit_reading(sample[:, 2], sample[:, 0], sample[:, 3], folds)

        def stored() -> Iterator[np.ndarray]:
            file.seek(0)
            while (block := np.fromfile(file, np.float64, _ROWS * (width + 4))).size:
                yield block.reshape(-1, width + 4)

        def corrected() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            done, other = 0, 0
            for block in stored():
                label, chance = block[:, -2], block[:, -1]
                is_known = ~np.isnan(label)
                number = int(is_known.sum())
                own = np.empty(len(block), np.int64)
                own[is_known] = (done + np.arange(number)) % FOLDS
                own[~is_known] = (other + np.arange(len(block) - number)) % FOLDS
                done, other = done + number, other + len(block) - number
                read = reading(block[:, -4], own)
                read[is_known] = outcome(read[is_known], label[is_known], chance[is_known])
                yield block[:, :width], read

        def plain() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            yield from ((block[:, :width], block[:, -3]) for block in stored())

        kept_posts = posts - left_out
        fitted = regress(corrected, width, len(sample), logistic=logistic)
        naive = regress(plain, width, kept_posts, logistic=logistic)
    base = {column.name: column.values[0] for column in coded if column.values}
    return Regression(emotion, names, base, fitted, naive, kept_posts, len(sample), left_out, logistic)


@dataclass(frozen=True, slots=True)
class _Column:
    """A covariate: of numbers, or of names, the most frequent first."""

    name: str
    values: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [f"{self.name}={value}" for value in self.values[1:]] if self.values else [self.name]

    def coded(self, cells: Sequence[object]) -> np.ndarray:
        """The numbers of some cells, (B, coefficients); NaN for an empty one."""
        if not self.values:
            return np.array([[_number(cell)] for cell in cells], np.float64).reshape(-1, 1)
        table = np.full((len(cells), len(self.values)), np.nan)
        places = {value: place for place, value in enumerate(self.values)}
        for row, cell in enumerate(cells):
            if not is_empty(cell):
                table[row] = 0
                table[row, places[str(cell).strip()]] = 1
        return table[:, 1:]


def _coding(batches: Iterable[Batch], columns: Sequence[str], labelled: Labelled) -> tuple[list[_Column], int, int]:
    """What kind each column is; how many posts there are, and how many of them are labelled."""
    values: dict[str, Counter[str]] = {column: Counter() for column in columns}
    numbers = dict.fromkeys(columns, True)
    posts = found = 0
    for batch in batches:
        posts += len(batch.ids)
        found += sum(id in labelled.emotions for id in batch.ids)
        for column in columns:
            for cell in batch.columns[column]:
                if is_empty(cell):
                    continue
                if numbers[column] and np.isnan(_number(cell)):
                    numbers[column] = False
                if len(values[column]) <= MOST_VALUES:
                    values[column][str(cell).strip()] += 1
    coded = []
    for column in columns:
        counts = values[column]
        if len(counts) < 2:
            raise EstimateError(
                f"column {column!r} has {'one value' if counts else 'no value'}; it can explain nothing"
            )
        if not numbers[column] and len(counts) > MOST_VALUES:
            raise EstimateError(
                f"column {column!r} has over {MOST_VALUES} different names; give one of numbers, or of fewer names"
            )
        names = () if numbers[column] else tuple(value for value, _ in counts.most_common())
        coded.append(_Column(column, names))
    return coded, posts, found


def _rows(batch: Batch, coded: Sequence[_Column]) -> tuple[np.ndarray, np.ndarray]:
    """The covariates with their constant, (B', P), of the posts that have all; and which posts those are."""
    constant = np.ones((len(batch.ids), 1))
    table = np.hstack([constant, *(column.coded(batch.columns[column.name]) for column in coded)])
    kept = np.flatnonzero(~np.isnan(table).any(axis=1))
    return table[kept], kept


def _number(cell: object) -> float:
    try:
        return float(str(cell).strip())
    except ValueError:
        return float("nan")
