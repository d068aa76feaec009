"""The frozen shapes that sources hand over: a post as it was collected, and a page of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class CollectedPost:
    """One post as a source gives it.

    Args:
        source: `tumblr`, `reddit`, `flickr`, or the name of a file's origin.
        id: Unique within the source.
        created_at: Unix seconds; None if not known.
        author: Plain; hashed when saved.
        image: The address of the first picture, its file, or its bytes; empty for none.
        votes: Score, notes or raters that agree.
        other: Further columns; JSON values.
    """

    source: str
    id: str
    created_at: int | None = None
    author: str = ""
    title: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    image: str | Path | bytes = ""
    votes: int | None = None
    licence: str = ""
    other: Mapping[str, object] = field(default_factory=dict)

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
        done: Whether this is the last page.
    """

    posts: Sequence[CollectedPost]
    cursor: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    done: bool = False
    gaps: tuple[tuple[int, int], ...] = ()
