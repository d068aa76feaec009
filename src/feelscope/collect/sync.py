"""Remove from the database what its source no longer has, as the platforms' terms ask."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from feelscope.collect.reddit import Reddit
from feelscope.progress import Count
from feelscope.store import CollectedPost, Store

AT_ONCE = 100  # posts, the most that Reddit tells about in one call
ASKED_AGAIN = 24 * 3600  # seconds; a post that was asked about within the last day is not asked about again


class AsksOne(Protocol):
    """A source that can be asked about one post."""

    @property
    def name(self) -> str: ...

    def gone(self, post: CollectedPost) -> bool:
        """Whether it is no longer there."""


def sync(
    store: Store,
    sources: Sequence[AsksOne | Reddit],
    *,
    limit: int | None = None,
    now: Callable[[], float] = time.time,
    progress: Count = lambda checked, removed: None,
) -> tuple[int, int]:
    """Ask about every post of the sources, those not asked about for longest first, and remove what is gone.

    What was asked stays known, so that a stopped run goes on where it was. A removed post is never saved again.

    Args:
        limit: The most posts to ask about.

    Returns:
        How many posts were asked about, and how many removed.
    """
    checked = removed = 0
    for source in sources:
        before = int(now()) - ASKED_AGAIN
        while limit is None or checked < limit:
            room = AT_ONCE if limit is None else min(AT_ONCE, limit - checked)
            posts = store.least_checked(source.name, before, room)
            if not posts:
                break
            for some, gone in _asked(source, posts):
                removed += store.checked(some, gone, int(now()))
                checked += len(some)
                progress(checked, removed)
    return checked, removed


def _asked(
    source: AsksOne | Reddit, posts: list[CollectedPost]
) -> Iterator[tuple[list[CollectedPost], list[CollectedPost]]]:
    """Posts that were asked about, and those of them that are gone, a call at a time."""
    if isinstance(source, Reddit):
        there = source.still_there(posts)
        yield posts, [post for post in posts if post.id not in there]
        return
    for post in posts:
        yield [post], [post] if source.gone(post) else []
