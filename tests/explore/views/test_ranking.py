"""Which subjects are first, and which are one row."""

import numpy as np
import pytest

from feelscope.explore.index.vocabulary import Vocabulary
from feelscope.explore.views.keyness import signed_g2
from feelscope.explore.views.ranking import best, keyness, merged_rows, not_ruled_out
from feelscope.metrics.intervals import wilson


def ranked(query: str, posts: dict[str, tuple[int, int]]) -> list[tuple[str, list[str]]]:
    """Rows with those merged into them, of subjects with their matching posts and their df, of 10,000 posts."""
    names = [*posts, "other"]
    vocabulary = Vocabulary([f"p{name}" for name in names], np.array([*(df for _, df in posts.values()), 9_000]))
    counts = {number: posts[name][0] for number, name in enumerate(posts)}
    found = merged_rows(best(counts, vocabulary, sum(counts.values()), 10_000), counts, vocabulary, [query])
    return [(names[row.number], [names[number] for number in row.merged]) for row in found]


def test_a_row_is_named_by_the_longest_with_half_of_the_posts_of_its_best() -> None:
    found = ranked("", {"syrian army": (9, 20), "army": (10, 20), "free syrian army": (5, 10), "art": (5, 15)})
    assert found == [("free syrian army", ["army", "syrian army"]), ("art", [])]
    found = ranked("", {"syrian army": (9, 20), "army": (12, 20), "free syrian army": (5, 10)})
    assert found == [("syrian army", ["army", "free syrian army"])]
    assert ranked("", {"house": (90, 200), "white house": (50, 60)})[0][0] == "white house"
    assert ranked("", {"party": (9, 50), "art": (6, 9)}) == [("party", []), ("art", [])]


def test_three_words_of_ten_are_enough() -> None:
    assert ranked("", {"president obama": (9, 50), "president bush": (8, 60)}) == [
        ("president obama", ["president bush"])
    ]
    ten = {"army navy crown north south east west": (9, 50), "army navy crown rain wind snow": (8, 60)}
    assert len(ranked("", ten)) == 1, "3 of 10"
    # One word of four, and none that stands in the other.
    apart = ranked("", {"army of the north": (9, 50), "north wind": (8, 60)})
    assert [row for row, _ in apart] == ["army of the north", "north wind"]


def test_few_other_letters_are_one_row_where_there_are_many() -> None:
    assert ranked("", {"watergate": (9, 50), "wategates": (8, 50)}) == [("watergate", ["wategates"])]
    assert len(ranked("", {"watergate": (9, 50), "watershed": (8, 50), "watersheet": (7, 50)})) == 2  # 3 and 2 letters
    assert len(ranked("", {"watergate": (9, 50), "waterside": (8, 50)})) == 2  # 3 letters
    assert len(ranked("", {"hamilton": (9, 50), "hamiltam": (8, 50)})) == 1  # 2 of 8
    assert len(ranked("", {"clinton": (9, 50), "clintan": (8, 50)})) == 2  # 1 of 7
    assert ranked("", {"watergate": (9, 50), "umbrellas": (8, 50), "wategates": (7, 50)})[0][1] == ["wategates"]
    assert len(ranked("", {"iran": (9, 50), "iraq": (8, 50)})) == 2
    assert len(ranked("", {"😂": (9, 50), "😭": (8, 50)})) == 2


def test_words_of_the_query_tell_no_subjects_apart() -> None:
    posts = {"president assad": (9, 50), "damascus": (8, 50), "bashar al-assad": (7, 50)}
    assert len(ranked("Assad", posts)) == 3, "president, damascus, bashar al"
    assert ranked("damascus", posts) == [("president assad", []), ("bashar al-assad", [])]
    assert ranked('"president assad"', posts) == [("damascus", []), ("bashar al-assad", [])]
    marathon = {"marathon": (9, 50), "boston marathon": (6, 9), "boston": (9, 50), "boston bruins": (5, 50)}
    assert ranked("boston", marathon) == [("boston marathon", ["marathon"]), ("boston bruins", [])]
    numbers = Vocabulary(["pboston marathon", "pmarathon"], np.array([9, 50]))
    (row,) = merged_rows([(0, 9.0), (1, 8.0)], {0: 6, 1: 9}, numbers, ["boston"], without_queries=True)
    assert row.number == 1, "on one side of a comparison of words they are there by themselves"
    similar = {"boston abcd": (9, 50), "boston abce": (8, 50)}  # one letter, of words that are too short
    assert len(ranked("boston", similar)) == 2


def test_what_is_similar_to_two_rows_joins_the_first() -> None:
    found = ranked("", {"syrian army": (9, 50), "free press": (8, 50), "free army": (7, 50)})
    assert found == [("syrian army", ["free army"]), ("free press", [])]


def drawn(subjects: int) -> tuple[Vocabulary, dict[int, int], int]:
    """A vocabulary, counts, and the mentions of all of them and of rare ones."""
    draw = np.random.default_rng(0)
    vocabulary = Vocabulary([f"p{number:03}" for number in range(subjects)], draw.integers(50, 900, subjects))
    counts = {number: int(count) for number, count in enumerate(draw.integers(1, 50, subjects))}
    return vocabulary, counts, sum(counts.values())


def test_the_best_are_those_of_a_plain_sort_by_keyness() -> None:
    vocabulary, counts, mentions = drawn(300)
    plain = []
    for number, count in counts.items():
        others = np.array([vocabulary.posts[number] - count])
        score = float(signed_g2(np.array([count]), mentions, others, vocabulary.mentions - mentions)[0])
        if count >= 5 and score > 0:
            plain.append((number, score))
    plain.sort(key=lambda pair: -pair[1])
    for most in (1, 10, 200):
        found = best(counts, vocabulary, mentions, 1000, most)
        assert [number for number, _ in found] == [number for number, _ in plain[:most]]
        assert [score for _, score in found] == pytest.approx([score for _, score in plain[:most]])
    everything = best(dict(enumerate(vocabulary.posts.tolist())), vocabulary, vocabulary.mentions, 1000, 300)
    by_posts = [posts * np.log(1000 / posts) for posts in vocabulary.posts.tolist()]
    assert [score for _, score in everything] == pytest.approx(sorted(by_posts, reverse=True))


def test_what_is_ruled_out_cannot_be_among_the_best() -> None:
    vocabulary, counts, mentions = drawn(300)
    frequent = sorted(counts, key=lambda number: -counts[number])
    expected = best(counts, vocabulary, mentions, 1000, most=10)
    seen = set()
    for size in (5, 20, 50, 100, 250, 300):
        known = {number: counts[number] for number in frequent[:size]}
        left = not_ruled_out(best(known, vocabulary, mentions, 1000, most=10), known, vocabulary, mentions, most=10)
        assert not set(left) & set(known)
        assert {number for number, _ in expected} <= set(left) | set(known)
        assert best(known | {number: counts[number] for number in left}, vocabulary, mentions, 1000, 10) == expected
        seen.add(0 < len(left) < 300 - size)
    assert seen == {True, False}, "some are ruled out, and not always all"
    assert not_ruled_out([], {0: 4}, vocabulary, mentions) == [], "no other has five posts"
    assert not_ruled_out([], {0: 9}, vocabulary, vocabulary.mentions) == [], "of all posts every count is known"


def test_keyness_is_of_mentions() -> None:
    few = keyness(np.array([10]), np.array([100]), 100, 10_000)
    assert few == pytest.approx(signed_g2(np.array([10]), 100, np.array([90]), 9_900)) and few > 0
    assert keyness(np.array([10]), np.array([100]), 2_000, 10_000) < 0, "long posts mention more of everything"


def test_wilson_is_that_of_the_literature() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998a, table I
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
