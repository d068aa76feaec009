"""The one reader of times: what tables write in `created_at`, as a moment in UTC, and back as ISO 8601.

A cell that could be two times is none: a missing date is counted and told, a wrong one is believed.
"""

import math
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from feelscope.table.time_zones import zone_of
from feelscope.table.written_dates import ORDERS, read_written

__all__ = [
    "ORDERS",
    "Moment",
    "is_day",
    "is_in_calendar",
    "iso",
    "quick_moment",
    "read_moment",
    "read_time",
    "unix_seconds",
]

_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL = datetime(1899, 12, 30, tzinfo=UTC)  # day 0 of spreadsheets
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # seconds since 1970: the years 1 to 9999
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{0,20})?")
_YEARS = range(1000, 2101)  # that a number alone may be
_SERIALS = (20_000, 73_051)  # days of spreadsheets, October 1954 to 2100; smaller ones are years, or nothing
# Of a second, where seconds since 1970 are counted in it: from 1973 to 2100 none of them is another's.
_EPOCHS = ((1, 1e8, 4.1024448e9), (10**3, 1e11, 4.1024448e12), (10**6, 1e14, 4.1024448e15), (10**9, 1e17, 4.1024448e18))


class Moment(NamedTuple):
    """A time as a table has it; a tuple, as every row makes one."""

    when: datetime  # in UTC
    day_only: bool = False  # no hour was there; `when` is the first moment of the day, the month or the year


def read_time(value: object, order: str = "") -> datetime | None:
    """Read a cell as a time in UTC; None where it is none, or could be two.

    Args:
        value: ISO 8601, UTC where it names no zone; a day, a month or a year alone is its first moment. English dates
            as Twitter, mail and people write them, with names of zones. Or seconds since 1970, in whole ones or in
            thousandths, millionths or billionths, from 1973 to 2100; days as spreadsheets count them; digits of 8
            places as a day (20120131), of 4 as a year.
        order: `dmy` or `mdy`, where days and months are numbers alone (03/05/2021); empty reads those that can be one
            date only.

    Example:
        >>> read_time("2014-05-13 18:53:20+02:00")
        datetime.datetime(2014, 5, 13, 16, 53, 20, tzinfo=datetime.timezone.utc)
    """
    found = read_moment(value, order)
    return None if found is None else found.when


def is_day(value: object) -> bool:
    """Whether a cell that can be read as a time names a day alone, without an hour."""
    found = read_moment(value)
    return found is not None and found.day_only


def read_moment(value: object, order: str = "") -> Moment | None:
    """As `read_time`, and whether there was an hour."""
    if isinstance(value, str):
        return _of_text(value.strip(), order)
    if isinstance(value, datetime):
        when = _in_utc(value)
        return None if when is None else Moment(when)
    if isinstance(value, date):
        return Moment(datetime.combine(value, time(), UTC), day_only=True)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(value)
    return None


def quick_moment(value: object, order: str = "") -> tuple[datetime, bool] | None:
    """As `read_moment`, in half the time for what is in nearly every row: a time in UTC, as programs write it."""
    if type(value) is str and value[10:11] in ("T", " ") and value[-1:] in ("Z", "0"):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return read_moment(value, order)
        if found.tzinfo is UTC:
            return found, False
    return read_moment(value, order)


def _of_text(text: str, order: str) -> Moment | None:
    if text[4:5] != "-" and text.replace(".", "", 1).isdecimal() and _NUMBER.fullmatch(text):
        return _of_number(float(text) if "." in text else int(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _of_written(text, order)
    day_only = len(text) <= len("2012-01-31")
    if found.tzinfo is UTC:
        return Moment(found, day_only)
    if found.tzinfo is None:
        return Moment(found.replace(tzinfo=UTC), day_only)
    when = _in_utc(found)
    return None if when is None else Moment(when, day_only)


def _of_written(text: str, order: str) -> Moment | None:
    written = read_written(text, order)
    if written is None:
        return None
    zone: tzinfo | None = UTC if not written.zone else zone_of(written.zone, mail=written.is_mail)
    when = None if zone is None else _in_utc(written.when.replace(tzinfo=zone))
    return None if when is None else Moment(when, written.day_only)


def _of_number(number: float) -> Moment | None:
    if not (0 < number < 10**19):  # NaN is not either
        return None
    if number == int(number):
        if (whole := int(number)) in _YEARS:
            return Moment(datetime(whole, 1, 1, tzinfo=UTC), day_only=True)
        if (compact := _compact(whole)) is not None:
            return compact
        if len(str(whole)) == 12 and _compact(whole * 100) is not None:
            return None  # 202105031422 is May 2021, and milliseconds of 1976
        number = whole
    if _SERIALS[0] <= number < _SERIALS[1]:
        when = _EXCEL + timedelta(seconds=round(number * 86_400))
        return Moment(when, day_only=number == int(number))
    for parts, first, end in _EPOCHS:
        if first <= number < end:
            micro = number * 10**6 // parts if isinstance(number, int) else round(number / parts * 10**6)
            return Moment(_1970 + timedelta(microseconds=int(micro)))
    return None


def _compact(number: int) -> Moment | None:
    """20210503 and 20210503142200; None for a number that is none of them."""
    digits = str(number)
    if len(digits) not in (8, 14) or int(digits[:4]) not in _YEARS:
        return None
    try:
        when = datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Moment(when, day_only=len(digits) == 8)


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


def _in_utc(when: datetime) -> datetime | None:
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC)
    try:
        return when.astimezone(UTC)
    except OverflowError:  # in the first or last hours that a calendar has
        return None
