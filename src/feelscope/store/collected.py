"""The frozen shapes that sources hand over: a post as it was collected, and a page of them.

A `CollectedPost` is the gate of posts.db: it is checked when it is made, by a source or of a row of a database that may
be anybody's, and what cannot be stored is a `BadRow`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feelscope.table import BadRow
from feelscope.table.cells import DEEPEST
from feelscope.table.times import is_in_calendar
from feelscope.text.html import is_address
from feelscope.text.json_lines import LONGEST

LONGEST_ID = 1000  # characters
_LONGEST = {  # of each text, in characters
    **{"source": LONGEST_ID, "id": LONGEST_ID, "author": LONGEST, "url": LONGEST, "licence": LONGEST},
    **{"title": LONGEST, "text": LONGEST},
}
_INTEGERS = range(-(2**63), 2**63)  # what SQLite and Parquet call one


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where a picture is on the web: http or https, and nothing else; a file of this machine is never one."""

    url: str

    def __post_init__(self) -> None:
        if not is_address(self.url):
            raise BadRow("the picture's address is not one of the web", str(self.url)[:100])

    @classmethod
    def of(cls, value: object) -> "WebAddress | None":
        """A foreign value as an address; None where it is none."""
        return cls(value) if isinstance(value, str) and is_address(value) else None


@dataclass(frozen=True, slots=True)
class CollectedPost:
    """One post as a source gives it, sound: texts without NUL and half characters, integers of 64 bits, real times.

    Args:
        source: `tumblr`, `reddit`, `flickr`, or the name of a file's origin.
        id: Unique within the source.
        created_at: Unix seconds; None if not known.
        author: Plain; hashed when saved.
        image: Where its first picture is on the web, or the picture's content; None for no picture. A file is read by
            who was told of it by the user: no database names files.
        votes: Score, notes or raters that agree.
        other: Further columns; JSON values. One that cannot be stored is left out.

    Raises:
        BadRow: It cannot be stored.
    """

    source: str
    id: str
    created_at: int | None = None
    author: str = ""
    title: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    image: WebAddress | bytes | None = None
    votes: int | None = None
    licence: str = ""
    other: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            self._check()
        except BadRow as bad:
            if isinstance(self.id, str) and bad.id is None:
                bad.id = sound(self.id[:LONGEST_ID])
            raise

    def _check(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise BadRow("no id", repr(self.id)[:100])
        if sound(self.id) != self.id:  # mended, it might be another post's
            raise BadRow("its id has a NUL or half a character")
        for name, longest in _LONGEST.items():
            object.__setattr__(self, name, _words(name, getattr(self, name), longest))
        if self.created_at is not None and not (_is_whole(self.created_at) and is_in_calendar(self.created_at)):
            raise BadRow("its time is none that a calendar has", repr(self.created_at)[:100])
        if self.votes is not None and not _is_whole(self.votes):
            raise BadRow("its votes are no whole number of 64 bits", repr(self.votes)[:100])
        if not isinstance(self.image, WebAddress | bytes | None):
            raise BadRow("its picture is neither an address nor a picture", type(self.image).__name__)
        object.__setattr__(self, "tags", tuple(sound(tag) for tag in self.tags))
        object.__setattr__(self, "other", _further(self.other))

    @property
    def key(self) -> str:
        """The post's id in every table."""
        return f"{self.source}:{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    """What one step of a source gave.

    Args:
        cursor: Where the source continues after this page; JSON values.
        notes: What a person should know: gaps, wrong order, posts left out.
        gaps: Spans of time, from and to in Unix seconds, of which posts may be missing.
        left_out: How many posts were not kept, by a reason that goes on "left out: 3 posts ...".
        done: Whether this is the last page.
        times: When the rows of the answer came to their place, kept or not, in Unix seconds; empty takes the posts'.
    """

    posts: Sequence[CollectedPost]
    cursor: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    done: bool = False
    gaps: tuple[tuple[int, int], ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    times: Sequence[int] = ()


def sound(text: str) -> str:
    """A text without NUL and lone surrogates, which no file format takes."""
    return text.replace("\0", "").encode(errors="replace").decode()


def _words(name: str, value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise BadRow(f"its {name} is no text", type(value).__name__)
    if len(value) > longest:
        raise BadRow(f"its {name} is over {longest} characters")
    return sound(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INTEGERS


def _further(columns: Mapping[str, object]) -> dict[str, object]:
    """Further columns as the database keeps them; one that it cannot keep is left out."""
    kept: dict[str, object] = {}
    room = LONGEST
    for name, value in columns.items():
        plain = _plain(value, DEEPEST)
        room -= len(name) + (len(plain) if isinstance(plain, str) else len(json.dumps(plain)))
        if room >= 0:
            kept[sound(name)] = plain
    return kept


def _plain(value: object, depth: int) -> object:
    """A JSON value that every format takes: numbers finite, larger integers as text; None for what is none."""
    match value:
        case str():
            return sound(value)
        case bool():
            return value
        case int():
            return value if value in _INTEGERS else _digits(value)
        case float():
            return value if math.isfinite(value) else None
        case list() | tuple() if depth:
            return [_plain(inner, depth - 1) for inner in value]
        case Mapping() if depth:
            return {sound(str(name)): _plain(inner, depth - 1) for name, inner in value.items()}
    return None


def _digits(number: int) -> str | None:
    try:
        return str(number)
    except ValueError:  # more digits than Python turns into text
        return None
