"""A stretch of a post's words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """In `title` or `text`, from `start` to `end`, half-open, in characters of that field."""

    field: str
    start: int
    end: int
