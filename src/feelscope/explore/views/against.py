"""What the posts of a state are compared with: those of other words, of another time, or everything else.

The other side is the state with one thing changed; subject and emotion count on both sides. *Everything else* is what
the words leave over of the same time; where there are no words, the posts of all other times.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from feelscope.errors import ExploreError
from feelscope.explore.search.request import Query, both, matching
from feelscope.explore.search.state import Facts, State, settle

REST = "rest"  # everything else
AGAINST_KEYS = ("against", "against_query", "against_from", "against_to")  # as addresses and JSON write them


@dataclass(frozen=True, slots=True)
class Against:
    """What is compared with, as it is asked.

    Args:
        query: Other words; None for those of the state.
        start, end: Another time, as of a state; both None for that of the state.
        rest: Everything else; then nothing of the others is given.
    """

    query: str | None = None
    start: str | None = None
    end: str | None = None
    rest: bool = False

    @classmethod
    def read(cls, values: Mapping[str, str | None]) -> "Against | None":
        """Read what addresses and JSON write; None where nothing is compared.

        Raises:
            ExploreError: `against` is a word other than `rest`, or is there beside another comparison.
        """
        word, query, start, end = (values.get(name) or None for name in AGAINST_KEYS)
        if word is None:
            return cls(query, start, end) if query or start or end else None
        if word != REST:
            raise ExploreError(f"against: expected {REST!r}, for everything else, and found {word[:40]!r}")
        if query or start or end:
            raise ExploreError("compare with everything else, or with other words or another time, and not with both")
        return cls(rest=True)


@dataclass(frozen=True, slots=True)
class Side:
    """The other side, settled: the posts of a state, or those that another state leaves over of them.

    Args:
        less: Whose posts are left out; all of them are the first state's too.
        by_time: Whether the two sides differ in their times alone.
    """

    state: State
    less: State | None = None
    by_time: bool = False

    def queries(
        self, subject: int | None = None, *, within: State | None = None, of_emotion: bool = True
    ) -> list[Query]:
        """One query, or two, the posts of the second of which are taken off those of the first.

        Args:
            within: Whose time is taken in place of that of either state.
        """
        states = [self.state] if self.less is None else [self.state, self.less]
        if within is not None:
            states = [replace(state, start=within.start, end=within.end) for state in states]
        return [matching(state, subject, of_emotion=of_emotion) for state in states]


def settle_against(against: Against, state: State, facts: Facts) -> Side:
    """The other side of a settled state.

    Raises:
        ExploreError: Nothing is left over, both sides are the same, or the archive cannot answer it.
    """
    if not against.rest:
        given = replace(state)
        if against.query is not None:
            given = replace(given, query=against.query)
        if against.start is not None or against.end is not None:
            given = replace(given, start=against.start, end=against.end)
        other = settle(given, facts)
        if other == state:
            raise ExploreError("both sides of the comparison are the same; change the words or the time of one")
        return Side(other, by_time=other.query == state.query)
    if state.query.strip():
        return Side(replace(state, query=""), less=state)
    if state.start is not None:
        return Side(replace(state, start=None, end=None), less=state, by_time=True)
    raise ExploreError("every post is in the question, so nothing else is left; ask for words or a time")


def in_both(state: State, side: Side, subject: int | None) -> Query:
    """Posts that are on both sides; they count on either."""
    return both(matching(state, subject), matching(side.state, subject))


def hull(state: State, side: Side | None) -> State:
    """The state over the times of both sides, from the first day of either to the last: what is drawn."""
    if side is None or state.start is None:
        return state
    if side.state.start is None or state.end is None or side.state.end is None:
        return replace(state, start=None, end=None)
    return replace(state, start=min(state.start, side.state.start), end=max(state.end, side.state.end))
