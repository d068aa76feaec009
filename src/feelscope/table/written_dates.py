"""Dates as people and programs write them, beside what `datetime.fromisoformat` reads.

Wed Oct 10 20:19:24 +0000 2018     Twitter; with a zone's name, Java and Sentiment140
Tue, 03 May 2021 09:15:24 GMT      RFC 2822, mail and HTTP
2021-05-03 09:15:24 EDT            and every other date with a zone behind it
May 3, 2021 at 2:22 PM             English months
03/05/2021 14:22                   with `order`, or where one of the two can be no month
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

ORDERS = ("dmy", "mdy")
LONGEST = 100  # characters
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_MONTH_OF = {name: number for names in (_MONTHS, _NAMES) for number, name in enumerate(names, 1)} | {"sept": 9}
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?(,?)\s*", re.IGNORECASE)
_COMMENT = re.compile(r"\s*\([^()]*\)$")  # behind the offset, the zone in words
_PLACE = re.compile(r"\[([\w/+-]+)\]$")  # java.time puts the zone's name behind the offset
_TIME = re.compile(
    r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*([ap])\.?m\b\.?)?(?![\d:])", re.IGNORECASE
)
_ZONE = (
    r"[+\-−]\d{1,2}(?::?\d{2}){0,2}|(?:utc|gmt)\s*[+\-−]\d{1,2}(?::?\d{2})?"
    r"|[a-z][a-z_]*(?:/[a-z_+\-0-9]+)+|[a-z]{1,5}"
)
_BEHIND = re.compile(rf"\s*(?P<zone>{_ZONE})?(?:\s+utc)?(?:\s+(?P<year>\d{{4}}))?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s.-]+(?:of\s+)?([a-z]{3,9})\b[.,]?[\s-]*(\d{4}|\d{2})", re.IGNORECASE
)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\b\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?\b,?[\s-]+(\d{4})", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"([a-z]{3,9})\b[.,]?\s+(\d{4})", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR_DAY = re.compile(r"(\d{4})-(\d{3})")  # ISO 8601's day of the year


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is written."""

    when: datetime  # where it was written
    zone: str  # its name; empty where none is written
    day_only: bool
    is_mail: bool  # written as mail writes it


def read_written(text: str, order: str = "") -> Written | None:
    """Read a date; None where it is none, or could be two.

    Args:
        order: `dmy`, `mdy`, or empty.
    """
    if not text[:1].isalnum() or len(text) > LONGEST:
        return None
    text = _COMMENT.sub("", text)
    is_mail = False
    if weekday := _WEEKDAY.match(text):
        text, is_mail = text[weekday.end() :], bool(weekday[1])
    place = _PLACE.search(text)
    if place:
        text = text[: place.start()]
    found = _TIME.search(text)
    if found is None:
        day = _day(text.strip(" ,"), order)
        return None if day is None or place else Written(day, "", True, is_mail)
    hour = _hour(found)
    before, behind = text[: found.start()], text[found.end() :]
    zone, written = "", before
    if not before.strip():  # 2:22 PM · May 3, 2021
        written = behind.lstrip(" ·,-")
    else:
        rest = _BEHIND.fullmatch(behind.rstrip())
        if rest is None:
            return None
        zone = rest["zone"] or ""
        written = f"{before.strip()} {rest['year']}" if rest["year"] else before
    day = _day(re.sub(r"(?:\bat|(?<=\d)T|,|·|\s-)?\s*$", "", written.strip(), flags=re.IGNORECASE).strip(), order)
    if day is None or hour is None:
        return None
    return Written(day + hour, zone or (place[1] if place else ""), False, is_mail)


def _hour(found: re.Match[str]) -> timedelta | None:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[5] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=int(f"{found[4] or 0:0<6}"[:6]))


def _day(text: str, order: str) -> datetime | None:
    """The day that a text without an hour is; of a month its first."""
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return datetime(int(found[1]), int(found[3]), int(found[4]))
        if found := _NUMBERS.fullmatch(text):
            return _of_numbers(int(found[1]), int(found[3]), found[4], order)
        if found := _DAY_MONTH.fullmatch(text):
            year = _year(found[3], order)
            return None if year is None else datetime(year, _MONTH_OF[found[2].lower()], int(found[1]))
        if found := _MONTH_DAY.fullmatch(text):
            return datetime(int(found[3]), _MONTH_OF[found[1].lower()], int(found[2]))
        if found := _MONTH_YEAR.fullmatch(text):
            return datetime(int(found[2]), _MONTH_OF[found[1].lower()], 1)
        if found := _YEAR_MONTH.fullmatch(text):
            return datetime(int(found[1]), int(found[2]), 1)
        if found := _YEAR_DAY.fullmatch(text):
            day = datetime(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
            return day if day.year == int(found[1]) else None
    except (KeyError, ValueError, OverflowError):
        pass
    return None


def _of_numbers(first: int, second: int, year: str, order: str) -> datetime | None:
    """A day of numbers alone; without an order, where only one of both can be a day, or both are the same."""
    if not order:
        if first <= 12 and second <= 12 and first != second:
            return None
        order = "dmy" if second <= 12 else "mdy"
        if len(year) == 2:
            return None
    day, month = (first, second) if order == "dmy" else (second, first)
    whole = _year(year, order)
    return None if whole is None else datetime(whole, month, day)


def _year(digits: str, order: str) -> int | None:
    """A year; of two digits, as POSIX has it, only where the order says that it is the year."""
    if len(digits) == 4:
        return int(digits)
    if not order:
        return None
    return int(digits) + (1900 if int(digits) > 68 else 2000)
