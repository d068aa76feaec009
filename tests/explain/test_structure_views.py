"""Top words, outliers, times and ratings, each on posts that were made to have them."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from feelscope.errors import FeelscopeError
from feelscope.explain.structure import ratings, top_words
from feelscope.explain.structure.outliers import outliers
from feelscope.explain.structure.times import Times, zone_of
from feelscope.explain.structure.top_words import WordMeans


def words_and_means(posts: int = 400) -> WordMeans:
    means = WordMeans(2)
    random = np.random.default_rng(0)
    for number in range(posts):
        happy = number % 4 == 0
        p = np.clip((0.8 if happy else 0.2) + random.normal() * 0.05, 0, 1)
        words = ["the", *(["sunshine", "sunshine"] if happy else ["rain"]), *(["odd"] if number < 3 else [])]
        means.add(words, np.array([p, 1 - p], dtype=np.float32))
    return means


def test_planted_words_are_found_and_common_or_rare_ones_are_not() -> None:
    rows = words_and_means().top(("joy", "gloom"), 10)
    assert [(row["emotion"], row["word"]) for row in rows] == [("joy", "sunshine"), ("gloom", "rain")]
    assert rows[0]["posts"] == 100 and rows[0]["rank"] == 1, "a word counts once a post"
    assert rows[0]["mean"] == pytest.approx(0.8, abs=0.02)
    assert 0.3 < rows[0]["surely"] < rows[0]["mean"] - 0.35


def test_how_surely_a_word_goes_with_an_emotion_holds_95_percent_over_all_words() -> None:
    means = WordMeans(2)
    for number in range(400):
        p = 0.8 if number % 4 == 0 else 0.2
        means.add(["the", "sun" if number % 4 == 0 else "rain"], np.array([p, 1 - p]))
    (row,) = means.top(("joy",), 10)
    # 0.8 - 0.35, less z = 2.128045 (one-sided, 0.05 / 3 words) times 0.259808 / sqrt(100)
    assert row["surely"] == pytest.approx(0.45 - 2.128045 * 0.0259808, abs=1e-6)


@pytest.mark.parametrize("posts", [4, 5])
def test_a_word_needs_five_posts(posts: int) -> None:
    means = WordMeans(1)
    for number in range(400):
        means.add(["sun"] if number < posts else [], np.array([0.9 if number < posts else 0.1]))
    rows = means.top(("joy",), 10)
    # A mean of 0.11 and a deviation of 0.8 sqrt(0.0125 * 0.9875): 0.9 - 0.11 - 1.644854 * 0.088882 / sqrt(5)
    assert [row["surely"] for row in rows] == ([pytest.approx(0.724618, abs=1e-5)] if posts == 5 else [])


def test_the_surest_words_come_first_and_of_equals_the_first_in_the_alphabet() -> None:
    means = WordMeans(1)
    for number in range(400):
        words = {0: ["sun", "bright"], 1: ["mild"]}.get(number % 4, ["rain"])
        means.add(words, np.array([{0: 0.9, 1: 0.6}.get(number % 4, 0.1)]))
    rows = means.top(("joy",), 3)
    assert [(row["rank"], row["word"]) for row in rows] == [(1, "bright"), (2, "sun"), (3, "mild")]


def test_words_are_forgotten_only_beyond_the_limit_and_if_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top_words, "MOST_WORDS", 3)
    means = WordMeans(1)
    low, high = np.array([0.1]), np.array([0.9])
    means.add(["a", "b", "c"], high)
    assert means.forgotten == 0
    means.add(["a", "d"], high)
    assert means.forgotten == 3, "b, c and d, and not a, which was seen twice"
    for number in range(100):
        means.add(["a"] if number < 3 else [], high if number < 3 else low)
    (row,) = means.top(("joy",), 3)
    assert (row["word"], row["posts"], row["mean"]) == ("a", 5, pytest.approx(0.9))


def test_a_post_may_have_thousands_of_new_words() -> None:
    means = WordMeans(1)
    words = [f"word {number}" for number in range(5000)]
    for number in range(100):
        means.add(words if number < 20 else [], np.array([0.9 if number < 20 else 0.1]))
    assert [row["posts"] for row in means.top(("joy",), 6000)] == [20] * 5000


def test_words_beyond_the_limit_are_forgotten_if_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top_words, "MOST_WORDS", 50)
    means = WordMeans(2)
    for number in range(3000):
        happy = number % 2 == 0
        row = np.array([0.9, 0.1] if happy else [0.1, 0.9], dtype=np.float32)
        means.add(["sun" if happy else "rain", f"word {number}"], row)
    assert means.forgotten > 2500
    assert {row["word"] for row in means.top(("joy", "gloom"), 3)} == {"sun", "rain"}


def test_no_words_are_no_rows() -> None:
    assert WordMeans(2).top(("joy", "gloom"), 3) == []


def test_a_post_far_from_all_others_is_found_even_in_copies() -> None:
    crowd = np.random.default_rng(0).dirichlet([30, 30, 30], size=500)
    odd = np.array([[0.98, 0.01, 0.01]] * 3)
    found = outliers(np.concatenate([crowd[:100], odd, crowd[100:]]), 3)
    assert {row for row, _ in found} == {100, 101, 102}
    assert all(0.3 < distance <= 1 for _, distance in found)


def test_an_outliers_distance_is_hellingers() -> None:
    values = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert outliers(values, 5) == [(0, pytest.approx(1)), (1, pytest.approx(1))]
    assert outliers(values[:1], 5) == []


@pytest.mark.parametrize("copies", [10, 11])
def test_up_to_ten_copies_of_an_odd_post_stand_out(copies: int) -> None:
    values = np.array([[0.5, 0.5]] * 50 + [[0.9, 0.1]] * copies)
    distances = [distance for _, distance in outliers(values, copies)]
    # Hellinger's from the crowd: sqrt(1 - sqrt(0.5 * 0.9) - sqrt(0.5 * 0.1)); the tenth nearest of 11 is a copy.
    assert distances == pytest.approx([0.324920 if copies == 10 else 0] * copies, abs=1e-6)


def test_a_planted_monday_and_midnight_are_found_and_chance_is_not() -> None:
    times = Times(2)
    random = np.random.default_rng(0)
    for day in range(28):
        for hour in range(24):
            for _ in range(3):
                p = 0.3 + 0.2 * (day % 7 == 0) + 0.3 * (hour == 0) + 0.1 * random.uniform(-1, 1)
                by_chance = 0.2 + 0.1 * random.uniform(-1, 1)
                when = datetime(2012, 10, day + 1, hour, 15, tzinfo=UTC)  # the 1st is a Monday
                times.add(when, np.array([p, by_chance]))
    weekdays, hours = times.weekdays(), times.hours()
    assert weekdays.beyond_chance[0, 0] and hours.beyond_chance[0, 0]
    assert weekdays.change[:, 0].argmax() == hours.change[:, 0].argmax() == 0
    assert not weekdays.beyond_chance[:, 1].any() and not hours.beyond_chance[:, 1].any()
    assert weekdays.posts.sum() == hours.posts.sum() == times.dated == 28 * 24 * 3
    assert weekdays.mean[0, 0] == pytest.approx(0.3 + 0.2 + 0.3 / 24, abs=0.01)
    assert hours.change[0, 0] > 0.5


def test_a_weekday_is_marked_from_95_percent_confidence_on_over_all_of_them() -> None:
    def marked(mondays: int) -> bool:
        """Of 1,000 posts a day 500 have the emotion, but that many on Mondays."""
        times = Times(1)
        for day in range(7):
            for number in range(1000):
                has = number < (mondays if day == 0 else 500)
                times.add(datetime(2012, 10, day + 1, 12, tzinfo=UTC), np.array([float(has)]))
        return bool(times.weekdays().beyond_chance[0, 0])

    # 0.05 / 7 cells, two-sided: 2.690 standard errors. 45 more are 2.635 of them, 46 are 2.694.
    assert [marked(mondays) for mondays in (545, 546, 454, 455)] == [False, True, True, False]


@pytest.mark.parametrize("at_three", [1, 2])
def test_one_post_is_no_pattern(at_three: int) -> None:
    times = Times(1)
    for number in range(1000):
        times.add(datetime(2012, 10, 1, 9, tzinfo=UTC), np.array([0.4 + 0.01 * (number % 2)]))
    for _ in range(at_three):
        times.add(datetime(2012, 10, 1, 3, tzinfo=UTC), np.array([1.0]))
    hours = times.hours()
    assert hours.names[-1] == "23" and hours.posts[3] == at_three
    assert hours.beyond_chance[3, 0] == (at_three == 2)


def test_hours_without_posts_are_empty() -> None:
    times = Times(2)
    for _ in range(3):
        times.add(datetime(2012, 10, 1, 9, tzinfo=UTC), np.array([0.4, 0.6]))
    hours = times.hours()
    assert np.isnan(hours.mean[0]).all() and not hours.beyond_chance.any()
    assert hours.change[9] == pytest.approx([0, 0])


def test_a_zone_moves_weekday_and_hour() -> None:
    times = Times(1, zone_of("Europe/Berlin"))
    times.add(datetime(2012, 10, 7, 23, 30, tzinfo=UTC), np.array([1.0]))  # Sunday there, Monday in Berlin
    assert times.weekdays().posts.tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert times.hours().posts[1] == 1
    times.add(None, np.array([1.0]))
    times.add(datetime.max.replace(tzinfo=UTC), np.array([1.0]))  # in Berlin the year 10000
    assert (times.dated, times.undated) == (1, 2)
    assert zone_of("utc") is UTC and zone_of("Asia/Tokyo") == ZoneInfo("Asia/Tokyo")
    for name in ("Mars", "../Mars", ""):
        with pytest.raises(FeelscopeError, match="no time zone is named"):
            zone_of(name)


def test_ratings_columns_are_found_as_oasis_names_them() -> None:
    columns = ["Theme", "Valence_mean", "Valence_SD", "Arousal_mean"]
    assert ratings.find_ratings(columns, {}) == {"valence": "Valence_mean", "arousal": "Arousal_mean"}
    assert ratings.find_ratings(columns, {"pleasure": "Theme"})["pleasure"] == "Theme"
    with pytest.raises(FeelscopeError, match="--ratings valence=V: the table has no such column; it has Theme"):
        ratings.find_ratings(columns, {"valence": "V"})


def test_a_planted_correlation_with_its_interval() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=900)
    valence = 0.6 * x + 0.8 * random.normal(size=900)  # r is 0.6
    valence[:50] = np.nan
    (row,) = ratings.correlate({"valence": valence}, {"component 1": x})
    assert row["posts"] == 850
    assert row["r"] == pytest.approx(np.corrcoef(valence[50:], x[50:])[0, 1])
    assert row["low"] < 0.6 < row["high"] and row["high"] - row["low"] < 0.15


def test_a_correlation_has_its_95_percent_interval() -> None:
    # r = 0.5 over 28 posts: tanh(atanh(0.5) -+ 1.959964 / sqrt(28 - 3))
    basis, _ = np.linalg.qr(np.column_stack([np.ones(28), np.random.default_rng(0).normal(size=(28, 2))]))
    (row,) = ratings.correlate({"valence": basis[:, 1]}, {"x": basis[:, 1] + math.sqrt(3) * basis[:, 2]})
    assert (row["r"], row["low"], row["high"]) == pytest.approx((0.5, 0.156028, 0.735818), abs=1e-6)


def test_four_posts_have_a_correlation_if_both_vary() -> None:
    columns = {"x": np.array([1.0, 2.0, 3.0, 5.0]), "same": np.ones(4)}
    rows = ratings.correlate({"valence": np.array([1.0, 3.0, 2.0, 4.0])}, columns)
    # By hand: the products of deviations sum to 5.5, their squares to 5 and 8.75.
    assert [row["r"] for row in rows] == [pytest.approx(5.5 / math.sqrt(5 * 8.75)), None]


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [2.0] * 9])
def test_too_few_or_equal_ratings_give_no_correlation(values: list[float]) -> None:
    (row,) = ratings.correlate({"valence": np.array(values)}, {"x": np.arange(float(len(values)))})
    assert row["r"] is None and row["low"] is None


def test_what_is_no_number_is_no_rating() -> None:
    assert [ratings.read_number(value) for value in ("4.5", 3)] == [4.5, 3]
    assert all(np.isnan(ratings.read_number(value)) for value in ("high", None, "", "inf", float("nan"), 10**400))
