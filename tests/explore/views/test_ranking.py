import math

import numpy as np
import pytest

from feelscope.explore.index.vocabulary import Vocabulary
from feelscope.explore.views.ranking import best, least_that_counts, merged_rows
from feelscope.metrics.intervals import wilson


def ranked(query: str, posts: dict[str, tuple[int, int]]) -> list[tuple[str, list[str]]]:
    """Rows with those merged into them, of subjects with their matching posts and their df, of 10,000 posts."""
    names = list(posts)
    vocabulary = Vocabulary([f"p{name}" for name in names], np.array([df for _, df in posts.values()]))
    counts = {number: posts[name][0] for number, name in enumerate(names)}
    found = merged_rows(best(counts, vocabulary, 10_000), counts, vocabulary, [query])
    return [(names[row.number], [names[number] for number in row.merged]) for row in found]


def test_words_that_stand_in_others_are_one_row_named_by_the_most_frequent() -> None:
    found = ranked("", {"syrian army": (9, 20), "army": (9, 50), "free syrian army": (5, 10), "art": (3, 9)})
    assert found == [("army", ["syrian army", "free syrian army"]), ("art", [])]
    assert ranked("", {"party": (9, 50), "art": (3, 9)}) == [("party", []), ("art", [])]


def test_three_words_of_ten_are_enough() -> None:
    assert ranked("", {"president obama": (9, 50), "president bush": (8, 40)}) == [
        ("president obama", ["president bush"])
    ]
    ten = {"army navy crown north south east west": (9, 50), "army navy crown rain wind snow": (8, 40)}
    assert len(ranked("", ten)) == 1, "3 of 10"
    # One word of four, and none that stands in the other.
    apart = ranked("", {"army of the north": (9, 50), "north wind": (8, 40)})
    assert [row for row, _ in apart] == ["army of the north", "north wind"]


def test_few_other_letters_are_one_row_where_there_are_many() -> None:
    assert ranked("", {"watergate": (9, 50), "wategates": (8, 40)}) == [("watergate", ["wategates"])]
    assert len(ranked("", {"watergate": (9, 50), "watershed": (8, 40), "watersheet": (7, 30)})) == 2  # 3 and 2 letters
    assert len(ranked("", {"watergate": (9, 50), "waterside": (8, 40)})) == 2  # 3 letters
    assert len(ranked("", {"hamilton": (9, 50), "hamiltam": (8, 40)})) == 1  # 2 of 8
    assert len(ranked("", {"clinton": (9, 50), "clintan": (8, 40)})) == 2  # 1 of 7
    assert ranked("", {"watergate": (9, 50), "umbrellas": (8, 40), "wategates": (7, 30)})[0][1] == ["wategates"]
    assert len(ranked("", {"iran": (9, 50), "iraq": (8, 40)})) == 2
    assert len(ranked("", {"😂": (9, 50), "😭": (8, 40)})) == 2


def test_what_repeats_the_query_is_left_out() -> None:
    posts = {"president assad": (9, 50), "damascus": (8, 40), "bashar al-assad": (7, 30)}
    assert ranked("Assad", posts) == [("damascus", [])]
    assert ranked('"president assad"', posts) == [("damascus", []), ("bashar al-assad", [])]
    assert len(ranked("", posts)) == 3  # "assad" is one word of four
    assert ranked("assad damascus", posts) == [], "one word of the query is enough"
    assert ranked('"president assad"', {"former president assad": (9, 50)}) == []


def test_what_is_similar_to_two_rows_joins_the_first() -> None:
    found = ranked("", {"syrian army": (9, 50), "free press": (8, 40), "free army": (7, 30)})
    assert found == [("syrian army", ["free army"]), ("free press", [])]


def test_the_best_are_those_of_a_plain_sort_by_posts_times_ln_of_all_over_df() -> None:
    draw = np.random.default_rng(0)
    vocabulary = Vocabulary([f"p{number:03}" for number in range(300)], draw.integers(50, 900, 300))
    counts = {number: int(count) for number, count in enumerate(draw.integers(1, 50, 300))}
    plain = [(number, count * math.log(1000 / vocabulary.posts[number])) for number, count in counts.items()]
    plain.sort(key=lambda pair: -pair[1])
    for most in (1, 10, 299):
        found = best(counts, vocabulary, 1000, most)
        assert [number for number, _ in found] == [number for number, _ in plain[:most]]
        assert [score for _, score in found] == pytest.approx([score for _, score in plain[:most]])
    assert len(best(counts, vocabulary, 1000)) == 200


def test_a_subject_with_fewer_posts_than_counts_cannot_be_among_the_best() -> None:
    vocabulary = Vocabulary([f"p{number}" for number in range(50)], np.arange(5, 55))
    draw = np.random.default_rng(0)
    counts = {number: int(count) for number, count in enumerate(draw.integers(1, 40, 50))}
    scores = best(counts, vocabulary, 1000, most=10)
    least = least_that_counts(scores, 1000, 5, most=10)
    assert {number for number, _ in scores} <= {number for number, count in counts.items() if count >= least}
    assert least == pytest.approx(scores[9][1] / math.log(1000 / 5))
    assert least_that_counts(scores[:9], 1000, 5, most=10) == 0
    assert least_that_counts(scores, 5, 5, most=10) == 0, "every subject is in all posts"


def test_wilson_is_that_of_the_literature() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998a, table I
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
