"""What a report counts, against plain loops; groups, times and events; and bad inputs, each in one line."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from small_predictions import EMOTIONS, row, write_predictions, write_rows

from feelscope.errors import FeelscopeError
from feelscope.metrics.intervals import wilson
from feelscope.report.counts import begin, following
from feelscope.report.report import make_report, write
from feelscope.report.settings import Settings
from feelscope.report.summary import sentences
from feelscope.table import PostsTable

EVENT = date(2012, 3, 20)


@pytest.fixture(scope="module")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_predictions(tmp_path_factory.mktemp("predictions") / "out.jsonl")


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_shares_are_those_of_a_plain_loop_in_every_format(tmp_path: Path, predictions: Path, ending: str) -> None:
    path = write_rows(tmp_path / f"out{ending}", rows(predictions))
    found = make_report(path, Settings(by=("party",), over="month", event=EVENT))
    counted = Counter(one["emotion"] for one in rows(predictions))
    assert {one.emotion: one.posts for one in found.shares} == counted
    assert [one.posts for one in found.shares] == sorted(counted.values(), reverse=True)
    assert all(one.share == counted[one.emotion] / 400 and one.low < one.share < one.high for one in found.shares)
    mean = sum(one["probabilities"]["fear"] for one in rows(predictions)) / 400
    assert found.mean_probability["fear"] == pytest.approx(mean, abs=1e-6)
    assert sum(found.mean_probability.values()) == pytest.approx(1, abs=1e-5)
    (parties,) = found.by
    both = Counter((one["party"], one["emotion"]) for one in rows(predictions))
    assert {(group.name, one.emotion): one.posts for group in parties.groups for one in group.shares} == {
        (party, emotion): both[party, emotion] for party in ("Greens", "Blues") for emotion in EMOTIONS
    }
    assert parties.clearest is not None and parties.clearest.beyond_chance and parties.clearest.difference > 0
    assert found.over is not None
    months = Counter(one["created_at"][:7] for one in rows(predictions))
    assert {one.start[:7]: one.posts for one in found.over.bins} == months
    assert found.made is not None and found.made["model"]["name"] == "small" and not found.remarks


def test_an_event_parts_its_days_and_what_changed_is_found(predictions: Path) -> None:
    found = make_report(predictions, Settings(event=EVENT, days=20)).event
    assert found is not None
    after = [one for one in rows(predictions) if "2012-03-20" <= one["created_at"] < "2012-04-09"]
    before = [one for one in rows(predictions) if "2012-02-29" <= one["created_at"] < "2012-03-20"]
    assert (found.before, found.after) == (len(before), len(after))
    anger = next(one for one in found.differences if one.emotion == "anger")
    assert anger.first == pytest.approx(sum(one["emotion"] == "anger" for one in after) / len(after))
    assert anger.second == pytest.approx(sum(one["emotion"] == "anger" for one in before) / len(before))
    assert anger.beyond_chance and anger.low < anger.difference < anger.high
    assert (found.first, found.end) == ("2012-02-29", "2012-04-09")


def test_without_authors_posts_are_independent_and_days_are_alike_at_an_event(
    tmp_path: Path, predictions: Path
) -> None:
    without = [{name: value for name, value in one.items() if name != "author"} for one in rows(predictions)]
    found = make_report(write_rows(tmp_path / "out.jsonl", without), Settings(event=EVENT))
    assert not found.clustered and make_report(predictions, Settings()).clustered
    assert all((one.low, one.high) == pytest.approx(wilson(one.posts, 400)) for one in found.shares)
    assert found.event is not None and all(one.low < one.high for one in found.event.differences)


def test_columns_dates_and_authors_come_from_the_table(tmp_path: Path, predictions: Path) -> None:
    bare = [
        {name: one[name] for name in ("id", "emotion", "probabilities", "modalities", "warnings")}
        for one in rows(predictions)
    ]
    out = write_rows(tmp_path / "out.jsonl", bare)
    lines = [f"{one['id']},x,{one['created_at']},{one['party']},{one['author']}" for one in rows(predictions)]
    (tmp_path / "posts.csv").write_text("\n".join(["id,text,date,party,author", *lines]))
    settings = Settings(by=("party",), over="week", event=EVENT)
    found = make_report(out, settings, posts=PostsTable(tmp_path / "posts.csv"))
    assert replace(found, made=None) == replace(make_report(predictions, settings), made=None)
    with pytest.raises(
        FeelscopeError,
        match=r"no such column; .* otherwise give the table .*--posts TABLE, or predict again with --keep party",
    ):
        make_report(out, Settings(by=("party",)))
    with pytest.raises(FeelscopeError, match="no created_at column; give the table"):
        make_report(out, Settings(over="week"))


def test_groups_of_few_posts_are_taken_together_and_told(tmp_path: Path) -> None:
    given = [("a", 40), ("b", 31), ("c", 29), ("d", 1), ("", 5)]
    made = [row(f"{name}{n}", "fear", place=name) for name, posts in given for n in range(posts)]
    (by,) = make_report(write_rows(tmp_path / "out.jsonl", made), Settings(by=("place",))).by
    assert [(group.name, group.posts, group.merged) for group in by.groups] == [
        ("a", 40, 1),
        ("b", 31, 1),
        ("2 others", 30, 2),
    ]
    assert by.without == 5 and by.clearest is None


def test_refused_answers_undated_posts_warnings_and_pictures_are_counted(tmp_path: Path) -> None:
    gone = "the picture was not used: gone.png: no such file"
    made = [
        *(row(f"{n}", "anger", created_at="2012-01-02") for n in range(5)),
        row("u", "fear", created_at="soon", warnings=[gone, "words in another language (Spanish?): this model ..."]),
        row("n", "fear", created_at="9999-12-31"),
        row("r", None, created_at="2012-01-03", abstained=True),
    ]
    found = make_report(write_rows(tmp_path / "out.jsonl", [{"abstained": False, **one} for one in made]), Settings())
    assert (found.posts, found.refused, found.answered, found.undated) == (8, 1, 7, 2)
    assert (found.first, found.last) == ("2012-01-02", "2012-01-03")
    assert found.pictures == {"no such file": 1} and found.warned == {"words in another language": 1}
    assert sum(found.sure.bins) == 7 and found.sure.mean == pytest.approx(0.8)
    assert found.read == {"text": 8}


def test_agreement_of_words_and_pictures(tmp_path: Path) -> None:
    whole = write_rows(tmp_path / "whole.jsonl", [row(f"{n}", "fear") for n in range(10)])
    words = write_rows(tmp_path / "words.jsonl", [row(f"{n}", "anger" if n < 4 else "fear") for n in range(8)])
    pictures = write_rows(
        tmp_path / "pictures.jsonl", [row(f"{n}", "anger" if n < 6 else "fear") for n in range(2, 10)]
    )
    found = make_report(whole, Settings(), alone=(words, pictures)).agreement
    assert found is not None
    assert found.posts == 6 and found.agreed == pytest.approx(4 / 6)
    assert found.counts == ((0, 0, 0), (0, 2, 0), (0, 2, 2))
    by_chance = 2 / 6 * 4 / 6 + 4 / 6 * 2 / 6
    assert found.kappa == pytest.approx((4 / 6 - by_chance) / (1 - by_chance))
    other = write_rows(tmp_path / "other.jsonl", [row("z", "fear")])
    with pytest.raises(FeelscopeError, match=r"other\.jsonl: the post 'z' is not in .*whole\.jsonl"):
        make_report(whole, Settings(), alone=(words, other))
    with pytest.raises(FeelscopeError, match="no post is in both"):
        make_report(
            whole,
            Settings(),
            alone=(
                write_rows(tmp_path / "a.jsonl", [row("1", "fear")]),
                write_rows(tmp_path / "b.jsonl", [row("2", "fear")]),
            ),
        )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(by=("partie",)), r"--by partie: .*did you mean 'party'"),
        (Settings(by=("author", "gone")), r"--by gone: .*known are"),
        (
            Settings(event=date(2013, 1, 1)),
            "--event 2013-01-01: the posts are from 2012-01-30 to 2012-05-08; give a day",
        ),
        (Settings(event=date(2012, 1, 30)), "--event 2012-01-30: the posts are from 2012-01-30"),
    ],
)
def test_what_is_not_there_is_one_line(predictions: Path, settings: Settings, said: str) -> None:
    with pytest.raises(FeelscopeError, match=said) as raised:
        make_report(predictions, settings)
    assert "\n" not in str(raised.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text\n1,so happy\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("id,emotion,probabilities.joy,modalities,warnings\n")
    (tmp_path / "note.md").write_text("no table\n")
    for name, said in (
        ("gone.jsonl", "gone.jsonl: no such file"),
        ("posts.csv", "posts.csv: no probabilities in its first row; give a file that feelscope predict"),
        ("empty.csv", "empty.csv: the file is empty"),
        ("header.csv", "header.csv: no rows below the header"),
        ("note.md", "note.md: a posts table is"),
    ):
        with pytest.raises(FeelscopeError, match=said):
            make_report(tmp_path / name, Settings())
    refused = write_rows(tmp_path / "refused.jsonl", [row("1", None)])
    with pytest.raises(FeelscopeError, match="every answer was refused"):
        make_report(refused, Settings())
    undated = write_rows(tmp_path / "undated.jsonl", [row("1", "fear", created_at="soon")])
    with pytest.raises(FeelscopeError, match=r"none of 1 post has a date"):
        make_report(undated, Settings(over="day"))


def test_a_column_or_a_time_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [row(f"{n}", "fear", place=f"{n}", created_at=f"{1900 + n}-01-01") for n in range(60)]
    path = write_rows(tmp_path / "out.jsonl", made)
    monkeypatch.setattr("feelscope.report.counts.MOST_GROUPS", 50)
    monkeypatch.setattr("feelscope.report.finding.MOST_BINS", 50)
    with pytest.raises(FeelscopeError, match="--by place: the column has over 50 values"):
        make_report(path, Settings(by=("place",)))
    with pytest.raises(FeelscopeError, match="--over year: 1900-01-01 to 1959-01-01 are over 50 years"):
        make_report(path, Settings(over="year"))


def test_memory_does_not_grow_with_posts(tmp_path: Path) -> None:
    import tracemalloc

    most = []
    for posts in (400, 4000):
        path = write_predictions(tmp_path / f"{posts}.jsonl", posts)
        tracemalloc.start()
        make_report(path, Settings(by=("party",), over="week", event=EVENT))
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < 1.3 * most[0]


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
def test_times_follow_one_another_without_gaps(unit: str) -> None:
    first = begin(date(2011, 12, 29), unit)
    for _ in range(20):
        after = following(first, unit)
        assert begin(after, unit) == after > first and begin(date.fromordinal(after.toordinal() - 1), unit) == first
        first = after


def test_posts_of_one_author_alone_have_shares_but_no_interval(tmp_path: Path) -> None:
    made = [row(f"{n}", "fear", author="a", created_at=f"2012-01-{n % 28 + 1:02}") for n in range(60)]
    found = make_report(write_rows(tmp_path / "out.jsonl", made), Settings(over="month", event=date(2012, 1, 15)))
    fear = found.shares[0]
    assert (fear.share, fear.low, fear.high) == (1.0, None, None)
    assert found.event is not None and not any(one.beyond_chance for one in found.event.differences)
    said = " ".join(sentences(found))
    assert "nan" not in said and "interval not known" in said
    write(found, tmp_path / "report")
