"""Shares of emotions: corrected by labelled posts, beside the plain count of predictions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from feelscope.errors import EstimateError
from feelscope.estimate.cells import ALL, Cell, Cells
from feelscope.estimate.labelled import Labelled
from feelscope.metrics.intervals import wilson
from feelscope.metrics.prediction_powered import Shares, corrected_shares, difference_of, labels_alone

LEAST = 3  # labelled posts, for any interval
LEAST_IN_GROUP = 10  # labelled posts of a group, for an interval of its own; ours
FEW = 20  # labelled posts in all, below which a warning is due


@dataclass(frozen=True, slots=True)
class Group:
    """The shares in one group of posts.

    Args:
        posts, labelled: How many there are.
        plain, plain_low, plain_high: The share of posts whose most probable emotion it is, with Wilson's interval, for
            which the predictions are facts; NaN for an emotion that the model does not have. (K,) each.
        corrected: None where too few posts are labelled.
        alone: What the labels say without the model.
    """

    name: str
    posts: int
    labelled: int
    plain: np.ndarray
    plain_low: np.ndarray
    plain_high: np.ndarray
    corrected: Shares | None
    alone: Shares | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of each emotion in one group less that in another, (K,) each; a NaN where it is not known."""

    group: str
    other: str
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    plain: np.ndarray


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found.

    Args:
        emotions: K: the model's, then others that people gave.
        total: All posts together.
        groups: One by one; none where no groups were asked for.
        drawn: Whether the chances of being labelled were given, and not taken to be the same for all.
        notes: What there is to know of the input, a sentence each.
    """

    emotions: tuple[str, ...]
    total: Group
    groups: tuple[Group, ...] = ()
    differences: tuple[Difference, ...] = ()
    drawn: bool = False
    beyond: bool = False
    notes: tuple[str, ...] = field(default=())


def estimate(
    cells: Cells, labelled: Labelled, *, grouped: bool = False, against: str = "", beyond: bool = False
) -> Estimate:
    """Estimate all shares.

    Args:
        grouped: Whether each group has shares of its own.
        against: The group that the others are compared with; empty takes the one of most posts.
        beyond: See `corrected_shares`.

    Raises:
        EstimateError: Too few posts are labelled, or there is no such group.
    """
    emotions = (*cells.emotions, *labelled.unknown)
    whole = _together(cells)
    if len(whole.labels) < LEAST:
        raise EstimateError(
            f"{labelled.path}: {len(whole.labels)} labelled posts have a prediction; {LEAST} are needed, "
            f"and {FEW} or more for intervals that are of use: feelscope estimate plan says how many"
        )
    total = _group(ALL, whole, emotions, labelled, beyond, LEAST)
    if not grouped:
        return Estimate(emotions, total, drawn=bool(labelled.inclusion), beyond=beyond, notes=_notes(cells, labelled))
    groups = tuple(
        _group(name, cells.by_name[name], emotions, labelled, beyond, LEAST_IN_GROUP) for name in sorted(cells.by_name)
    )
    by_name = {group.name: group for group in groups}
    if against and against not in by_name:
        raise EstimateError(f"--against {against}: no such group; there are {', '.join(list(by_name)[:20])}")
    first = by_name[against] if against else max(groups, key=lambda group: group.posts)
    differences = tuple(_difference(group, first) for group in groups if group is not first)
    drawn = bool(labelled.inclusion)
    notes = (*_notes(cells, labelled), *_notes_of_groups(groups))
    return Estimate(emotions, total, groups, differences, drawn, beyond, notes)


def _together(cells: Cells) -> Cell:
    width = len(cells.emotions)
    whole = Cell(np.zeros(width), np.zeros(width, np.int64))
    for cell in cells.by_name.values():
        whole.take(cell)
    return whole


def _group(name: str, cell: Cell, emotions: tuple[str, ...], labelled: Labelled, beyond: bool, least: int) -> Group:
    unknown = len(emotions) - len(cell.sums)
    plain = np.concatenate([cell.counts / max(cell.posts, 1), np.full(unknown, np.nan)])
    low, high = wilson(plain * cell.posts, cell.posts)
    corrected = alone = None
    if len(cell.labels) >= least:
        corrected, alone = shares_of(cell, emotions, labelled.inclusion, beyond)
    return Group(name, cell.posts, len(cell.labels), plain, low, high, corrected, alone)


def shares_of(
    cell: Cell, emotions: tuple[str, ...], inclusion: Mapping[str, float], beyond: bool = False
) -> tuple[Shares, Shares]:
    """The corrected shares of some posts, and those by the labels alone.

    Args:
        inclusion: Post to its chance of being labelled; empty where chance chose among all alike.
    """
    unknown = len(emotions) - len(cell.sums)
    places = {emotion: place for place, emotion in enumerate(emotions)}
    labels = np.eye(len(emotions))[[places[label] for label in cell.labels]]  # (n, K)
    probabilities = np.pad(np.array(cell.probabilities), ((0, 0), (0, unknown)))  # (n, K)
    means = np.pad(cell.sums / cell.posts, (0, unknown))
    alike = min(len(cell.labels) / cell.posts, 1.0)
    chances = np.array([inclusion.get(id, alike) for id in cell.ids])
    corrected = corrected_shares(labels, probabilities, means, chances, cell.posts, beyond=beyond)
    return corrected, labels_alone(labels, chances, cell.posts, beyond=beyond)


def _difference(group: Group, other: Group) -> Difference:
    plain = group.plain - other.plain
    if group.corrected is None or other.corrected is None:
        unknown = np.full(len(plain), np.nan)
        return Difference(group.name, other.name, unknown, unknown, unknown, plain)
    return Difference(group.name, other.name, *difference_of(group.corrected, other.corrected), plain)


def _notes(cells: Cells, labelled: Labelled) -> tuple[str, ...]:
    notes = []
    if cells.missing:
        first = cells.missing[0]
        notes.append(
            f"{labelled.path}: {len(cells.missing):,} labelled without a prediction left out, such as {first!r}"
        )
    if labelled.unlabelled:
        notes.append(f"{labelled.path}: {labelled.unlabelled:,} without an emotion left out")
    for emotion, number in labelled.unknown.items():
        notes.append(
            f"{labelled.path}: {emotion!r} ({number:,}) is no emotion of the model; its share is by labels alone"
        )
    found = sum(len(cell.labels) for cell in cells.by_name.values())
    if found < FEW:
        notes.append(f"only {found} posts are labelled: the intervals are wide, and rough; label {FEW} or more")
    if cells.without:
        notes.append(f"{cells.without:,} posts without a group or a date left out")
    return tuple(notes)


def _notes_of_groups(groups: tuple[Group, ...]) -> list[str]:
    none = [group.name for group in groups if not group.labelled]
    few = [group.name for group in groups if 0 < group.labelled < LEAST_IN_GROUP]
    notes = []
    for names, what in ((none, "no labelled post"), (few, f"under {LEAST_IN_GROUP} labelled posts")):
        if names:
            shown = ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
            notes.append(f"{what} in {shown}: no corrected share there; draw some with feelscope estimate plan")
    return notes
