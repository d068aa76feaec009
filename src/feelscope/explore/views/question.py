"""A state put to an index: what every view is a function of."""

from dataclasses import dataclass

from feelscope.errors import ExploreError
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.bins import check_unit
from feelscope.explore.search.state import State


@dataclass(frozen=True, slots=True)
class Question:
    """A state, and which pages of its views are asked for.

    Args:
        state: Settled, see `feelscope.explore.search.state`.
        unit: Of the bins of time: `day`, `month` or `year`.
        subjects_page: From 1 on.
        sentences_page: The same.

    Raises:
        ExploreError: An unknown unit, or a page below 1.
    """

    index: OpenIndex
    state: State
    unit: str
    subjects_page: int
    sentences_page: int

    def __post_init__(self) -> None:
        check_unit(self.unit)
        for page in (self.subjects_page, self.sentences_page):
            if page < 1:
                raise ExploreError(f"expected a page of 1 or more, found {page}")

    @property
    def subject(self) -> int | None:
        """The number of the state's subject; `ExploreError` where the vocabulary does not have it."""
        return None if self.state.subject is None else self.index.vocabulary.number(self.state.subject)

    @property
    def subject_text(self) -> str | None:
        """The subject as the vocabulary writes it."""
        return None if self.subject is None else self.index.vocabulary.text(self.subject)
