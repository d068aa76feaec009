"""doccano's export of classified texts: JSON Lines with a list of labels, one of each rater that gave one.

    id, text, label: ["joy", "joy"]                   since 1.0; a label's number where it has no name
    id, text, annotations: [{"label": 3, "user": 1}]  before, where labels are numbers

Source: doccano's documentation of its export formats.
"""

from typing import Any

from feelscope.table.layouts.record import Record, Row, dig

_LABELS = ("label", "labels", "annotations")


def is_mine(record: Record) -> bool:
    """Whether it is a text with a list of labels; lists of marked spans are none."""
    if "id" not in record or not ("text" in record or "data" in record):
        return False
    found = [record[name] for name in _LABELS if isinstance(record.get(name), list)]
    return len(found) == 1 and all(type(_label(one)) in (str, int) for one in found[0])


def rows(record: Record) -> list[Row]:
    """The row of a text."""
    row = {name: value for name, value in record.items() if name not in _LABELS}
    if "text" not in row:
        row["text"] = row.pop("data")
    labels = ratings(record)
    return [row | ({"label": labels} if labels else {})]


def ratings(record: Record) -> list[str]:
    """The labels of a text; who gave them is not said."""
    labels = next(record[name] for name in _LABELS if isinstance(record.get(name), list))
    return [str(_label(one)) for one in labels]


def _label(one: Any) -> object:
    """A label, or what a rating of before 1.0 says that it is."""
    return one if not isinstance(one, dict) or "start_offset" in one else dig(one, "label")
