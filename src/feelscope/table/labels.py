"""The label in a row: a word, a number that the file has a name for, or the one column of 0 and 1 that is 1."""

from collections.abc import Iterable, Mapping, Sequence

from feelscope.emotions import meaning
from feelscope.errors import TableError
from feelscope.table.cells import is_empty, read_words
from feelscope.table.quarantine import BadRow
from feelscope.table.raters import AGREEMENT, RATERS, Votes

# What programs write for "nothing here"; "none" is no emotion either. Capitals do not count.
NULL_WORDS = frozenset(("nan", "none", "null", "na", "n/a", "<na>", "#n/a", "-", "--"))
SEVERAL = "several emotions in one row, and none has most of them"
_BITS = {"0": False, "0.0": False, "1": True, "1.0": True}


def label_of(value: object, names: Sequence[str]) -> tuple[str, str]:
    """Read a label.

    Args:
        value: A text or a number; of a list, as several raters give one, the label of most.
        names: Of the labels that are numbers, by the number; empty where numbers have no names.

    Returns:
        The label, empty for none; and the null word in its place, if there is one.

    Raises:
        BadRow: It is no text, or a list without a label of most.
    """
    if isinstance(value, list) and value:
        if len(value) > 1:
            return _of_most([_one(label, names)[0] for label in value]), ""
        (value,) = value
    return _one(value, names)


def _one(value: object, names: Sequence[str]) -> tuple[str, str]:
    if names and isinstance(value, int) and not isinstance(value, bool):
        return (names[value] if 0 <= value < len(names) else ""), ""
    label = read_words("emotion", value).strip()
    return ("", label) if label.lower() in NULL_WORDS else (label, "")


def votes_of(labels: Sequence[str], name: str = "emotion") -> dict[str, object]:
    """The cells of a post that several raters labelled; none where nobody did, the labels as a list where they tie.

    Args:
        name: Of the label's cell.
    """
    try:
        label, raters, agreement = _count(labels).verdict()
    except BadRow:
        return {name: [*labels]}
    return {name: label} | ({RATERS: raters, AGREEMENT: agreement} if raters > 1 else {}) if label else {}


def _of_most(labels: Sequence[str]) -> str:
    try:
        return _count(labels).verdict()[0]
    except BadRow as tie:
        raise BadRow(SEVERAL, tie.detail, broken=False) from None


def _count(labels: Sequence[str]) -> Votes:
    votes = Votes(b"")
    for label in labels:
        votes.add(label, meaning)
    return votes


class OneHot:
    """Columns of 0 and 1, of which one says the emotion.

    Args:
        first: The rows that tell which columns these are.
        taken: Columns that are something else.
        path: For messages.

    Raises:
        TableError: There are not two such columns.
    """

    def __init__(self, first: Iterable[Mapping[str, object] | BadRow], taken: Iterable[str], path: object) -> None:
        rows = [row for row in first if not isinstance(row, BadRow)]
        others = dict.fromkeys(name for row in rows for name in row if name not in set(taken))
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
