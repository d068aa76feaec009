"""Facets: more values than are shown, and than are looked at. What they count is in `test_counts`."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from explore_archive import small_archive

from feelscope.errors import ExploreError
from feelscope.explore.archive import Archive
from feelscope.explore.views import facets
from feelscope.explore.views.csv_export import csv_lines


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    posts = [
        {
            "id": str(at),
            "text": "storm" if at % 3 else "calm",
            "author": f"a{at % 60 % (at % 7 + 30)}",
            "emotion": emotion,
        }
        for at, emotion in enumerate(["fear", "joy", "fear", "awe"] * 100)
    ]
    return small_archive(posts, tmp_path_factory.mktemp("facets"))


def test_the_most_frequent_values_and_the_one_that_is_asked_for(archive: Archive) -> None:
    posts = Counter(f"a{at % 60 % (at % 7 + 30)}" for at in range(400) if at % 3 and at % 4 == 3)
    expected = sorted(posts, key=lambda value: (-posts[value], value))
    state = {"query": "storm", "emotion": "awe"}
    (facet,) = archive.views(state)["facets"]
    assert [(row["value"], row["posts"]) for row in facet["values"]] == [(one, posts[one]) for one in expected[:20]]
    assert (facet["facet"], facet["key"], facet["more"]) == ("author", "author", len(expected) - 20)
    last = archive.views({**state, "author": expected[-1]})
    assert last["counts"]["query"] == posts[expected[-1]]
    (facet,) = last["facets"]
    assert [row["value"] for row in facet["values"]] == [*expected[:20], expected[-1]]
    assert archive.views({**state, "author": "nobody"})["facets"][0]["values"][-1]["posts"] == 0


def test_of_very_many_values_those_shown_are_counted(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = archive.views({})["facets"][0]
    monkeypatch.setattr(facets, "_FIRST_LOOK", 25)
    assert archive.views({})["facets"][0] == {**everything, "more": None}


def test_facets_as_a_table(archive: Archive, tmp_path: Path) -> None:
    rows = list(
        csv.reader(io.StringIO("".join(csv_lines("facets", lambda **how: archive.views({}, **how), lambda: iter(())))))
    )
    assert rows[0] == ["facet", "value", "posts", "fear", "awe", "joy"] and len(rows) == 21
    assert all(sum(map(int, row[3:])) == int(row[2]) for row in rows[1:])
    plain = small_archive([{"id": "1", "text": "calm", "emotion": "joy"}], tmp_path)
    assert plain.views({})["facets"] == [] and plain.facts.facets == ()
    with pytest.raises(ExploreError, match="a state has no 'author'"):
        plain.views({"author": "a1"})
