"""doccano's export of classified texts: JSON Lines with a list of labels, one of each rater that gave one.

Source: doccano's documentation of its export formats.
"""

from feelscope.table.labels import votes_of
from feelscope.table.layouts.record import Record, Row

_LABELS = ("label", "labels")


def is_mine(record: Record) -> bool:
    """Whether it is a text with a list of labels; lists of marked spans are none."""
    if "id" not in record or not ("text" in record or "data" in record):
        return False
    found = [record[name] for name in _LABELS if isinstance(record.get(name), list)]
    return len(found) == 1 and all(isinstance(label, str) for label in found[0])


def rows(record: Record) -> list[Row]:
    """The row of a text."""
    row = {name: value for name, value in record.items() if name not in _LABELS}
    if "text" not in row:
        row["text"] = row.pop("data")
    return [{**row, **votes_of(ratings(record), "label")}]


def ratings(record: Record) -> list[str]:
    """The labels of a text; who gave them is not said."""
    return next(record[name] for name in _LABELS if isinstance(record.get(name), list))
