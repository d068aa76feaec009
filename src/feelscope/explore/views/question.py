"""A state put to an index: what every view is a function of."""

from dataclasses import dataclass

from feelscope.errors import ExploreError
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.bins import check_unit
from feelscope.explore.search.state import State, settle


@dataclass(frozen=True, slots=True)
class Question:
    """A state that was checked, and which pages of its views are asked for.

    Args:
        state: Settled, see `feelscope.explore.search.state`.
        subject: The number of its subject; None for none.
        unit: Of the bins of time: `day`, `month` or `year`.
        subjects_page: From 1 on.
        sentences_page: The same.
    """

    index: OpenIndex
    state: State
    subject: int | None
    unit: str
    subjects_page: int
    sentences_page: int

    @classmethod
    def of(
        cls, index: OpenIndex, state: State, unit: str = "month", *, subjects_page: int = 1, sentences_page: int = 1
    ) -> "Question":
        """Check what is asked.

        Raises:
            ExploreError: An unknown unit, subject or emotion, a page below 1, or a span that cannot be.
        """
        check_unit(unit)
        for page in (subjects_page, sentences_page):
            if page < 1:
                raise ExploreError(f"expected a page from 1 on and found {page}")
        subject = None if state.subject is None else index.vocabulary.number(state.subject)
        return cls(index, settle(state, index.facts), subject, unit, subjects_page, sentences_page)

    @property
    def subject_text(self) -> str | None:
        """The subject as the vocabulary writes it."""
        return None if self.subject is None else self.index.vocabulary.text(self.subject)
