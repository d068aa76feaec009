"""The order of events: ask a source for its next page, save it with its cursor, report progress.

And later: ask it which posts it still has, and remove the others, as the platforms' terms ask.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from feelscope.progress import Count
from feelscope.store import CollectedPost, Page, Store

ASKED_AGAIN = 24 * 3600  # seconds; a post that was asked about within the last day is not asked about again


class Source(Protocol):
    """A place that posts come from.

    Attributes:
        name: Its cursors are kept under this name.
        at_once: The most posts that `still_there` takes.
        queries: What it is asked for, one query after the other; each has a cursor of its own.
    """

    name: str
    at_once: int

    @property
    def queries(self) -> Iterable[str]: ...

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """Pages from a cursor on; None starts at the beginning."""

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts that the source still has, by one call."""


@runtime_checkable
class AsksAgain(Protocol):
    """A source that can ask again for a span of time of which posts may be missing."""

    def again(self, query: str, start: int, end: int) -> list[str]:
        """The arguments of `feelscope collect POSTS.DB` that do so."""


@runtime_checkable
class Refreshes(Protocol):
    """A source that gives whole posts where it is asked which of them it still has."""

    def as_they_are(self, posts: Sequence[CollectedPost]) -> tuple[set[str], list[CollectedPost]]:
        """The ids of those posts that the source still has, and the posts that can be read, as they are now."""


@dataclass(slots=True)
class Outcome:
    """What a run did.

    Args:
        found: Posts that came.
        new: Those that the database did not have.
        notes: What a person should know.
        gaps: Query, start and end in Unix seconds: posts of these spans of time may be missing.
        was_complete: Queries that had nothing left before the run.
        left_out: How many posts were not kept, by reason; see `Page`.
    """

    found: int = 0
    new: int = 0
    notes: list[str] = field(default_factory=list)
    gaps: list[tuple[str, int, int]] = field(default_factory=list)
    was_complete: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


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
        cursor, done = store.cursor(source.name, query) or (None, False)
        if done:
            outcome.was_complete.append(query)
            continue
        if limit is not None and outcome.found >= limit:
            break
        for page in source.pages(query, cursor):
            outcome.new += store.save(source.name, query, page)
            outcome.found += len(page.posts)
            outcome.notes += [f"{query}: {note}" for note in page.notes]
            outcome.left_out.update(page.left_out)
            outcome.gaps += [(query, *gap) for gap in page.gaps]
            progress(outcome)
            if page.done or (limit is not None and outcome.found >= limit):
                break
    return outcome


def sync(
    store: Store,
    sources: Sequence[Source],
    *,
    limit: int | None = None,
    now: Callable[[], float] = time.time,
    progress: Count = lambda checked, removed: None,
) -> tuple[int, int]:
    """Ask about every post of the sources, those not asked about for longest first, and remove what is gone.

    Where a source gives whole posts, they are refreshed. Every answer is saved before the next question, so that a
    stopped run continues where it was. A removed post is never saved again.

    Args:
        limit: The most posts to ask about.

    Returns:
        How many posts were asked about, and how many removed.
    """
    checked = removed = 0
    for source in sources:
        before = int(now()) - ASKED_AGAIN
        while limit is None or checked < limit:
            room = source.at_once if limit is None else min(source.at_once, limit - checked)
            posts = store.least_checked(source.name, before, room)
            if not posts:
                break
            if isinstance(source, Refreshes):
                there, current = source.as_they_are(posts)
            else:
                there, current = source.still_there(posts), []
            removed += store.checked(posts, [post for post in posts if post.id not in there], int(now()), current)
            checked += len(posts)
            progress(checked, removed)
    return checked, removed
