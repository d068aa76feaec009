"""A post as engines hold it: the fields that are searched and counted, and what is only shown."""

import functools
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from feelscope.post import DIGITS
from feelscope.table.times import iso

SHOWN = ("id", "title", "text", "image", "emotion", "created_at", "author", "url", "source", "probabilities")
# Field to its kind: `words` are stems between blanks, in two values so that no phrase runs from title into text.
FIELDS: Mapping[str, str] = {
    "id": "keyword",
    "words": "words",
    "emotion": "keyword",
    "subject": "numbers",
    "month": "keyword",
    "created_at": "date",
    "order": "number",
    "pictured": "yes",
}
_TIES = 24  # bits of `order` that tell posts of one second apart
_EARLIEST = 2**36  # seconds that are added so that `order` is never negative
_UNDATED = 2**39 - 1


def field_kinds(emotions: Sequence[str]) -> dict[str, str]:
    """Every field and its kind: those above, and the probability of each emotion."""
    return {**FIELDS, **dict.fromkeys(map(probability_field, emotions), "fraction")}


@functools.lru_cache(1000)
def probability_field(emotion: str) -> str:
    """The field with the probability of an emotion, as `p_fear`; names that no engine takes are hashed."""
    return f"p_{emotion}" if re.fullmatch("[a-z0-9_]+", emotion) else f"p_{zlib.crc32(emotion.encode()):08x}"


def document(row: Mapping[str, Any], number: int, subjects: Sequence[int], emotions: Sequence[str]) -> dict[str, Any]:
    """A post as engines hold it.

    Args:
        row: Of a shard of tagged posts.
        number: Of the post in the archive; tells posts of one second apart.
        subjects: The numbers of those of its subjects that the vocabulary has.
        emotions: What the row's probabilities are of, in their order.
    """
    fields: dict[str, Any] = {"id": row["id"], "words": row["words"], "subject": subjects}
    seconds = row["created_at"]
    fields["order"] = (_UNDATED if seconds is None else seconds + _EARLIEST) << _TIES | number % 2**_TIES
    if seconds is not None:
        fields["created_at"] = iso(seconds)
        fields["month"] = fields["created_at"][:7]
    if row["emotion"]:
        fields["emotion"] = row["emotion"]
    if row["image"]:
        fields["pictured"] = True
    for name in ("title", "text", "image", "author", "url", "source"):
        fields[name] = row[name]
    if row["probabilities"]:
        by_name = zip(emotions, row["probabilities"], strict=True)
        fields["probabilities"] = {name: round(value, DIGITS) for name, value in by_name if value is not None}
        fields |= {probability_field(name): value for name, value in fields["probabilities"].items()}
    return fields
