"""Remove from the database what its source no longer has, as the platforms' terms ask."""

import time
from collections.abc import Callable, Sequence

from feelscope.collect.run import Source
from feelscope.progress import Count
from feelscope.store import Store

ASKED_AGAIN = 24 * 3600  # seconds; a post that was asked about within the last day is not asked about again


def sync(
    store: Store,
    sources: Sequence[Source],
    *,
    limit: int | None = None,
    now: Callable[[], float] = time.time,
    progress: Count = lambda checked, removed: None,
) -> tuple[int, int]:
    """Ask about every post of the sources, those not asked about for longest first, and remove what is gone.

    Every answer is saved before the next question, so that a stopped run continues where it was. A removed post is
    never saved again.

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
            there = source.still_there(posts)
            removed += store.checked(posts, [post for post in posts if post.id not in there], int(now()))
            checked += len(posts)
            progress(checked, removed)
    return checked, removed
