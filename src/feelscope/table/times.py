"""The one reader of times: what tables write in `created_at`, as a moment in UTC, and back as ISO 8601."""

import math
from datetime import UTC, date, datetime, time, timedelta

_LATEST = 4102444800  # seconds since 1970, the year 2100
_MILLISECONDS = 1e11  # from here on (the year 5138 in seconds, 1973 in milliseconds)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # seconds since 1970: the years 1 to 9999


def read_time(value: object) -> datetime | None:
    """Read a cell as a time in UTC; None where it is none.

    Args:
        value: ISO 8601, UTC where it names no zone; a day alone is its first moment. Or seconds or milliseconds since
            1970, up to 2100. In a text, digits of 8 places are a day (20120131) and fewer are nothing (a year, say).
            0 and what is below stand for a missing time in most data, and are none.

    Example:
        >>> read_time("2014-05-13 18:53:20+02:00")
        datetime.datetime(2014, 5, 13, 16, 53, 20, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, str):
        text = value.strip()
        if _is_number(text):
            return _of_number(float(text))
        try:
            return _in_utc(datetime.fromisoformat(text))
        except ValueError:
            return None
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(value)
    return None


def is_day(value: object) -> bool:
    """Whether a cell that can be read as a time names a day alone, without an hour."""
    if isinstance(value, str):
        return len(text := value.strip()) <= len("2012-01-31") and not _is_number(text)
    return isinstance(value, date) and not isinstance(value, datetime)


def unix_seconds(when: datetime | None) -> int | None:
    """Whole seconds since 1970, rounded down; None for None."""
    return None if when is None else math.floor(when.timestamp())


def iso(seconds: int) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, as 2014-05-13T16:53:20Z; years before 1000 have four digits too.

    Raises:
        OverflowError: Before the year 1 or after the year 9999.
    """
    return (_1970 + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat() + "Z"


def is_in_calendar(seconds: int) -> bool:
    """Whether `iso` can write it."""
    return _FIRST <= seconds <= _LAST


def _is_number(text: str) -> bool:
    return len(text) > len("20120131") and text.replace(".", "", 1).isdecimal()


def _of_number(number: float) -> datetime | None:
    if 0 < number < _LATEST:
        return datetime.fromtimestamp(number, UTC)
    return datetime.fromtimestamp(number / 1000, UTC) if _MILLISECONDS <= number < _LATEST * 1000 else None


def _in_utc(when: datetime) -> datetime | None:
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC)
    try:
        return when.astimezone(UTC)
    except OverflowError:  # in the first or last hours that a calendar has
        return None
