"""A state put to an index: what every view is a function of."""

from dataclasses import dataclass

from feelscope.errors import ExploreError
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.bins import bins
from feelscope.explore.search.state import State

MOST_PAGES = 999_999_999  # no archive has as many; after the last one there are no rows
MOST_ROWS = 100  # of a page


@dataclass(frozen=True, slots=True)
class Question:
    """A state, and which pages of its views are asked for.

    Args:
        state: Settled, see `feelscope.explore.search.state`.
        unit: Of the bins of time: `day`, `month` or `year`.
        subjects_page: From 1 on.
        sentences_page: The same.
        rows: Of a page of subjects or sentences.

    Raises:
        ExploreError: An unknown unit, more bins than are counted, or a page or a number of rows that is out of range.
    """

    index: OpenIndex
    state: State
    unit: str
    subjects_page: int
    sentences_page: int
    rows: int = 10

    def __post_init__(self) -> None:
        bins(self.index.facts, self.unit)  # no engine is asked for more bins than are counted
        for page in (self.subjects_page, self.sentences_page):
            if page < 1:
                raise ExploreError("expected a page of 1 or more")
            if page > MOST_PAGES:
                raise ExploreError(f"expected a page of {MOST_PAGES:,} or less")
        if not 1 <= self.rows <= MOST_ROWS:
            raise ExploreError(f"expected 1 to {MOST_ROWS} rows a page")

    @property
    def subject(self) -> int | None:
        """The number of the state's subject; `ExploreError` where the vocabulary does not have it."""
        return None if self.state.subject is None else self.index.vocabulary.number(self.state.subject)

    @property
    def subject_text(self) -> str | None:
        """The subject as the vocabulary writes it."""
        return None if self.subject is None else self.index.vocabulary.text(self.subject)
