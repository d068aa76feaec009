"""Splits of a dataset, by value: they must be the same next year."""

from collections import Counter

import pytest

from feelscope.errors import TableError
from feelscope.prepare.report import Report
from feelscope.prepare.split import authors_for_split, by_unit, by_votes, fraction, units


def test_a_units_name_alone_decides() -> None:
    assert fraction("author a") == pytest.approx(0.694183, abs=1e-6)
    assert fraction("text b") == pytest.approx(0.997131, abs=1e-6)
    # The hashes of these names are 0.0989, 0.1005, 0.1986 and 0.2001: beside the borders at 0.1 and 0.2.
    assert by_unit([f"author {n}" for n in (184, 1349, 619, 601, 184)]) == ["test", "dev", "dev", "train", "test"]


def test_the_shares_are_a_tenth_a_tenth_and_the_rest() -> None:
    assert Counter(by_unit([f"author {n}" for n in range(10_000)])) == {"train": 8051, "test": 1017, "dev": 932}


def test_units_join_authors_and_groups() -> None:
    assert units(["a", "b", "a", "", ""], ["1", "2", "3", "4", "5"], [0, 1, 2, 1, 4]) == [
        "author a",
        "author b",
        "author a",
        "author b",
        "text 5",
    ]
    assert units(["", ""], ["x", "y"], [0, 1]) == ["text x", "text y"]
    assert units(["", "", ""], ["z", "x", "y"], [0, 0, 2]) == ["text x", "text x", "text y"]


def test_one_author_or_few_do_not_decide_the_split() -> None:
    assert authors_for_split(["a"] * 5) == ([""] * 5, "the posts have only one author")
    few = [str(n % 9) for n in range(90)]
    assert authors_for_split(few) == ([""] * 90, "the posts have only 9 authors")
    enough = [str(n % 10) for n in range(90)]
    assert authors_for_split(enough) == (enough, "")
    assert authors_for_split(["", ""]) == (["", ""], "the posts have no authors")
    others = [str(n) for n in range(20)]
    alone, said = authors_for_split([*others, *["big"] * 30])
    assert (alone, said) == ([*others, *[""] * 30], "one author has 60% of the posts")


def test_the_papers_split_by_votes() -> None:
    votes = [3, None, 9, -1, 9, *range(15)]
    sides = by_votes(votes, [f"{number:02}" for number in range(20)])
    assert [place for place, side in enumerate(sides) if side == "test"] == [18, 19]  # 13 and 14 votes
    assert [place for place, side in enumerate(sides) if side == "dev"] == [16, 17]  # 11 and 12
    assert by_votes([5, 5, 5, *[None] * 7], "cabdefghij") == ["train", "test", "dev", *["train"] * 7]
    assert by_votes([0, 1, *[-1] * 8], "abcdefghij") == ["dev", "test", *["train"] * 8]
    assert by_votes([5, None, 1], "abc") == ["train"] * 3
    with pytest.raises(TableError, match="no post has votes; use --split author"):
        by_votes([None] * 3, "abc")


def test_groups_units_and_splits_are_counted() -> None:
    report = Report({})
    report.count_splits(
        ["joy", "joy", "fear", "joy", "fear", "joy"],
        [0, 0, 0, 3, 4, 4],
        ["a", "a", "a", "b", "c", "a"],
        ["train", "dev", "test", "train", "train", "dev"],
    )
    assert (report.groups, report.in_groups, report.torn) == (2, 5, 2)
    assert report.largest_unit == pytest.approx(4 / 6)
    assert report.splits == {"train": {"joy": 2, "fear": 1}, "dev": {"joy": 2}, "test": {"fear": 1}}
