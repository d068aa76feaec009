"""The label in a row: a word, a number that the file has a name for, or the one column of 0 and 1 that is 1."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from feelscope.emotions import is_emotion, meaning
from feelscope.errors import TableError
from feelscope.table.cells import is_empty, read_words
from feelscope.table.nested import read_nested
from feelscope.table.quarantine import BadRow
from feelscope.table.raters import AGREEMENT, RATERS, Votes
from feelscope.table.settings import AS_THEY_ARE, reading

# What programs write for "nothing here"; "none" is no emotion either. Capitals do not count.
NULL_WORDS = frozenset(("nan", "none", "null", "na", "n/a", "<na>", "#n/a", "-", "--"))
SEVERAL = "several emotions in one row, and none has most of them"
_BITS = {"0": False, "0.0": False, "1": True, "1.0": True}


@dataclass(frozen=True, slots=True)
class Label:
    """What a cell says of a post's emotion.

    Args:
        name: Empty for none.
        null_word: What was in its place, if anything.
        raters: How many there were, of a cell that has one label of each; otherwise 0.
        agreement: The share of them that agree.
    """

    name: str = ""
    null_word: str = ""
    raters: int = 0
    agreement: float = 0.0

    def cells(self) -> dict[str, object]:
        """What is told of several raters, as columns."""
        return {RATERS: self.raters, AGREEMENT: self.agreement} if self.raters > 1 else {}


NO_LABEL = Label()


def label_of(value: object, names: Sequence[str]) -> Label:
    """Read a label.

    Args:
        value: A text or a number; of a list, as several raters give one, the label of most. A list may be written as
            JSON, as Python prints it, or with # between its labels, as doccano does in CSV.
        names: Of the labels that are numbers, by the number; empty where numbers have no names.

    Raises:
        BadRow: It is no text, or a list without a label of most.
    """
    if isinstance(value, str) and ("#" in value or "[" in value):
        value = _listed(value)
    if isinstance(value, list) and value:
        if len(value) > 1:
            return _of_most([_one(label, names).name for label in value])
        (value,) = value
    return _one(value, names)


def _listed(text: str) -> object:
    """The list that a text has; the text itself where it has none."""
    if isinstance(found := read_nested(text), list):
        return found
    parts = [part.strip() for part in text.split("#")]
    return parts if all(parts) else text


def same_by(labels: str) -> Callable[[str], str]:
    """What labels have in common that are one: their meaning, or with `as-they-are` themselves in small letters."""
    return _as_they_are if labels == AS_THEY_ARE else meaning


def _as_they_are(label: str) -> str:
    return label.strip().lower()


def _one(value: object, names: Sequence[str]) -> Label:
    if names and isinstance(value, int) and not isinstance(value, bool):
        return Label(names[value] if 0 <= value < len(names) else "")
    label = read_words("emotion", value).strip()
    return Label(null_word=label) if label.lower() in NULL_WORDS else Label(label)


def _of_most(labels: Sequence[str]) -> Label:
    votes, same = Votes(b""), same_by(reading().labels)
    for label in labels:
        votes.add(label, same)
    try:
        name, raters, agreement = votes.verdict()
    except BadRow as tie:
        raise BadRow(SEVERAL, tie.detail, broken=False) from None
    return Label(name, raters=raters, agreement=agreement)


class OneHot:
    """Columns of 0 and 1, of which one says the emotion.

    Args:
        first: The rows that tell which columns these are.
        taken: Columns that are something else.
        path: For messages.
        emotions_alone: Whether only columns count that are called as an emotion is.

    Raises:
        TableError: There are not two such columns.
    """

    def __init__(
        self,
        first: Iterable[Mapping[str, object] | BadRow],
        taken: Iterable[str],
        path: object,
        *,
        emotions_alone: bool = False,
    ) -> None:
        rows = [row for row in first if not isinstance(row, BadRow)]
        not_these = {*taken}
        others = dict.fromkeys(name for row in rows for name in row if name not in not_these)
        if emotions_alone:
            others = dict.fromkeys(filter(is_emotion, others))
        self.columns = tuple(name for name in others if all(_bit(row.get(name)) is not None for row in rows))
        if len(self.columns) < 2:
            raise TableError(
                f"{path}: --labels one-hot needs two or more columns of 0 and 1; name them by the emotions"
            )

    def label(self, row: Mapping[str, object]) -> str:
        """The column that is 1; empty where none is.

        Raises:
            BadRow: Several are.
        """
        ones = [name for name in self.columns if _bit(row.get(name))]
        if len(ones) > 1:
            raise BadRow("several emotions in one row", ", ".join(ones), broken=False)
        return ones[0].strip() if ones else ""


def _bit(value: object) -> bool | None:
    """A cell of 0 or 1, or a truth value that is no word; None for any other. Nothing is 0."""
    return False if is_empty(value) else value if isinstance(value, bool) else _BITS.get(str(value).strip())
