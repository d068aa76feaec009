import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.table.times import is_day, iso, read_time, unix_seconds

NOON = datetime(2012, 10, 1, 12, tzinfo=UTC)
MIDNIGHT = datetime(2012, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2012-10-01T12:00:00Z", NOON),
        ("2012-10-01 14:00:00+02:00", NOON),
        ("2012-10-01T12:00:00.250Z", NOON.replace(microsecond=250_000)),
        (" 2012-10-01 12:00 ", NOON),  # UTC where no zone is named
        ("20121001T120000", NOON),
        (NOON.replace(tzinfo=None), NOON),
        (NOON.astimezone(timezone(timedelta(hours=-7))), NOON),
        (1349092800, NOON),
        (1349092800.25, NOON.replace(microsecond=250_000)),
        ("1349092800", NOON),
        ("1349092800.0", NOON),
        (1349092800000, NOON),  # milliseconds: the explorer and the structure report had left them out
        ("1349092800000", NOON),
        ("2012-10-01", MIDNIGHT),
        (date(2012, 10, 1), MIDNIGHT),
        ("20121001", MIDNIGHT),  # a day, where `collect files` read seconds: August 1970
        (20121001, MIDNIGHT),  # not August 1970
        (20121001120000, NOON),
        (1349092800000000, NOON),  # microseconds
        (1349092800000000000, NOON),  # nanoseconds
        ("1349092800000000000", NOON),
        (41183, MIDNIGHT),  # a spreadsheet's day
        (41183.5, NOON),
        ("41183.5", NOON),
        (100_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),  # the first second that is read
        ("2012-275", MIDNIGHT),  # the day of the year
        ("2012-10", MIDNIGHT),
        ("1862", datetime(1862, 1, 1, tzinfo=UTC)),
        (2012, datetime(2012, 1, 1, tzinfo=UTC)),
        (2012.0, datetime(2012, 1, 1, tzinfo=UTC)),
        ("2012/10/1 12:00", NOON),
        ("2012.10.01", MIDNIGHT),
        ("2012-10-01 12:00:00 UTC", NOON),
        ("2012-10-01 14:00:00 +0200", NOON),
        ("2012-10-01 12:00:00.123456789 +0000 UTC", NOON.replace(microsecond=123456)),  # Go
        ("2012-10-01 08:00:00 EDT", NOON),
        ("2012-10-01 14:00 CEST", NOON),
        ("2012-10-01 14:00 Europe/Berlin", NOON),
        ("2012-10-01T14:00:00+02:00[Europe/Berlin]", NOON),
        ("2012-10-01 14:00 GMT+2", NOON),
        ("Mon Oct 01 12:00:00 +0000 2012", NOON),  # Twitter
        ("Mon Oct 01 05:00:00 PDT 2012", NOON),  # Sentiment140
        ("Mon Oct  1 12:00:00 2012", NOON),  # C
        ("Mon, 01 Oct 2012 12:00:00 GMT", NOON),  # RFC 2822
        ("Mon, 1 Oct 2012 14:00:00 +0200 (CEST)", NOON),
        ("Mon, 01 Oct 2012 06:00:00 CST", NOON),  # defined there
        ("Mon Oct 01 2012 14:00:00 GMT+0200 (Central European Summer Time)", NOON),  # JavaScript
        ("Oct 1, 2012", MIDNIGHT),
        ("Oct 1 2012", MIDNIGHT),
        ("October 1st, 2012 at 12:00 PM", NOON),
        ("1 October 2012", MIDNIGHT),
        ("01-Oct-2012 12:00", NOON),
        ("12:00 PM · Oct 1, 2012", NOON),
        ("October 2012", MIDNIGHT),
        ("2012-10-01 12:00:00 am", MIDNIGHT),
        ("25/12/2012", datetime(2012, 12, 25, tzinfo=UTC)),  # can be one day only
        ("12/25/2012", datetime(2012, 12, 25, tzinfo=UTC)),
        ("10.10.2012", datetime(2012, 10, 10, tzinfo=UTC)),
        (4_102_444_799, datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),  # the last second that is read
        (100_000_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),  # the first milliseconds
        (4_102_444_799_999, datetime(2099, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("0999-01-01", datetime(999, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_as_tables_write_them(cell: object, expected: datetime) -> None:
    found = read_time(cell)
    assert found == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "cell",
    [
        *("yesterday", "", " ", None, True, [], b"2012-10-01", float("nan"), float("inf"), 10**400, "9" * 400),
        *("1349.092.800", "1.349.092.800"),  # dots between thousands
        *(5, 500, "86400", 86_400, 19_999, 5_000_000),  # counts, which had been seconds of 1970
        *("01/10/2012", "1.10.2012 12:00", "01-10-2012", "1/10/12", "25/12/12"),  # could be two dates
        *("2012-10-01 12:00 IST", "Mon Oct 01 12:00:00 CST 2012", "2012-10-01 12:00 XYZ"),  # zones of several places
        *("2012-10-01 25:00", "2012-10-01 12:60", "2012-13-01", "31 February 2012", "2012-366x", "2013-366"),
        *("201210011200", 201210011200, "201210"),  # milliseconds of 1976, or a minute; a month, or a day
        *("1.34909E+09", "id 2012-10-01", "about 3 2012", "Foo 1, 2012", "12:00", "2012-10-01 12:00 later"),
        *(0, -1, "-1", "0", -5.5),  # stand for a missing time: `collect files` read 1969 and 1970
        *(4_102_444_800, 4_102_444_800_000),  # the year 2100
        *(4_200_000_000, "99999999999", 4_200_000_000_000, 5 * 10**18),  # after 2100
        *("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"),  # years 0 and 10000 in UTC
    ],
)
def test_what_is_no_time(cell: object) -> None:
    assert read_time(cell) is None


@pytest.mark.parametrize(
    "cell", ["2012-10-01", " 2012-10-01 ", "20121001", "2012-W40-1", date(2012, 10, 1), 41183, "1 Oct 2012", "2012-10"]
)
def test_a_day_alone(cell: object) -> None:
    assert read_time(cell) == MIDNIGHT
    assert is_day(cell)


@pytest.mark.parametrize(
    "cell", ["2012-10-01T00", "2012-10-01 00:00", "1349092800", 1349092800, MIDNIGHT, "1 Oct 2012 00:00"]
)
def test_a_day_with_an_hour(cell: object) -> None:
    assert read_time(cell) is not None
    assert not is_day(cell)


@pytest.mark.parametrize(
    ("cell", "day_first", "month_first"),
    [
        ("03/05/2021 14:22", datetime(2021, 5, 3, 14, 22, tzinfo=UTC), datetime(2021, 3, 5, 14, 22, tzinfo=UTC)),
        ("3.5.2021", datetime(2021, 5, 3, tzinfo=UTC), datetime(2021, 3, 5, tzinfo=UTC)),
        ("03-05-21", datetime(2021, 5, 3, tzinfo=UTC), datetime(2021, 3, 5, tzinfo=UTC)),
        ("03/05/99 2:22 pm", datetime(1999, 5, 3, 14, 22, tzinfo=UTC), datetime(1999, 3, 5, 14, 22, tzinfo=UTC)),
        ("25/12/2021", datetime(2021, 12, 25, tzinfo=UTC), None),
        ("12/25/2021", None, datetime(2021, 12, 25, tzinfo=UTC)),
        ("2021-05-03", datetime(2021, 5, 3, tzinfo=UTC), datetime(2021, 5, 3, tzinfo=UTC)),
    ],
)
def test_the_order_of_days_and_months(cell: str, day_first: datetime | None, month_first: datetime | None) -> None:
    assert (read_time(cell, "dmy"), read_time(cell, "mdy")) == (day_first, month_first)


@given(st.text(alphabet="0123456789 :/.-+TZ,May()[]UTCap", max_size=30), st.sampled_from(["", "dmy", "mdy"]))
def test_any_text_is_a_time_in_utc_or_none(text: str, order: str) -> None:
    found = read_time(text, order)
    assert found is None or found.tzinfo is UTC


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")
def test_a_time_without_a_zone_is_utc_wherever_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "XYZ-9")  # nine hours east
    time.tzset()
    try:
        assert read_time("2012-10-01 12:00") == read_time(datetime(2012, 10, 1, 12)) == read_time(1349092800) == NOON
    finally:
        monkeypatch.undo()
        time.tzset()


def test_seconds_are_rounded_down() -> None:
    assert unix_seconds(NOON.replace(microsecond=999_999)) == 1349092800
    assert unix_seconds(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1
    assert unix_seconds(None) is None


def test_iso_of_years_that_are_far() -> None:
    assert iso(1349092800) == "2012-10-01T12:00:00Z"
    assert iso(0) == "1970-01-01T00:00:00Z"
    assert iso(-62135596800) == "0001-01-01T00:00:00Z"
    with pytest.raises(OverflowError):
        iso(10**18)


@given(st.integers(1, 4_102_444_799))
def test_iso_comes_back(seconds: int) -> None:
    assert unix_seconds(read_time(iso(seconds))) == seconds
