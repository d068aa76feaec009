"""The labelled sample: a table of ids and emotions, maybe with the chance each post had of being drawn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.config import listed
from feelscope.emotions import match
from feelscope.errors import EstimateError
from feelscope.table import BadRow
from feelscope.table.cells import is_empty, read_id, read_words
from feelscope.table.columns import find_columns
from feelscope.table.opening import open_rows

INCLUSION = "inclusion_probability"  # the column that `plan` writes, and that `label --export` carries along


@dataclass(frozen=True, slots=True)
class Labelled:
    """What people said of some posts.

    Args:
        emotions: Post to emotion, as the model names it where it has such an emotion.
        inclusion: Post to its chance of being drawn; empty where the table does not say.
        unknown: Emotions that the model does not have, and how many posts have them.
        unlabelled: Rows without an emotion.
    """

    path: Path
    emotions: Mapping[str, str]
    inclusion: Mapping[str, float]
    unknown: Mapping[str, int]
    unlabelled: int


def read_labelled(path: Path, known: Sequence[str], columns: Mapping[str, str] | None = None) -> Labelled:
    """Read a labelled table.

    Args:
        known: The model's emotions.
        columns: Standard names to the table's, as `--columns` gives them.

    Raises:
        EstimateError: It has no label, two of one post, a chance outside (0, 1], or no emotion of the model.
        TableError: It cannot be read.
    """
    rows = open_rows(path)
    names = rows.columns()
    found = find_columns(names, columns or {}, path)
    for needed in ("id", "emotion"):
        if needed not in found:
            hint = f"it has {listed(names)}; name one with --columns {needed}=NAME"
            raise EstimateError(f"{path}: no {needed} column; {hint}")
    said: dict[str, str] = {}
    chances: dict[str, float] = {}
    unlabelled = 0
    for number, row in enumerate(rows, 1):
        try:
            if isinstance(row, BadRow):
                raise row
            id = read_id(row.get(found["id"]))
            emotion = read_words("emotion", row.get(found["emotion"])).strip()
        except BadRow as bad:
            raise EstimateError(f"{path}, row {number}: {bad.reason}; mend the row, or remove it") from None
        if not emotion:
            unlabelled += 1
            continue
        if id in said:
            raise EstimateError(f"{path}, row {number}: a second label of post {id!r}; keep one row a post")
        said[id] = emotion
        if INCLUSION in names and not is_empty(row.get(INCLUSION)):
            chances[id] = _chance(row[INCLUSION], f"{path}, row {number}")
    if not said:
        raise EstimateError(f"{path}: no labelled post; give each post that was labelled its emotion")
    if chances and len(chances) < len(said):
        missing = next(id for id in said if id not in chances)
        raise EstimateError(f"{path}: post {missing!r} has no {INCLUSION}, and others have; fill in all, or none")
    mapped, unknown = match(said.values(), known)
    if not mapped:
        raise EstimateError(
            f"{path}: none of its emotions ({listed(unknown)}) is one of the predictions' ({listed(known)}); "
            "rename them, or predict with a model that has them"
        )
    counts = Counter(emotion for emotion in said.values() if emotion not in mapped)
    named = {id: mapped.get(emotion, emotion) for id, emotion in said.items()}
    return Labelled(path, named, chances, dict(counts), unlabelled)


def _chance(value: object, where: str) -> float:
    try:
        chance = float(str(value))
    except ValueError:
        chance = float("nan")
    if not 0 < chance <= 1:
        raise EstimateError(f"{where}: {INCLUSION} is {str(value)[:40]!r}; expected a number above 0, at most 1")
    return chance
