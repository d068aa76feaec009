"""Label Studio's export: tasks in JSON, each with its data and what each rater chose, or a row for each rating.

    data, annotations: result             JSON
    annotator, annotation_id, lead_time   JSON-MIN, CSV and TSV: a row for each rating

The emotion is what most raters chose in the control that is named so (emotion, label, feeling), or in the first.
A task that a rater skipped has no vote of theirs, and a model's predictions are no votes.
Source: Label Studio's documentation of its export formats.
"""

from feelscope.table.columns import STANDARD_COLUMNS
from feelscope.table.layouts.record import Record, Row, dig, records
from feelscope.table.nested import read_nested

_RATED = ("annotations", "completions")  # the second in versions before 1.0
_OF_RATING = ("annotation_id", "annotator", "created_at", "updated_at", "lead_time")  # in the short form
_NAMES = ("emotion", *STANDARD_COLUMNS["emotion"])


def is_mine(record: Record) -> bool:
    """Whether it is a task, or a row of the short form (JSON-MIN)."""
    if isinstance(record.get("data"), dict):
        return any(isinstance(record.get(name), list) for name in _RATED)
    return "annotation_id" in record and "lead_time" in record and "annotator" in record


def rows(record: Record) -> list[Row]:
    """The row of a task."""
    if not isinstance(record.get("data"), dict):
        return [{name: _chosen(value) for name, value in record.items() if name not in _OF_RATING}]
    row = ({"id": record["id"]} if "id" in record else {}) | record["data"]
    if labels := [label for _, label in ratings(record)]:
        row["emotion"] = labels
    return [row]


def ratings(record: Record) -> list[tuple[str, str]]:
    """Who chose what in a task, or in a row of the short form; those who skipped it or chose nothing are left out."""
    if not isinstance(record.get("data"), dict):
        chosen = next((record[name] for name in _NAMES if name in record), None)
        return [(_rater(record.get("annotator")), chosen)] if isinstance(chosen, str) and chosen else []
    rated = [one for name in _RATED for one in records(record.get(name)) if not one.get("was_cancelled")]
    return [(_rater(one.get("completed_by")), label) for one in rated if (label := _label(one))]


def _rater(said: object) -> str:
    """A name for a rater: the mail address, or the names, or the number."""
    if isinstance(said, dict):
        names = f"{said.get('first_name') or ''} {said.get('last_name') or ''}".strip()
        said = said.get("email") or names or said.get("username") or said.get("id")
    return str(said).strip() if isinstance(said, str | int) else ""


def _label(rating: Record) -> str:
    """What a rater chose; several are joined by bars."""
    controls = [one for one in records(rating.get("result")) if isinstance(dig(one, "value", "choices"), list)]
    named = [one for one in controls if str(one.get("from_name")).casefold() in _NAMES]
    choices = dig(named or controls, 0, "value", "choices") or []
    return "|".join(choice for choice in choices if isinstance(choice, str))


def _chosen(value: object) -> object:
    """A cell of the short form, where several choices are an object, in CSV as text."""
    if isinstance(value, str) and value[:1] == "{":
        value = read_nested(value) or value
    choices = dig(value, "choices")
    return choices if isinstance(choices, list) else value
