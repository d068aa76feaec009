"""An archive: an index and the views of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from feelscope.explore.index.opened import OpenIndex, open_index
from feelscope.explore.search.state import Facts, State
from feelscope.explore.trend.counts import index_trend
from feelscope.explore.trend.trend import Trend
from feelscope.explore.views.answer import PARTS, answer
from feelscope.explore.views.post import post_with_reasons
from feelscope.explore.views.question import Question


class Archive:
    """What the page, the command and programs ask."""

    def __init__(self, index: OpenIndex) -> None:
        self.index = index

    @property
    def facts(self) -> Facts:
        """What all posts together are."""
        return self.index.facts

    @property
    def thumbnails(self) -> Path | None:
        """The folder of small pictures; None where there is none."""
        return self.index.thumbnails

    def views(
        self,
        state: State | Mapping[str, str | None],
        *,
        unit: str = "month",
        parts: Sequence[str] = PARTS,
        subjects_page: int = 1,
        sentences_page: int = 1,
    ) -> dict[str, Any]:
        """The views of a state; see `feelscope.explore.views.answer`.

        Args:
            unit: Of the timeline's bins: `day`, `month` or `year`.
            parts: Which views to compute; state, archive and counts are always there.
            subjects_page: From 1 on; after the last page there are no rows.
            sentences_page: The same.

        Raises:
            ExploreError: An unknown unit, part, subject or emotion, a page below 1, or a span that cannot be.
        """
        state = state if isinstance(state, State) else State.read(state)
        question = Question.of(self.index, state, unit, subjects_page=subjects_page, sentences_page=sentences_page)
        return answer(question, parts)

    def post(self, id: str) -> dict[str, Any] | None:
        """One post, and the words its emotion rests on; None where the archive has none of this id."""
        return post_with_reasons(self.index, id)

    def trend(self, state: State, unit: str = "month") -> Trend:
        """The share of each emotion over time among the posts of a state; see `feelscope.explore.trend.trend`."""
        return index_trend(self.index, state, unit)


def open_archive(folder: Path | str, address: str = "") -> Archive:
    """Open an index; see `open_index`."""
    return Archive(open_index(Path(folder), address))
