"""How many posts of a table have no date that could be read, and what to do about it."""

from dataclasses import dataclass

from feelscope.post import Post
from feelscope.table.times import ORDERS, read_moment

_SHOWN = 40  # characters of a cell


@dataclass(slots=True)
class Undated:
    """Counts posts with and without a date.

    Attributes:
        dated: Those with a date, which who reads them counts.
        undated: Those without a date.
        first: The first cell that could not be read; empty where all others were.
    """

    dated: int = 0
    undated: int = 0
    first: str = ""
    _is_ambiguous: bool = False

    def add(self, post: Post) -> None:
        """Count a post without a date."""
        self.undated += 1
        cell = post.other.get("created_at")
        if cell is None or cell != cell or not str(cell).strip():
            return
        two = {None if (found := read_moment(cell, order)) is None else found.when for order in ORDERS}
        is_ambiguous = len(two - {None}) > 1
        if not self.first or (is_ambiguous and not self._is_ambiguous):  # one that an option would help is told first
            self.first, self._is_ambiguous = str(cell).strip()[:_SHOWN], is_ambiguous

    def __str__(self) -> str:
        """What to say; empty where every post has a date."""
        if not self.undated:
            return ""
        said = f"{self.undated:,} of {self.dated + self.undated:,} without a date"
        if not self.first:
            return said
        advice = f", say --dates {' or '.join(ORDERS)}" if self._is_ambiguous else ""
        return f"{said}; first: {self.first!r}{advice}"
