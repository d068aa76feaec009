"""A state put to an index: what every view is a function of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.index.everything import Bin
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.bins import AUTO, auto_unit, bins, cut
from feelscope.explore.search.state import Facts, State
from feelscope.explore.views.against import Side, hull

MOST_PAGES = 999_999_999  # no archive has as many; after the last one there are no rows
MOST_ROWS = 100  # of a page


@dataclass(frozen=True, slots=True)
class Question:
    """A state, what it is compared with, and which pages of its views are asked for.

    Args:
        state: Settled, see `feelscope.explore.search.state`.
        asked_unit: Of the bins of time: `day`, `week`, `month`, `year`, or `auto` for one that fits the time.
        subjects_page: From 1 on.
        sentences_page: The same.
        rows: Of a page of subjects or sentences.
        against: The other side of a comparison; None where nothing is compared.
        course: The emotion whose course is asked for.
        order: Of sentences, see `views.orders`.

    Raises:
        ExploreError: An unknown unit or emotion, more bins than are counted, or a page or a number of rows that is out
            of range.
    """

    index: OpenIndex
    state: State
    asked_unit: str
    subjects_page: int
    sentences_page: int
    rows: int = 10
    against: Side | None = None
    course: str | None = None
    order: str = "oldest"

    def __post_init__(self) -> None:
        bins(self.facts_drawn, self.unit)  # no engine is asked for more bins than are counted
        emotions = self.index.facts.emotions
        if self.course is not None and self.course not in emotions:
            raise ExploreError(f"no post has the emotion {self.course[:40]!r}; {did_you_mean(self.course, emotions)}")
        for page in (self.subjects_page, self.sentences_page):
            if page < 1:
                raise ExploreError("expected a page of 1 or more")
            if page > MOST_PAGES:
                raise ExploreError(f"expected a page of {MOST_PAGES:,} or less")
        if not 1 <= self.rows <= MOST_ROWS:
            raise ExploreError(f"expected 1 to {MOST_ROWS} rows a page")

    def pages(self, total: int) -> int:
        """How many pages so many rows are; no rows are a page too."""
        return max(1, -(-total // self.rows))

    @property
    def subject(self) -> int | None:
        """The number of the state's subject; `ExploreError` where the vocabulary does not have it."""
        return None if self.state.subject is None else self.index.vocabulary.number(self.state.subject)

    @property
    def subject_text(self) -> str | None:
        """The subject as the vocabulary writes it."""
        return None if self.subject is None else self.index.vocabulary.text(self.subject)

    @property
    def drawn(self) -> State:
        """The state with the time that is drawn: T, or the span of both times that are compared."""
        return hull(self.state, self.against)

    @property
    def facts_drawn(self) -> Facts:
        """The archive's facts, over the time that is drawn."""
        facts, drawn = self.index.facts, self.drawn
        return replace(facts, start=drawn.start or facts.start, end=drawn.end or facts.end)

    @property
    def unit(self) -> str:
        """The unit of the bins that are drawn."""
        facts = self.facts_drawn
        return auto_unit(facts.start, facts.end) if self.asked_unit == AUTO else self.asked_unit

    def bins(self) -> Sequence[Bin]:
        """The bins that have posts of the archive, over the time that is drawn: empty ones are left out."""
        drawn = self.drawn
        all_bins = cut(bins(self.facts_drawn, self.unit), drawn.start, drawn.end)
        posts = self.index.everything[0].by_bin(all_bins)[:, -1]
        return [one for one, number in zip(all_bins, posts.tolist(), strict=True) if number]
