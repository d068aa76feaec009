"""All posts by day and emotion: the same in one part as in many, and the sums of any span."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from explore_archive import EMOTIONS, random_posts, small_archive

from feelscope.explore.index import everything
from feelscope.explore.index.everything import everything_requests, read_everything


def test_the_posts_of_any_span_however_many_parts_they_were_counted_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = random_posts(200, 8)
    archive = small_archive(posts, tmp_path)
    facts, engine = archive.facts, archive.index.engine
    for most, parts in ((60_000, 1), (4000, 3), (800, 11)):
        monkeypatch.setattr(everything, "MOST_BINS", most)
        requests = everything_requests(facts)
        assert len(requests) == 1 + parts
        table = read_everything(engine.search_all(requests), facts.emotions)
        for start, end in (("2011-01-15", "2012-03-28"), ("2012-01-01", "2012-01-02"), ("2013-12-28", "2014-01-01")):
            days = Counter(post["emotion"] for post in posts if start <= (post["created_at"] or "")[:10] < end)
            assert table.within(start, end).tolist() == [*(days[name] for name in EMOTIONS), days.total()]
        whole = Counter(post["emotion"] for post in posts)
        assert table.within(None, None).tolist() == [*(whole[name] for name in EMOTIONS), 200]
    bins = [("2011-01-01", "2012-01-01", ""), ("2012-01-01", "2014-01-01", "")]
    dated = table.by_bin([("2011-01-01", "2014-01-01", "")])[0]
    assert np.array_equal(table.by_bin(bins).sum(axis=0), dated) and dated[-1] < 200
    assert table.by_bin([]).shape == (0, len(EMOTIONS) + 1)


def test_without_dates_there_is_only_the_whole(tmp_path: Path) -> None:
    posts = [{"id": str(at), "text": "so it goes", "emotion": "fear"} for at in range(4)]
    archive = small_archive(posts, tmp_path)
    found = archive.views({})
    assert found["timeline"]["bins"] == found["context"]["bins"] == [] and found["feelings"]["archive_posts"] == 4
    assert archive.views({"query": "goes"}, course="fear")["course"]["bins"] == []
