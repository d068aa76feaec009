"""A post as engines hold it: the fields that are searched and counted, and what is only shown."""

import functools
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from feelscope.post import DIGITS
from feelscope.table.times import iso

SHOWN = ("id", "title", "text", "image", "emotion", "created_at", "author", "url", "source", "probabilities", "facets")
# Field to its kind: `exact` are the words of `text.search_words` between blanks, in several values so that no phrase
# runs from title into text, or into what words are beside themselves; `words` are the stems of the same, each once.
FIELDS: Mapping[str, str] = {
    "id": "keyword",
    "exact": "words",
    "words": "stems",
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


def field_kinds(emotions: Sequence[str], facets: Sequence[str]) -> dict[str, str]:
    """Every field and its kind: those above, the probability of each emotion, and the values of each facet."""
    fractions = dict.fromkeys(map(probability_field, emotions), "fraction")
    return {**FIELDS, **fractions, **dict.fromkeys(map(facet_field, facets), "keywords")}


@functools.lru_cache(1000)
def probability_field(emotion: str) -> str:
    """The field with the probability of an emotion, as `p_fear`; names that no engine takes are hashed."""
    return f"p_{_plain(emotion)}"


@functools.lru_cache(1000)
def facet_field(name: str) -> str:
    """The field with the values of a facet, as `facet_source`."""
    return f"facet_{_plain(name)}"


def _plain(name: str) -> str:
    return name if re.fullmatch("[a-z0-9_]+", name) else f"{zlib.crc32(name.encode()):08x}"


def document(row: Mapping[str, Any], number: int, subjects: Sequence[int], emotions: Sequence[str]) -> dict[str, Any]:
    """A post as engines hold it.

    Args:
        row: Of a shard of tagged posts.
        number: Of the post in the archive; tells posts of one second apart.
        subjects: The numbers of those of its subjects that the vocabulary has.
        emotions: What the row's probabilities are of, in their order.
    """
    exact = row["words"] + row["beside"]
    fields: dict[str, Any] = {"id": row["id"], "exact": exact, "words": row["stems"], "subject": subjects}
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
    if row["facets"]:
        fields["facets"] = row["facets"]
    for name, values in {"source": row["source"], "author": row["author"], **row["facets"]}.items():
        if values:
            fields[facet_field(name)] = values
    if row["probabilities"]:
        by_name = zip(emotions, row["probabilities"], strict=True)
        shown = {name: round(value, DIGITS) for name, value in by_name if value is not None}
        fields["probabilities"] = shown
        fields.update(zip(map(probability_field, shown), shown.values(), strict=True))
    return fields
