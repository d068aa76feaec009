"""A post as engines hold it: the fields that are searched and counted, and what is only shown."""

import functools
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from feelscope.explore.search.chance import chance_of
from feelscope.post import DIGITS, Post
from feelscope.table.times import iso
from feelscope.text.search_words import words_and_more

SHOWN = ("id", "title", "text", "image", "emotion", "created_at", "author", "url", "source", "score", "facets")
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
    "sure": "number",
    "length": "number",
    "alike": "key",
    "pictured": "yes",
    "sample": "levels",
    "mentions": "number",
}
MAP_FIELDS: Mapping[str, str] = {"chance": "numbers", "felt": "numbers", "x": "number", "y": "number"}
SMALLEST_SAMPLE = 10  # the last level: one post of 1,024
_TIES = 24  # bits of `order`, `sure` and `length` that tell equals apart
_LONGEST = 2**30  # words that `length` counts
_EARLIEST = 2**36  # seconds that are added so that `order` is never negative
_UNDATED = 2**39 - 1


def field_kinds(emotions: Sequence[str], facets: Sequence[str], *, mapped: bool = False) -> dict[str, str]:
    """Every field and its kind: those above, the probability of each emotion, the values of each facet, and the map."""
    fractions = dict.fromkeys(map(probability_field, emotions), "fraction")
    kinds = {**FIELDS, **fractions, **dict.fromkeys(map(facet_field, facets), "keywords")}
    return {**kinds, **MAP_FIELDS} if mapped else kinds


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


@functools.lru_cache(1000)
def felt_as(emotion: str) -> int:
    """The number by which `felt` knows an emotion, which engines can give of many posts at once."""
    return zlib.crc32(emotion.encode())


def map_fields(number: int, emotion: str, place: tuple[int, int] | None) -> dict[str, int]:
    """The fields of a post in an index that has a map.

    Args:
        number: Of the post in the archive.
        place: None for a post without one.
    """
    fields = {"chance": chance_of(number), "felt": felt_as(emotion)}
    return fields if place is None else {**fields, "x": place[0], "y": place[1]}


@functools.lru_cache(100)
def probability_fields(emotions: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some emotions, in their order."""
    return tuple(map(probability_field, emotions))


@functools.lru_cache(100_000)
def _day(number: int) -> str:
    """A day since 1970 as YYYY-MM-DD."""
    return iso(number * 86_400)[:10]


def alike_key(post: Post) -> str:
    """What posts of the same words in their title have in common, or in their text where they have no title."""
    texts = post.texts
    words = words_and_more(texts[0])[0] if texts else ()
    return _key_of(" ".join(words)) if words else ""


def _key_of(words: str) -> str:
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def sample_levels(id: str) -> list[int]:
    """Which samples a post is in, by the hash of its id: of level 1 is half of all posts, of level 2 half of those."""
    number = int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest()) | 1 << SMALLEST_SAMPLE
    return list(range(1, (number & -number).bit_length()))


def order_of(seconds: int | None) -> int:
    """The least `order` of posts of a second since 1970; of those without a date for None, which come last."""
    return (_UNDATED if seconds is None else seconds + _EARLIEST) << _TIES


def document(row: Mapping[str, Any], number: int, subjects: Sequence[int], emotions: tuple[str, ...]) -> dict[str, Any]:
    """A post as engines hold it.

    Args:
        row: Of a shard of tagged posts.
        number: Of the post in the archive; tells posts of one second apart.
        subjects: The numbers of those of its subjects that the vocabulary has.
        emotions: What the row's probabilities are of, in their order.
    """
    exact = row["words"] + row["beside"]
    fields: dict[str, Any] = {"id": row["id"], "exact": exact, "words": row["stems"], "subject": subjects}
    fields["mentions"] = len(subjects)
    seconds = row["created_at"]
    fields["order"] = order_of(seconds) | number % 2**_TIES
    if seconds is not None:
        day, second = _day(seconds // 86_400), seconds % 86_400
        fields["created_at"] = f"{day}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
        fields["month"] = day[:7]
    if row["emotion"]:
        fields["emotion"] = row["emotion"]
    tie = number % 2**_TIES
    sure = dict(zip(emotions, row["probabilities"] or (), strict=False)).get(row["emotion"]) or 0.0
    fields["sure"] = round(float(sure) * 10**DIGITS) << _TIES | (2**_TIES - 1 - tie)
    fields["length"] = min(sum(text.count(" ") + 1 for text in row["words"] if text), _LONGEST) << _TIES | tie
    if row["words"] and row["words"][0]:
        fields["alike"] = _key_of(row["words"][0])
    if levels := sample_levels(row["id"]):
        fields["sample"] = levels
    if row["score"] is not None:
        fields["score"] = row["score"]
    if row["image"]:
        fields["pictured"] = True
    for name in ("title", "text", "image", "author", "url", "source"):
        fields[name] = row[name]
    if row["source"]:
        fields["facet_source"] = row["source"]
    if row["author"]:
        fields["facet_author"] = row["author"]
    if row["facets"]:
        fields["facets"] = row["facets"]
        fields |= {facet_field(name): values for name, values in row["facets"].items()}
    if row["probabilities"]:
        names = probability_fields(emotions)
        by_name = zip(names, row["probabilities"], strict=True)
        fields |= {name: round(value, DIGITS) for name, value in by_name if value is not None}
    return fields
