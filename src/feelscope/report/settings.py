"""What a report may be asked for."""

from dataclasses import dataclass
from datetime import date

UNITS = ("day", "week", "month", "year")
LEAST_POSTS = 30  # of a group or of a bin of time that is shown by itself; below, an interval says next to nothing
MOST_GROUPS = 1000  # values of a column that are counted
MOST_BINS = 2000  # of a time line
MOST_DAYS = 3660  # before and after an event


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked.

    Args:
        subject: What the posts are, for titles, such as "tweets to airlines".
        by: Columns whose values are groups.
        over: The unit of time, one of `UNITS`; empty for none.
        event: The first day after; None for none.
        days: Before the event, and from it on.
    """

    subject: str = "posts"
    by: tuple[str, ...] = ()
    over: str = ""
    event: date | None = None
    days: int = 30
