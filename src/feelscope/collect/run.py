"""The order of events: ask a source for its next page, save it with its cursor, report progress."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from feelscope.store import CollectedPost, Page, Store


class Source(Protocol):
    """A place that posts come from."""

    @property
    def name(self) -> str:
        """Its cursors are kept under this name."""

    @property
    def at_once(self) -> int:
        """The most posts that `still_there` takes."""

    @property
    def queries(self) -> Sequence[str]:
        """What it is asked for, one query after the other; each has a cursor of its own."""

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """Pages from a cursor on; None starts at the beginning."""

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts that the source still has, by one call."""


@dataclass(slots=True)
class Outcome:
    """What a run did.

    Args:
        found: Posts that came.
        new: Those that the database did not have.
        notes: What a person should know.
        gaps: Query, start and end in Unix seconds: posts of these spans of time may be missing.
        was_complete: Queries that had nothing left before the run.
        complete: Queries that have nothing left now.
    """

    found: int = 0
    new: int = 0
    notes: list[str] = field(default_factory=list)
    gaps: list[tuple[str, int, int]] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    was_complete: list[str] = field(default_factory=list)


def collect(
    store: Store,
    source: Source,
    *,
    limit: int | None = None,
    restart: bool = False,
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Collect what a source has, from where the last run stopped.

    Args:
        limit: Stop after the page that brings this run to so many posts; None takes all.
        restart: Forget the cursors first, to get what is new at the top.
        progress: Called after every page.
    """
    outcome = Outcome()
    for query in source.queries:
        if restart:
            store.forget_cursor(source.name, query)
        kept = store.cursor(source.name, query)
        if kept is not None and kept[1]:
            outcome.was_complete.append(query)
            outcome.complete.append(query)
            continue
        if limit is not None and outcome.found >= limit:
            break
        for page in source.pages(query, None if kept is None else kept[0]):
            outcome.new += store.save(source.name, query, page)
            outcome.found += len(page.posts)
            outcome.notes += [f"{query}: {note}" for note in page.notes]
            outcome.gaps += [(query, *gap) for gap in page.gaps]
            if page.done:
                outcome.complete.append(query)
            progress(outcome)
            if page.done or (limit is not None and outcome.found >= limit):
                break
    return outcome
