"""How the tables of a command are read, beyond which column is which."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

AS_THEY_ARE = "as-they-are"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read.

    Args:
        encoding: Of a text file, as Python names it; empty finds it out.
        images: The folder that image paths start from; None is the table's own.
        dates: The order of days and months in dates of numbers alone, `dmy` or `mdy`; empty leaves out those that could
            be two dates.
        labels: `one-hot` takes the emotion from columns of 0 and 1; otherwise it is in the column of emotions, and of
            several raters those agree whose labels mean the same, or with `as-they-are` are the same.
    """

    encoding: str = ""
    images: Path | None = None
    dates: str = ""
    labels: str = ""


_READING: ContextVar[Reading | None] = ContextVar("reading", default=None)


def reading() -> Reading:
    """How tables are read now."""
    return _READING.get() or Reading()


@contextmanager
def reading_with(
    *, encoding: str = "", images: Path | None = None, dates: str = "", labels: str = ""
) -> Iterator[None]:
    """Read tables so until the block ends; what is not given stays as it was."""
    now = reading()
    given = Reading(
        encoding or now.encoding, now.images if images is None else images, dates or now.dates, labels or now.labels
    )
    before = _READING.set(given)
    try:
        yield
    finally:
        _READING.reset(before)
