"""The state of an exploration: query, subject, span of time and emotion. Every view is a function of it alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from feelscope.config import did_you_mean
from feelscope.emotions import SEVEN
from feelscope.errors import ExploreError

KEYS = ("query", "subject", "from", "to", "emotion")  # as addresses and JSON write them
LONGEST = 1_000  # letters of a query or a subject


@dataclass(frozen=True, slots=True)
class State:
    """What is asked: (Q, F, T, E).

    Args:
        query: Words that a post must all have, and `"phrases in quotes"`; empty for every post.
        subject: As the vocabulary writes it; None for none.
        start: First day of the span, `YYYY-MM-DD` in UTC; None for the archive's first.
        end: The day after its last one; None for the archive's.
        emotion: One of the archive's; None for all.
    """

    query: str = ""
    subject: str | None = None
    start: str | None = None
    end: str | None = None
    emotion: str | None = None

    @classmethod
    def read(cls, values: Mapping[str, str | None]) -> "State":
        """Read a state as addresses and JSON write it; what is empty is as if it were not there.

        Raises:
            ExploreError: A name that a state does not have.
        """
        for name in values:
            if name not in KEYS:
                raise ExploreError(f"a state has no {name!r}; {did_you_mean(name, KEYS)}")
        query, subject, start, end, emotion = (values.get(name) or None for name in KEYS)
        return cls(query or "", subject, start, end, emotion)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a state is checked against.

    Args:
        posts: Number of posts.
        start: Day of the first post, None where no post has a date.
        end: The day after that of the last post.
        emotions: As the posts have them.
        undated: Posts without a date; they match the whole span only.
        pictures: Whether any post has a picture.
        name: What people call the archive.
    """

    posts: int
    start: str | None = None
    end: str | None = None
    emotions: tuple[str, ...] = ()
    undated: int = 0
    pictures: bool = False
    name: str = ""


def in_usual_order(emotions: Collection[str]) -> tuple[str, ...]:
    """The seven first, in their order, then others by name."""
    return tuple(sorted(emotions, key=lambda name: (SEVEN.index(name) if name in SEVEN else len(SEVEN), name)))


def settle(state: State, facts: Facts) -> State:
    """A state as the archive can answer it: the span cut to the archive's, and None where it is all of it.

    Raises:
        ExploreError: A text that is too long or no Unicode, an emotion that no post has, a day that is not one, a span
            that is empty or outside the archive.
    """
    for name, text in (("query", state.query), ("subject", state.subject), ("emotion", state.emotion)):
        _check_text(name, text or "")
    if state.emotion is not None and state.emotion not in facts.emotions:
        raise ExploreError(f"no post has the emotion {state.emotion!r}; {did_you_mean(state.emotion, facts.emotions)}")
    if state.start is None and state.end is None:
        return state
    start, end = (None if day is None else _day(day) for day in (state.start, state.end))
    if facts.start is None or facts.end is None:
        raise ExploreError("no post of this archive has a date; ask without a span")
    if start is not None and end is not None and start >= end:
        raise ExploreError(f"expected a span that ends after it begins, and found {start} to {end}")
    first, last = max(start or facts.start, facts.start), min(end or facts.end, facts.end)
    if first >= last:
        asked = f"{start or '...'} to {end or '...'}"
        raise ExploreError(f"{asked} is outside the archive, whose posts are from {facts.start} to {facts.end}")
    is_whole = (first, last) == (facts.start, facts.end)
    return replace(state, start=None, end=None) if is_whole else replace(state, start=first, end=last)


def _check_text(name: str, text: str) -> None:
    if len(text) > LONGEST:
        raise ExploreError(f"{name} is longer than {LONGEST:,} letters; shorten it")
    try:
        text.encode()
    except UnicodeEncodeError as error:  # half a surrogate pair: a byte of an argument that was no UTF-8
        raise ExploreError(f"{name}: expected text in UTF-8, and found {text[error.start]!r} in it") from None


def _day(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:  # 2012W011 is one too, for Python
            return text
    except ValueError:
        pass
    raise ExploreError(f"expected a day as YYYY-MM-DD and found {text[:40]!r}")
