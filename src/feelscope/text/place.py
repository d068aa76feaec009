"""Where something stands in the words of a post."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """In `title` or `text`, from `start` to `end`, half-open, in characters of that field."""

    field: str
    start: int
    end: int
