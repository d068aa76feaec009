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
        (5, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)),
        (1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
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
        *("2012", "86400"),  # a year, or a count: `collect files` read seconds of 1970
        *(0, -1, "-1", "0", -5.5),  # stand for a missing time: `collect files` read 1969 and 1970
        *(4_102_444_800, 4_102_444_800_000),  # the year 2100
        *(4_200_000_000, "99999999999", 4_200_000_000_000, 10**18),  # after 2100
        *("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"),  # years 0 and 10000 in UTC
    ],
)
def test_what_is_no_time(cell: object) -> None:
    assert read_time(cell) is None


@pytest.mark.parametrize("cell", ["2012-10-01", " 2012-10-01 ", "20121001", "2012-W40-1", date(2012, 10, 1)])
def test_a_day_alone(cell: object) -> None:
    assert read_time(cell) == MIDNIGHT
    assert is_day(cell)


@pytest.mark.parametrize("cell", ["2012-10-01T00", "2012-10-01 00:00", "1349092800", 1349092800, MIDNIGHT])
def test_a_day_with_an_hour(cell: object) -> None:
    assert read_time(cell) is not None
    assert not is_day(cell)


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
