"""Trends: counts of tables and indexes against a plain pass, and what is said of changes."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from explore_archive import random_posts, simple_subjects, small_archive, write_posts

from feelscope import drawing
from feelscope.errors import ExploreError
from feelscope.explore.search.state import State
from feelscope.explore.trend.counts import DailyCounts, felt_posts, index_trend
from feelscope.explore.trend.figure import draw_trend, save_trend
from feelscope.explore.trend.follow import GrowingCounts
from feelscope.explore.trend.trend import Trend
from feelscope.files import writing
from feelscope.metrics.intervals import wilson
from feelscope.table import PostsTable
from feelscope.table.times import read_time, unix_seconds


def counted(table: PostsTable, predictions: Path | None = None) -> DailyCounts:
    found = DailyCounts("posts")
    for created_at, emotion in felt_posts(table, predictions):
        found.add(created_at, emotion)
    return found


def plain(posts: list[dict[str, object]], length: int, start: str = "", end: str = "9") -> Counter[tuple[str, object]]:
    """Posts by the first letters of their day, and emotion."""
    dated = [post for post in posts if read_time(post["created_at"]) is not None]
    days = [(str(post["created_at"])[:10], post["emotion"]) for post in dated]
    return Counter((day[:length], emotion) for day, emotion in days if start <= day < end)


def as_counter(trend: Trend, length: int) -> Counter[tuple[str, object]]:
    return +Counter(
        {
            (start[:length], name): int(trend.counts[t, k])
            for t, (start, _) in enumerate(trend.bins)
            for k, name in enumerate(trend.emotions)
        }
    )


@pytest.mark.parametrize(("unit", "length"), [("day", 10), ("month", 7), ("year", 4)])
def test_table_and_index_have_the_counts_of_a_plain_pass(unit: str, length: int, tmp_path: Path) -> None:
    posts = random_posts(300)
    archive = small_archive(posts, tmp_path)
    of_table = counted(PostsTable(tmp_path / "posts.parquet")).trend(unit)
    of_index = index_trend(archive.index, State(), unit)
    assert as_counter(of_table, length) == as_counter(of_index, length) == plain(posts, length)
    assert of_table.bins == of_index.bins
    assert all(after[0] == before[1] for before, after in pairwise(of_table.bins))
    undated = sum(post["created_at"] is None for post in posts)
    assert sum(of_table.left_out.values()) == sum(of_index.left_out.values()) == undated > 0


def test_a_span_and_a_query(tmp_path: Path) -> None:
    posts = random_posts(300)
    archive = small_archive(posts, tmp_path)
    span = ("2012-02-01", "2012-12-15")
    table = counted(PostsTable(tmp_path / "posts.parquet")).trend("month", *span)
    index = index_trend(archive.index, State("", None, *span), "month")
    assert as_counter(table, 7) == as_counter(index, 7) == plain(posts, 7, *span)
    assert table.bins == index.bins
    assert (table.bins[0][0], table.bins[-1][0], len(table.bins)) == ("2012-02-01", "2012-12-01", 11)
    asked = index_trend(archive.index, State("obama", emotion="fear"), "year")
    with_it = [p for p in posts if "obama" in f"{p['title']} {p['text']}".lower()]
    assert as_counter(asked, 4) == plain(with_it, 4)
    assert asked.of == f"{archive.index.facts.name}, obama"
    named = index_trend(archive.index, State(subject="obama"), "year")
    found = simple_subjects(f"{post['title']}\n{post['text']}" for post in posts)
    having = [post for post, some in zip(posts, found, strict=True) if "obama" in {one.text for one in some}]
    assert as_counter(named, 4) == plain(having, 4)
    assert index_trend(archive.index, State(), "year").of == archive.index.facts.name


def test_what_an_index_leaves_out_is_told_where_there_is_any(tmp_path: Path) -> None:
    posts: list[dict[str, object]] = [
        {"id": "1", "text": "the army came", "created_at": "2012-01-01", "emotion": "fear"},
        {"id": "2", "text": "the army", "created_at": None, "emotion": "fear"},
    ]
    index = small_archive(posts, tmp_path).index
    assert index_trend(index, State("army"), "year").left_out == {"without a date or an emotion": 1}
    assert index_trend(index, State("came"), "year").left_out == {}


def test_predictions_beside_a_table(tmp_path: Path) -> None:
    table = write_posts(
        [{"id": str(n), "text": "a", "created_at": f"2012-0{n}-01"} for n in (1, 2, 3)], tmp_path / "p.parquet"
    )
    rows = [{"id": str(n), "probabilities": {"fear": n / 10, "anger": 1 - n / 10}} for n in (1, 2, 3)]
    rows[2]["probabilities"] = {"fear": 0.8, "anger": 0.2}
    (tmp_path / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    trend = counted(table, tmp_path / "predictions.jsonl").trend("month")
    assert trend.emotions == ("anger", "fear")
    assert trend.counts.tolist() == [[1, 0], [1, 0], [0, 1]]


def test_counts_of_a_growing_table_are_shown_whenever_more_came() -> None:
    shown: list[int] = []
    heard: list[tuple[int, int]] = []
    growing = GrowingCounts("posts", lambda counts: shown.append(counts.posts), 0.0)

    def posts(last: int) -> Iterator[tuple[int | None, str | None]]:
        yield from [(0, "fear"), (None, "joy")]
        for _ in range(3):  # nothing comes for a while
            assert growing.wait()
            assert shown == [2]
        yield from [(0, "joy")] * last

    growing.read(posts(2), lambda done, total: heard.append((done, total)))
    assert shown == [2, 4]
    assert heard == [(1, 0), (2, 0)], "progress ends with the first look"
    assert growing.trend("year").counts.tolist() == [[1, 2]]


@pytest.mark.parametrize(("posts", "expected"), [([], [0]), ([(0, "fear")] * 3, [3])])
def test_counts_are_shown_at_the_end_even_of_nothing(posts: list[tuple[int, str]], expected: list[int]) -> None:
    shown: list[int] = []
    GrowingCounts("posts", lambda counts: shown.append(counts.posts), 0.0).read(posts, lambda done, total: None)
    assert shown == expected


def test_what_was_shown_at_a_wait_is_not_shown_again_at_the_end() -> None:
    shown: list[int] = []
    growing = GrowingCounts("posts", lambda counts: shown.append(counts.posts), 0.0)

    def posts() -> Iterator[tuple[int | None, str | None]]:
        yield 0, "fear"
        growing.wait()

    growing.read(posts(), lambda done, total: None)
    assert shown == [1]


def planted(bins: int = 60, change: int = 40) -> Trend:
    """A trend whose shares of fear and joy change once."""
    random = np.random.default_rng(0)
    shares = [[0.3, 0.2, 0.5] if t < change else [0.2, 0.3, 0.5] for t in range(bins)]
    counts = np.stack([random.multinomial(1000, row) for row in shares])
    counts[3], counts[4] = [5, 5, 19], [6, 6, 18]
    months = [f"{2000 + t // 12}-{t % 12 + 1:02}-01" for t in range(bins + 1)]
    emotions = ("fear", "joy", "neutral")
    return Trend("month", list(pairwise(months)), emotions, counts, {}, "$planted$")


def test_a_planted_change_is_told() -> None:
    trend = planted()
    (change,) = trend.changes()
    assert change["at"] == "2003-05-01"
    assert (change["from"], change["to"]) == ("2000-01-01", "2005-01-01")
    assert {row["emotion"] for row in change["emotions"][:2]} == {"fear", "joy"}
    by_name = {row["emotion"]: row for row in change["emotions"]}
    assert by_name["fear"]["low"] < -0.1 < by_name["fear"]["high"] < 0
    assert by_name["neutral"]["low"] < 0 < by_name["neutral"]["high"]
    assert by_name["joy"]["before"] == pytest.approx(0.2, abs=0.01)
    assert by_name["joy"]["after"] == pytest.approx(0.3, abs=0.01)


def test_shares_and_intervals_are_hidden_below_30_posts() -> None:
    trend = planted()
    found = trend.as_json()
    assert found["bins"][3]["shares"] is None
    assert found["bins"][3]["posts"] == 29
    assert found["bins"][4]["shares"]["fear"]["share"] == 6 / 30 == pytest.approx(trend.shares()[0][4, 0])
    assert found["posts"] == 58 * 1000 + 29 + 30
    whole = trend.effective_counts.sum(axis=0)
    assert found["emotions"]["joy"]["share"] == pytest.approx(whole[1] / whole.sum())
    one = found["bins"][0]["shares"]["fear"]
    assert one["share"] == trend.counts[0, 0] / 1000
    assert (one["low"], one["high"]) == wilson(int(trend.counts[0, 0]), 1000)
    json.dumps(found, allow_nan=False)


def plain_wilson(share: float, posts: float, z: float) -> tuple[float, float]:
    middle, half = share + z * z / 2 / posts, z * np.sqrt(share * (1 - share) / posts + z * z / 4 / posts**2)
    return (middle - half) / (1 + z * z / posts), (middle + half) / (1 + z * z / posts)


def test_intervals_hold_95_percent_for_a_share_and_for_all_emotions_of_a_change() -> None:
    trend = planted()
    shares, low, high = trend.shares()
    assert (low[0, 0], high[0, 0]) == pytest.approx(plain_wilson(shares[0, 0], 1000, 1.959964))
    level, low, high = trend.level((0, 40))
    assert (low[1], high[1]) == pytest.approx(plain_wilson(level[1], trend.effective_counts[:40].sum(), 1.959964))
    row = next(row for row in trend.changes()[0]["emotions"] if row["emotion"] == "fear")
    z = 2.393980  # two-sided, 0.05 / 3 emotions
    old, new = (
        plain_wilson(row[side], trend.effective_counts[at].sum(), z)
        for side, at in (("before", slice(40)), ("after", slice(40, 60)))
    )
    down = np.hypot(row["after"] - new[0], old[1] - row["before"])
    up = np.hypot(new[1] - row["after"], row["before"] - old[0])
    assert (row["low"], row["high"]) == pytest.approx((row["difference"] - down, row["difference"] + up))


def test_the_figure_and_its_table(tmp_path: Path) -> None:
    trend = planted()
    files = drawing.save(*draw_trend(trend), tmp_path, "trend")
    assert [file.suffix for file in files] == [".png", ".svg", ".csv"]
    rows = list(csv.DictReader((tmp_path / "trend.csv").open()))
    assert len(rows) == 60 * 3
    assert (rows[9]["share"], rows[9]["from"], rows[9]["to"]) == ("", "2000-04-01", "2000-05-01")
    assert {row["stretch"] for row in rows} == {"1", "2"}
    assert sum(int(row["posts_with_it"]) for row in rows) == trend.counts.sum()
    assert "$planted$" in (tmp_path / "trend.svg").read_text()


def test_a_folder_that_another_process_is_writing_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path, ExploreError), pytest.raises(ExploreError, match="another process is writing it"):
        save_trend(planted(), tmp_path)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("unit", ["day", "month", "year"])
def test_one_post_is_a_trend(unit: str, tmp_path: Path) -> None:
    found = DailyCounts("one")
    found.add(unix_seconds(read_time("2012-02-29")), "fear")
    trend = found.trend(unit)
    assert trend.counts.tolist() == [[1]]
    assert trend.changes() == []
    drawing.save(*draw_trend(trend), tmp_path, "trend")


def test_what_cannot_be_answered_is_one_line(tmp_path: Path) -> None:
    found = DailyCounts("posts.csv")
    with pytest.raises(ExploreError, match="no post with a date and an emotion \\(there are none\\)"):
        found.trend("month")
    found.add(None, "fear")
    found.add(0, None)
    with pytest.raises(ExploreError, match="1 without a date; 1 without an emotion"):
        found.trend("month")
    found.add(0, "fear")
    found.add(10**9, "fear")
    with pytest.raises(ExploreError, match="'decade' is not a unit; known are day, week, month, year"):
        found.trend("decade")
    with pytest.raises(ExploreError, match="outside the archive"):
        found.trend("month", "2012-01-01")
    with pytest.raises(ExploreError, match="no post with a date and an emotion from 1990"):
        found.trend("month", "1990-01-01", "1991-01-01")
    archive = small_archive(random_posts(40), tmp_path)
    with pytest.raises(ExploreError, match="no post with a date and an emotion matches"):
        index_trend(archive.index, State("unheard"), "month")
    with pytest.raises(ExploreError, match="'decade' is not a unit; known are day, week, month, year"):
        index_trend(archive.index, State(), "decade")


def test_tables_without_dates_or_emotions_are_one_line(tmp_path: Path) -> None:
    no_dates = write_posts([{"id": "1", "text": "a", "emotion": "fear"}], tmp_path / "a.parquet")
    with pytest.raises(ExploreError, match="no created_at column; name one with --columns created_at=NAME"):
        counted(no_dates)
    no_emotions = write_posts([{"id": "1", "text": "a", "created_at": "2012-01-01"}], tmp_path / "b.parquet")
    with pytest.raises(ExploreError, match="no emotion column; run feelscope predict"):
        counted(no_emotions)


def test_days_over_centuries_are_refused_before_they_are_counted(tmp_path: Path) -> None:
    rows = [
        {"id": str(at), "text": "so", "emotion": "fear", "created_at": f"{year}-05-01"}
        for at, year in enumerate((1700, 2012))
    ]
    index = small_archive(rows, tmp_path).index
    with pytest.raises(ExploreError, match=r"has 113,957 days, and at most 20,000 are counted; ask by month$"):
        index_trend(index, State(), "day")
    assert len(index_trend(index, State(), "month").bins) == 3_745
    assert len(index_trend(index, State(start="2012-01-01"), "day").bins) == 122
    counts = DailyCounts("table")
    for year in (1, 2012):
        counts.add(unix_seconds(read_time(f"{year:04}-05-01")), "fear")
    with pytest.raises(ExploreError, match=r"has 24,133 months, and at most 20,000 are counted; ask by year$"):
        counts.trend("month")
    assert len(counts.trend("year").bins) == 2_012


def test_the_last_day_that_can_be_written_is_no_date() -> None:
    counts = DailyCounts("table")
    for day in ("9999-12-31", "9999-12-30", "2012-05-01"):
        counts.add(unix_seconds(read_time(day)), "fear")
    found = counts.trend("year")
    assert (len(found.bins), found.bins[-1]) == (7_988, ("9999-01-01", "10000-01-01"))
    assert found.left_out == {"without a date": 1}


@pytest.mark.slow
def test_more_numbers_than_an_index_counts_at_once_are_one_line(tmp_path: Path) -> None:
    days = np.arange("1970-01-01", "2009-01-01", dtype="datetime64[D]").astype(str)  # 14,245, each with four emotions
    posts = [
        {"id": f"{day}{emotion}", "text": "so", "emotion": emotion, "created_at": day}
        for day in days
        for emotion in ("fear", "anger", "joy", "disgust")
    ]
    index = small_archive(posts, tmp_path).index
    with pytest.raises(ExploreError, match=r"^more than 65,000 numbers would be counted at once; ask by a longer unit"):
        index_trend(index, State(), "day")
    assert len(index_trend(index, State(start="2000-01-01"), "day").bins) == 3288
