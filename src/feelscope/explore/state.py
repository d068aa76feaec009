"""The state of an exploration: query, subject, span of time and emotion. Every view is a function of it alone."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from feelscope.errors import ExploreError

KEYS = ("query", "subject", "from", "to", "emotion")  # as addresses and JSON write them


@dataclass(frozen=True, slots=True)
class State:
    """What is asked: (Q, F, T, E).

    Args:
        query: Words that must all stand in a post, and `"phrases in quotes"`; empty for every post.
        subject: As the vocabulary writes it; None for none.
        start: First day of the span, `YYYY-MM-DD` in UTC; None for the archive's first.
        end: The day behind its last; None for the archive's last.
        emotion: One of the archive's; None for all.
    """

    query: str = ""
    subject: str | None = None
    start: str | None = None
    end: str | None = None
    emotion: str | None = None

    @classmethod
    def read(cls, given: Mapping[str, str | None]) -> "State":
        """Read a state as addresses and JSON write it; what is empty is as if it were not there.

        Raises:
            ExploreError: A name that is not of a state.
        """
        for name in given:
            if name not in KEYS:
                raise ExploreError(f"a state has {', '.join(KEYS)}, and no {name!r}{close_match(name, KEYS)}")
        query, subject, start, end, emotion = (given.get(name) or None for name in KEYS)
        return cls(query or "", subject, start, end, emotion)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a state is checked against.

    Args:
        posts: Number of posts.
        start: Day of the first post, None where no post has a date.
        end: The day behind that of the last post.
        emotions: As the posts have them.
        undated: Posts without a date; they match the whole span only.
        pictures: Whether any post has a picture.
        name: What people call the archive.
    """

    posts: int
    start: str | None
    end: str | None
    emotions: tuple[str, ...]
    undated: int = 0
    pictures: bool = False
    name: str = ""


def settle(state: State, facts: Facts) -> State:
    """A state as the archive can answer it: the span cut to the archive's, and None where it is all of it.

    Raises:
        ExploreError: An emotion the archive has not, a date that is none, a span that is empty or outside the archive.
    """
    if state.emotion is not None and state.emotion not in facts.emotions:
        known = ", ".join(facts.emotions)
        raise ExploreError(
            f"no post has the emotion {state.emotion!r}{close_match(state.emotion, facts.emotions)}; {known}"
        )
    if state.start is None and state.end is None:
        return state
    start, end = (None if day is None else _day(day) for day in (state.start, state.end))
    if facts.start is None or facts.end is None:
        raise ExploreError("no post of this archive has a date; ask without a span")
    if start is not None and end is not None and start >= end:
        raise ExploreError(f"expected a span that ends after it begins, and found {start} to {end}; `to` is not within")
    if (start is not None and start >= facts.end) or (end is not None and end <= facts.start):
        given = f"{start or '...'} to {end or '...'}"
        raise ExploreError(f"{given} is outside of the archive, whose posts are from {facts.start} to {facts.end}")
    start = None if start is None or start <= facts.start else start
    end = None if end is None or end >= facts.end else end
    if start is None and end is None:
        return replace(state, start=None, end=None)
    return replace(state, start=start or facts.start, end=end or facts.end)


def close_match(name: str, known: Iterable[str]) -> str:
    """Words that offer the name most like a wrong one; none where no name is like it."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _day(text: str) -> str:
    """A day as it is compared, from how people write it."""
    try:
        day = date.fromisoformat(text).isoformat()
        if day != text:  # 2012W011 is one too, for Python
            raise ValueError
        return day
    except ValueError:
        raise ExploreError(f"expected a day as YYYY-MM-DD and found {text!r}") from None
