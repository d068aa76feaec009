"""Trends of what grows: a table whose rows are read as they come, an index that posts are added to."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from feelscope.explore.index.about import read_complete
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.state import State
from feelscope.explore.trend.counts import DailyCounts, index_trend
from feelscope.explore.trend.trend import Trend
from feelscope.progress import Count


def index_trends(
    folder: Path, opened: Callable[[], OpenIndex], state: State, unit: str, every: float | None
) -> Iterator[Trend]:
    """The trend of an index, and with `every` again whenever posts were added to it.

    Args:
        opened: Opens the index of the folder.
        every: Seconds between two looks; None gives one trend and ends.
    """
    while True:
        before = read_complete(folder)
        yield index_trend(opened(), state, unit)
        if every is None:
            return
        while read_complete(folder) == before:
            time.sleep(every)


class GrowingCounts:
    """Counts the posts of a table, and shows them when all are read; of one that grows, whenever more came.

    Args:
        of: What the posts are, in words.
        show: Called with the counts.
        every: Seconds between two looks at a table that grows.
    """

    def __init__(self, of: str, show: Callable[[DailyCounts], None], every: float = 0) -> None:
        self._counts = DailyCounts(of)
        self._show, self._every = show, every
        self._shown = 0

    def wait(self) -> bool:
        """What `PostsTable` calls at the end of a table that grows."""
        self._show_new()
        time.sleep(self._every)
        return True

    def read(self, posts: Iterable[tuple[int | None, str | None]], progress: Count) -> None:
        """Count posts as `felt_posts` gives them; `progress` hears of those before the first wait."""
        for created_at, emotion in posts:
            self._counts.add(created_at, emotion)
            if not self._shown:
                progress(self._counts.posts, 0)
        if not self._counts.posts:
            self._show(self._counts)
        self._show_new()

    def _show_new(self) -> None:
        if self._counts.posts > self._shown:
            self._show(self._counts)
            self._shown = self._counts.posts
