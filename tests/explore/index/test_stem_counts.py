"""Frequent stems by emotion, counted at build: every number is that of a plain pass, before and after adding."""

from collections import Counter
from pathlib import Path

import pytest
from explore_archive import random_posts, simple_subjects, small_archive, write_posts

from feelscope.errors import ExploreError
from feelscope.explore.archive import open_archive
from feelscope.explore.index import stem_counts
from feelscope.explore.index.build import add
from feelscope.explore.index.shards import Shards
from feelscope.explore.search.engine import total
from feelscope.explore.search.request import counting, term


@pytest.fixture(autouse=True)
def few_are_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stem_counts, "_LEAST", 20)
    monkeypatch.setattr(stem_counts, "_AT_ONCE", 7)


def check(folder: Path) -> None:
    """Compare with the stems of every post, one after the other."""
    archive = open_archive(folder)
    having: Counter[str] = Counter()
    felt: Counter[tuple[str, str]] = Counter()
    shards = Shards(folder / "posts")
    for row in (row for name in shards.names() for row in shards.rows(name)):
        having.update(row["stems"].split())
        felt.update((stem, row["emotion"]) for stem in row["stems"].split())
    known = archive.index.stem_counts
    assert "obama" in known.stems and len(known.stems) >= 20
    for stem in known.stems:
        for emotion in archive.facts.emotions:
            assert known.of(stem, emotion) == (having[stem], felt[stem, emotion])
    assert known.of("unheard", "fear") is None
    single = ["obama", "rebel", *known.stems[:10]]
    for stem in single:  # looked up where no post was deleted, and counted otherwise
        asked = counting({"bool": {"filter": [term("words", stem)]}})
        counted = counting(
            {"bool": {"filter": [term("words", stem), {"match_all": {}}]}}, all={"sum": {"field": "sure"}}
        )
        assert total(archive.index.engine.search(asked)) == total(archive.index.engine.search(counted))


@pytest.mark.parametrize("more", [30, 200])
def test_frequent_stems_are_counted_at_build_and_with_posts_that_are_added(tmp_path: Path, more: int) -> None:
    """A few posts are added to what is known; with many everything is counted."""
    posts = random_posts(200 + more)
    for post in posts[200:]:
        post["emotion"] = "hope" if str(post["id"]).endswith("1") else post["emotion"]
        post["text"] = f"{post['text']} lately"  # a subject that was too rare, and is not now
    for post in posts[:4]:
        post["text"] = f"{post['text']} lately"
    small_archive(posts[:200], tmp_path)
    check(tmp_path / "index")
    add(write_posts(posts, tmp_path / "more.parquet"), tmp_path / "index", find_subjects=simple_subjects)
    after = open_archive(tmp_path / "index")
    assert "hope" in after.facts.emotions
    check(tmp_path / "index")
    assert after.views({"subject": "lately"}, parts=())["counts"]["subject"] == 4 + more


def test_strengths_are_the_same_whichever_stems_were_counted_before(tmp_path: Path) -> None:
    archive = small_archive(random_posts(150), tmp_path)
    states = [{"query": "obama", "emotion": emotion} for emotion in archive.facts.emotions]
    expected = [archive.views(state, parts=("sentences",)) for state in states]
    archive.index.word_weights.clear()
    kept = archive.index.stem_counts
    object.__setattr__(archive.index, "stem_counts", stem_counts.StemCounts([], kept.posts[:0], (), kept.felt[:0]))
    assert [archive.views(state, parts=("sentences",)) for state in states] == expected


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    small_archive(random_posts(40), tmp_path)
    (file,) = (tmp_path / "index").glob("search-*/stems.parquet")
    file.write_bytes(b"PAR1")
    with pytest.raises(ExploreError, match=r"stems.parquet: cannot be read; rebuild it with --rebuild"):
        open_archive(tmp_path / "index")
