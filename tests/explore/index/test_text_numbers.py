"""Numbers of texts by hash: exact whatever texts share one, and subjects counted as a plain pass counts them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from explore_archive import random_posts, small_archive

from feelscope.errors import ExploreError
from feelscope.explore.index import rare_subjects, subject_counts, text_numbers
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.text_numbers import TextNumbers, text_hashes

TEXTS = ["", "a", "b", "ab", "ba", "naïve", "東京", "x" * 200, "x" * 264, "p", "pa"]


@pytest.mark.parametrize("bits", [64, 2, 0])
def test_texts_are_found_whatever_their_hashes(monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    table = text_numbers._table() & np.uint64(2**bits - 1)
    monkeypatch.setattr(text_numbers, "_table", lambda: table)
    monkeypatch.setattr(text_numbers, "_ints", table.tolist)
    monkeypatch.setattr(text_numbers, "_BYTES_AT_ONCE", 3)
    numbers = TextNumbers(pa.array(TEXTS))
    asked = ["c", *TEXTS[::-1], "xx", "東", "A"]
    expected = [TEXTS.index(text) if text in TEXTS else -1 for text in asked]
    assert numbers.numbers(pa.array(asked)).tolist() == expected
    assert [numbers.number(text) for text in asked] == [None if number < 0 else number for number in expected]


def test_a_hash_is_of_the_text_alone_and_stays_as_it_is() -> None:
    whole = pa.array(["so", "it", "goes"])
    assert text_hashes(whole)[1:].tolist() == text_hashes(whole.slice(1)).tolist()
    assert text_hashes(pa.array(["so"])).tolist() == text_hashes(whole)[:1].tolist()
    assert len(text_hashes(pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("buckets", [2**25, 4])
def test_subjects_are_counted_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buckets: int) -> None:
    monkeypatch.setattr(subject_counts, "_BUCKETS", buckets)
    monkeypatch.setattr(subject_counts, "_TEXTS_AT_ONCE", 10)
    small_archive(random_posts(60), tmp_path)
    shards = Shards(tmp_path / "index" / "posts")
    names = shards.names() * 2
    expected: Counter[str] = Counter()
    for name in names:
        texts, places, _ = shards.subjects(name)
        expected.update(texts.take(places).to_pylist())
    often = sorted((-count, text) for text, count in expected.items() if count >= 5)
    texts, posts = subject_counts.frequent(shards, names)
    assert [*zip(texts.to_pylist(), posts.tolist(), strict=True)] == [(text, -count) for count, text in often]
    texts, posts = subject_counts.counted(shards, names)
    assert dict(zip(texts.to_pylist(), posts.tolist(), strict=True)) == expected


def test_rare_pairs_are_found_in_all_files_and_damage_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rare_subjects, "_PAIRS_A_FILE", 4)
    with rare_subjects.RareWriter(tmp_path, "000001.parquet") as rare:
        for shard in range(3):
            rare.add(np.array([9, 1, 5], np.uint64), np.arange(3) + 3 * shard, f"{shard + 2:06}.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rare-000001.parquet", "rare-000003.parquet"]
    places, posts = rare_subjects.find(tmp_path, np.array([1, 4, 9], np.uint64))
    assert sorted(zip(places.tolist(), posts.tolist(), strict=True)) == [(0, 1), (0, 4), (0, 7), (2, 0), (2, 3), (2, 6)]
    (tmp_path / "rare-000003.parquet").write_bytes(b"torn")
    with pytest.raises(ExploreError, match=r"rare-000003\.parquet: cannot be read; rebuild it with --rebuild"):
        rare_subjects.find(tmp_path, np.array([1], np.uint64))
