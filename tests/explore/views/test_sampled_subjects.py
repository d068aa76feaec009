"""Subjects of many posts, which are ranked by a sample of them: what is shown is counted all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from explore_archive import random_posts, small_archive
from hypothesis import given
from hypothesis import strategies as st

from feelscope.explore.archive import Archive
from feelscope.explore.search.document import SMALLEST_SAMPLE, sample_levels
from feelscope.explore.views import ranked_subjects

POSTS = 3_000
BROAD: list[dict[str, str]] = [
    {"query": "season1"},
    {"query": "season2 -unheard"},
    {"query": "happiness"},
    {"emotion": "sadness"},
    {"from": "2012-01-01", "to": "2012-08-01"},
    {"query": "week", "emotion": "happiness"},
]
NARROW: list[dict[str, str]] = [
    {"query": "syrian president obama"},
    {"query": "aleppo", "from": "2012-06-01", "to": "2012-09-01"},
    {"query": "unheard"},
    {"query": "don't speech", "emotion": "fear"},
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Posts in each month of which some words are more frequent than otherwise."""
    posts = random_posts(POSTS)
    for post in posts:
        month = int(str(post["created_at"] or "2012-07")[5:7])
        if len(str(post["id"])) % 3:
            post["text"] = f"{post['text']} season{month % 4} of month{month} and {post['emotion']} of the week"
    return small_archive(posts, tmp_path_factory.mktemp("archive"))


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ranked_subjects, "RANKED_BY_SAMPLE", 400)
    monkeypatch.setattr(ranked_subjects, "SAMPLE", 100)
    yield


def rows(archive: Archive, state: dict[str, str], number: int = 10, page: int = 1) -> list[dict[str, Any]]:
    found = archive.views(state, parts=("subjects",), rows=number, subjects_page=page)["subjects"]["rows"]
    return [{name: value for name, value in row.items() if name != "merged"} for row in found]


def test_the_first_rows_of_few_posts_are_those_of_a_full_ranking(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [archive.views(state, parts=("subjects",))["subjects"] for state in NARROW]
    monkeypatch.setattr(ranked_subjects, "RANKED_BY_SAMPLE", 400)
    hits = [archive.views(state, parts=())["counts"]["query"] for state in NARROW]
    assert max(hits) < 400 and max(hits) > 20
    assert [archive.views(state, parts=("subjects",))["subjects"] for state in NARROW] == expected


def test_of_many_posts_every_number_shown_is_exact_and_most_first_rows_are_the_same(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, sampled: None
) -> None:
    shown = [[row for page in (1, 2, 3, 4) for row in rows(archive, state, page=page)] for state in BROAD]
    monkeypatch.setattr(ranked_subjects, "RANKED_BY_SAMPLE", 10**9)
    shares = []
    for state, found in zip(BROAD, shown, strict=True):
        for row in found[5::7]:
            with_it = archive.views({**state, "subject": row["subject"]}, parts=())["counts"]["subject"]
            assert row["posts"] == with_it, (state, row)
        by_subject = {row["subject"]: row for row in rows(archive, state, 100)}
        compared = [row for row in found if row["subject"] in by_subject]
        assert [{**row, "emotions": None} for row in compared] == [
            {**by_subject[row["subject"]], "emotions": None} for row in compared
        ]
        assert compared, state
        scores = [row["score"] for row in found[:20]]
        assert scores == sorted(scores, reverse=True)
        first = rows(archive, state)
        strong = {row["subject"] for row in first if row["score"] > first[0]["score"] / 5}
        shares.append(len({row["subject"] for row in found[:10]} & strong) / len(strong))
    assert sum(shares) / len(shares) >= 0.9, shares


def test_pages_of_a_sample_have_every_row_once(archive: Archive, sampled: None) -> None:
    for state in BROAD[:3]:
        whole = archive.views(state, parts=("subjects",), rows=100)["subjects"]
        paged = [row["subject"] for page in range(1, whole["total"] // 7 + 2) for row in rows(archive, state, 7, page)]
        assert sorted(paged) == sorted(row["subject"] for row in whole["rows"]) and whole["total"] > 20, state


def test_the_most_typical_posts_of_many_are_each_there_once(archive: Archive, sampled: None) -> None:
    found = archive.views({"query": "week"}, parts=("sentences",), rows=100, order="typical")["sentences"]
    assert len({row["id"] for row in found["rows"]}) == 100 and found["total"] > 400


@given(st.text())
def test_a_post_of_a_sample_is_in_all_larger_ones(id: str) -> None:
    levels = sample_levels(id)
    assert levels == list(range(1, len(levels) + 1)) and len(levels) <= SMALLEST_SAMPLE


def test_a_sample_has_half_of_the_posts_of_the_one_before() -> None:
    levels = [len(sample_levels(f"t3_{number}")) for number in range(1 << 15)]
    for level in range(1, 9):
        assert sum(one >= level for one in levels) == pytest.approx(2 ** (15 - level), rel=0.15)
