"""A collection that goes on: what is new is asked for again and again, from the newest back to what was there.

Its place is kept in the database beside that of the walk into the past, page by page: after a stop at any moment the
page that was on its way is asked for again, and nothing between it and what was there is passed over.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from feelscope.collect.rows import place as read_place
from feelscope.collect.run import Outcome, Source
from feelscope.errors import CollectError
from feelscope.store import Store

WALK = "what is new"  # its cursors' name
LATE = 600  # seconds that a post may be found later than it was written; ours


def catch_up(store: Store, source: Source, query: str, outcome: Outcome, now: Callable[[], float] = time.time) -> None:
    """Collect what of a query is newer than what earlier runs had to its end.

    A walk back ends at a page that has nothing new, half of which is from before the last complete walk began: one row
    alone may be a stray one.

    Args:
        outcome: What comes is added to it.
    """
    kept = store.cursor(source.name, query, WALK)
    state, is_complete = kept or ({}, True)
    state = read_place(state or None, {"place": {}, "since": 0, "began": 0})
    if is_complete:
        since = state["began"] or store.first_asked(source.name, query)
        state = {"place": {}, "since": since - LATE, "began": int(now())}
    for page in source.pages(query, state["place"] or None):
        times = page.times or [post.created_at or 0 for post in page.posts]
        old = bool(times) and 2 * sum(when < state["since"] for when in times) >= len(times)
        known = all(map(store.has, page.posts))  # also where none was kept, as of an author who asks not to be
        page = replace(page, cursor={**state, "place": dict(page.cursor)}, done=page.done or (known and old))
        new = store.save(source.name, query, page, WALK)
        outcome.new += new
        outcome.found += new  # the others were found before
        for start, end in page.gaps:  # of a quiet tag it comes with each round again, and grows
            outcome.gaps = [gap for gap in outcome.gaps if gap[:2] != (query, start)] + [(query, start, end)]
        if new:
            outcome.notes += [note for note in (f"{query}: {note}" for note in page.notes) if note not in outcome.notes]
        if page.done:
            return


def follow(
    store: Store,
    source: Source,
    every: float,
    *,
    outcome: Outcome,
    limit: int | None = None,
    progress: Callable[[Outcome], None] = lambda outcome: None,
    tell: Callable[[str], None] = lambda fault: None,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Collect what is new until this is interrupted.

    Args:
        every: Seconds between two rounds.
        limit: Stop after the round that brings the outcome to so many posts.
        outcome: Of what came before; what comes is added to it.
        progress: Called where something came.
        tell: Called with why a round failed; the next one asks again.
    """
    while limit is None or outcome.found < limit:
        wait(every)
        for query in source.queries:
            before = outcome.found
            try:
                catch_up(store, source, query, outcome)
            except CollectError as error:
                tell(str(error))
            if outcome.found > before:
                progress(outcome)
