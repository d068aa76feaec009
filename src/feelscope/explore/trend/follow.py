"""Trends of what grows: a table whose rows are read as they come, an index that posts are added to."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from feelscope.explore.index.about import read_complete
from feelscope.explore.index.opened import open_index
from feelscope.explore.search.state import State
from feelscope.explore.trend.counts import DailyCounts, index_trend
from feelscope.explore.trend.trend import Trend
from feelscope.progress import Count


def index_trends(folder: Path, address: str, state: State, unit: str, every: float | None) -> Iterator[Trend]:
    """The trend of an index, and with `every` again whenever posts were added to it.

    Args:
        address: Of the engine that answers, see `open_index`.
        every: Seconds between two looks; None gives one trend and ends.
    """
    while True:
        before = read_complete(folder)
        yield index_trend(open_index(folder, address), state, unit)
        if every is None:
            return
        while read_complete(folder) == before:
            time.sleep(every)


class GrowingCounts(DailyCounts):
    """Counts that are shown when all posts are read; of a table that grows, whenever more came.

    Args:
        show: Called with the counts.
        every: Seconds between two looks at a table that grows.
    """

    def __init__(self, of: str, show: Callable[[DailyCounts], None], every: float) -> None:
        super().__init__(of)
        self._show, self._every = show, every
        self._shown = 0

    def wait(self) -> bool:
        """What `PostsTable` calls at the end of a table that grows."""
        if self.posts > self._shown:
            self._show(self)
            self._shown = self.posts
        time.sleep(self._every)
        return True

    def read(self, posts: Iterable[tuple[int | None, str | None]], progress: Count) -> None:
        """Count posts as `felt_posts` gives them; `progress` hears of those before the first wait."""
        for created_at, emotion in posts:
            self.add(created_at, emotion)
            if not self._shown:
                progress(self.posts, 0)
        if self.posts > self._shown or not self.posts:
            self._show(self)
