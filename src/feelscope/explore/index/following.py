"""An index that keeps up with a table: whenever its file has changed, what is new in it is added."""

import time
from collections.abc import Callable
from pathlib import Path

from feelscope.explore.search.state import Facts

_WAL = "-wal"  # what a database has written and not yet taken into its file


def follow(
    table: Path,
    add: Callable[[], Facts],
    every: float,
    tell: Callable[[Facts], None],
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Add what is new in a table until this is interrupted; begins with what is there.

    Args:
        table: A file that grows, such as posts.db.
        add: Adds its new posts.
        every: Seconds between two looks at the file.
        tell: Called after each time that posts were added, and once at the beginning.
    """
    seen, posts = None, -1
    while True:
        mark = _mark(table)
        if mark != seen:
            seen = mark  # of before the reading: what comes meanwhile is a change
            facts = add()
            if facts.posts != posts:
                tell(facts)
            posts = facts.posts
        wait(every)


def _mark(table: Path) -> tuple[tuple[int, int], ...]:
    """What is another once the file has changed."""
    files = (path for path in (table, table.with_name(table.name + _WAL)) if path.exists())
    return tuple((found.st_mtime_ns, found.st_size) for found in (path.stat() for path in files))
