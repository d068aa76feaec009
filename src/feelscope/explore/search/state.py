"""The state of an exploration: query, subject, span of time and emotion. Every view is a function of it alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from feelscope.config import did_you_mean
from feelscope.emotions import SEVEN
from feelscope.errors import ExploreError
from feelscope.explore.search.area import Area
from feelscope.explore.search.query_text import parse_query

KEYS = ("query", "subject", "from", "to", "emotion", "area")  # as addresses and JSON write them
FACETS = ("source", "author", "tags")  # that every archive may have; other columns are those of `build --facets`
LONGEST = 1_000  # letters of a query or a subject
HOW_MAPPED = "feelscope explore build TABLE INDEX --rebuild --map draws one"


@dataclass(frozen=True, slots=True)
class State:
    """What is asked: (Q, F, T, E).

    Args:
        query: Words that a post must all have, and `"phrases in quotes"`; empty for every post.
        subject: As the vocabulary writes it; None for none.
        start: First day of the span, `YYYY-MM-DD` in UTC; None for the archive's first.
        end: The day after its last one; None for the archive's.
        emotion: One of the archive's; None for all.
        facets: Facets and the value that posts must have of each.
        area: The part of the map that posts must be in; None for all posts, those that are not on it too.
    """

    query: str = ""
    subject: str | None = None
    start: str | None = None
    end: str | None = None
    emotion: str | None = None
    facets: tuple[tuple[str, str], ...] = ()
    area: Area | None = None

    @classmethod
    def read(cls, values: Mapping[str, str | None], facets: Sequence[str] = ()) -> "State":
        """Read a state as addresses and JSON write it; what is empty is as if it were not there.

        Args:
            facets: Those of the archive.

        Raises:
            ExploreError: A name that a state does not have, or an area that is none.
        """
        keys = {facet_key(name): name for name in facets}
        for name in values:
            if name not in KEYS and name not in keys:
                raise ExploreError(f"a state has no {name[:40]!r}; {did_you_mean(name[:40], [*KEYS, *keys])}")
        query, subject, start, end, emotion, area = (values.get(name) or None for name in KEYS)
        chosen = tuple((name, value) for key, name in keys.items() if (value := values.get(key)))
        return cls(query or "", subject, start, end, emotion, chosen, Area.read(area) if area else None)

    def with_facet(self, name: str, value: str) -> "State":
        """The same with one value of a facet, instead of the one that may be there."""
        return replace(self, facets=tuple({**dict(self.facets), name: value}.items()))


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
        facets: Those that any post has a value of.
        mapped: Whether posts have a place on a map.
    """

    posts: int
    start: str | None = None
    end: str | None = None
    emotions: tuple[str, ...] = ()
    undated: int = 0
    pictures: bool = False
    name: str = ""
    facets: tuple[str, ...] = ()
    mapped: bool = False


def facet_key(name: str) -> str:
    """The key of a facet in addresses and JSON; columns have a prefix, as they may be called like any other key."""
    return name if name in FACETS else f"facet.{name}"


def in_usual_order(emotions: Collection[str]) -> tuple[str, ...]:
    """The seven first, in their order, then others by name."""
    return tuple(sorted(emotions, key=lambda name: (SEVEN.index(name) if name in SEVEN else len(SEVEN), name)))


def settle(state: State, facts: Facts) -> State:
    """A state as the archive can answer it: the span cut to the archive's, and None where it is all of it.

    Raises:
        ExploreError: A text that is too long or no Unicode, a query that cannot be read, an emotion that no post has, a
            facet or a map that the archive has not, a day that is not one, a span that is empty or outside the archive.
    """
    for name, text in (("query", state.query), ("subject", state.subject), ("emotion", state.emotion)):
        _check_text(name, text or "")
    parse_query(state.query)
    for name, value in state.facets:
        if name not in facts.facets:
            raise ExploreError(f"the archive has no facet {name[:40]!r}; {did_you_mean(name[:40], facts.facets)}")
        _check_text(name, value)
    if state.emotion is not None and state.emotion not in facts.emotions:
        raise ExploreError(f"no post has the emotion {state.emotion!r}; {did_you_mean(state.emotion, facts.emotions)}")
    if state.area is not None and not facts.mapped:
        raise ExploreError(f"the archive has no map to take a part of; {HOW_MAPPED}")
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
