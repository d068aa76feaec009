"""Bins by value: where they begin and end, and which bin a bucket of a reply is in."""

from collections import Counter

import pytest

from feelscope.errors import ExploreError
from feelscope.explore.search.bins import auto_unit, bins, counts_by_bin, cut, emotions_by_bin
from feelscope.explore.search.state import Facts


@pytest.mark.parametrize(
    ("unit", "end", "expected"),
    [
        (
            "day",
            "2012-03-02",
            [
                ("2012-02-28", "2012-02-29", "2012-02-28"),
                ("2012-02-29", "2012-03-01", "2012-02-29"),
                ("2012-03-01", "2012-03-02", "2012-03-01"),
            ],
        ),
        ("day", "2012-02-29", [("2012-02-28", "2012-02-29", "2012-02-28")]),
        ("month", "2012-03-01", [("2012-02-01", "2012-03-01", "2012-02")]),
        ("month", "2012-03-02", [("2012-02-01", "2012-03-01", "2012-02"), ("2012-03-01", "2012-04-01", "2012-03")]),
        ("week", "2012-03-05", [("2012-02-27", "2012-03-05", "2012-02-27")]),
        (
            "week",
            "2012-03-06",
            [("2012-02-27", "2012-03-05", "2012-02-27"), ("2012-03-05", "2012-03-12", "2012-03-05")],
        ),
        ("year", "2013-01-01", [("2012-01-01", "2013-01-01", "2012")]),
        ("year", "2013-01-02", [("2012-01-01", "2013-01-01", "2012"), ("2013-01-01", "2014-01-01", "2013")]),
    ],
)
def test_bins_are_whole_and_end_with_the_last_post(unit: str, end: str, expected: list[tuple[str, str, str]]) -> None:
    assert [*bins(Facts(9, "2012-02-28", end), unit)] == expected


def test_an_archive_without_dates_has_no_bins() -> None:
    assert bins(Facts(9), "month") == ()


def reply(*found: tuple[object, int, dict[str, int]]) -> dict[str, object]:
    buckets = [
        {
            "key": key,
            "doc_count": count,
            "emotions": {"buckets": [{"key": name, "doc_count": number} for name, number in emotions.items()]},
        }
        for key, count, emotions in found
    ]
    return {"aggregations": {"bins": {"buckets": buckets}}}


def test_years_are_added_up_from_months() -> None:
    found = reply(("2012-01", 3, {"fear": 2}), ("2012-12", 4, {"fear": 1, "joy": 2}), ("2013-01", 5, {}))
    assert counts_by_bin(found, "month") == {"2012-01": 3, "2012-12": 4, "2013-01": 5}
    assert counts_by_bin(found, "year") == {"2012": 7, "2013": 5}
    assert emotions_by_bin(found, "year") == {"2012": Counter(fear=3, joy=2), "2013": Counter()}


def test_weeks_begin_on_mondays() -> None:
    week = 7 * 86_400_000  # of which 2,230 lie between Monday 1970-01-05 and Monday 2012-10-01
    monday = 4 * 86_400_000
    found = reply((monday + 2230 * week, 3, {"joy": 1}), (monday + 2229 * week, 1, {}), (monday - 2 * week, 5, {}))
    assert counts_by_bin(found, "week") == {"2012-09-24": 1, "2012-10-01": 3, "1969-12-22": 5}
    assert emotions_by_bin(found, "week")["2012-10-01"] == {"joy": 1}


@pytest.mark.parametrize(
    ("end", "unit"),
    [("2012-01-02", "day"), ("2012-05-04", "day"), ("2012-05-05", "week"), ("2014-06-29", "week"),
     ("2014-07-01", "month"), ("2032-01-01", "month"), ("2033-01-01", "year"), ("9999-12-31", "year")],
)  # fmt: skip
def test_a_unit_is_chosen_by_the_length_of_a_span(end: str, unit: str) -> None:
    assert auto_unit("2012-01-01", end) == unit
    assert len(bins(Facts(9, "2012-01-01", end), unit)) <= 8000


def test_bins_of_a_chosen_span_begin_and_end_with_it() -> None:
    months = bins(Facts(9, "2012-01-10", "2012-03-20"), "month")
    assert [one[:2] for one in cut(months, "2012-01-10", "2012-03-20")] == [
        ("2012-01-10", "2012-02-01"), ("2012-02-01", "2012-03-01"), ("2012-03-01", "2012-03-20"),
    ]  # fmt: skip
    assert cut(months, None, None) == [*months] and cut((), "2012-01-10", "2012-03-20") == []


def test_days_are_told_by_milliseconds_whichever_way_an_engine_writes_them() -> None:
    # 2012-10-01 is 15,614 days after 1970-01-01, and 1969-12-31 a day before it.
    day = 86_400_000
    found = reply((15_614 * day, 3, {"joy": 1}), (15_613.0 * day, 1, {}), (-day, 2, {}))
    assert counts_by_bin(found, "day") == {"2012-10-01": 3, "2012-09-30": 1, "1969-12-31": 2}
    assert emotions_by_bin(found, "day")["2012-10-01"] == {"joy": 1}


@pytest.mark.parametrize(
    ("unit", "start", "end", "emotions", "number"),
    [
        ("day", "1970-01-01", "2024-10-04", 7, 20_000),
        ("month", "0001-01-01", "1667-09-01", 10, 20_000),
        ("year", "0001-01-01", "9999-12-31", 20, 9_999),
        ("day", "2000-01-01", "2005-06-23", 100, 2_000),
    ],
)
def test_as_many_bins_as_are_counted(unit: str, start: str, end: str, emotions: int, number: int) -> None:
    assert len(bins(Facts(9, start, end, tuple(map(str, range(emotions)))), unit)) == number


@pytest.mark.parametrize(
    ("unit", "start", "end", "emotions", "said"),
    [
        ("day", "1970-01-01", "2024-10-05", 7, "has 20,001 days, and at most 20,000 are counted; ask by month"),
        ("day", "0001-01-01", "9999-12-31", 7, "has 3,652,058 days, and at most 20,000 are counted; ask by year"),
        ("week", "1970-01-01", "2024-10-05", 7, "is too long for weeks; ask by month"),
        ("month", "0001-01-01", "1667-09-02", 7, "has 20,001 months, and at most 20,000 are counted; ask by year"),
        ("day", "2000-01-01", "2005-06-24", 100, "has 2,001 days, and at most 2,000 are counted; ask by month"),
        (
            "year",
            "0001-01-01",
            "0202-01-01",
            1000,
            "has 201 years, and at most 200 are counted; ask for a shorter span",
        ),
    ],
)
def test_more_bins_are_refused_with_the_unit_that_has_fewer(
    unit: str, start: str, end: str, emotions: int, said: str
) -> None:
    with pytest.raises(ExploreError, match=f"^{start} to before {end} {said}$"):
        bins(Facts(9, start, end, tuple(map(str, range(emotions)))), unit)
