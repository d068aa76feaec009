"""Vectors in their files, what is nearest by them, and the map that is laid out of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feelscope.errors import ExploreError
from feelscope.explore.index.layout import Layout
from feelscope.explore.index.vectors import AllVectors, Vectors, as_integers
from feelscope.explore.search.area import SIDE

DRAW = np.random.default_rng(0)


@given(arrays(np.float32, 12, elements=st.floats(-9, 9, width=32)))
def test_integers_point_where_the_vector_does(vector: np.ndarray) -> None:
    whole = as_integers(vector).astype(float)
    lengths = np.linalg.norm(vector.astype(float)) * np.linalg.norm(whole)
    if np.abs(vector).max() > 1e-3:
        assert vector.astype(float) @ whole / lengths > 0.999
    assert as_integers(np.zeros(3)).tolist() == [0, 0, 0]


def random_vectors(folder: Path) -> tuple[AllVectors, list[np.ndarray | None]]:
    """Two shards of 30 posts, every fifth without a vector, and two alike."""
    posts: list[np.ndarray | None] = [None if at % 5 == 3 else as_integers(DRAW.normal(size=16)) for at in range(60)]
    posts[41] = posts[7]
    vectors = Vectors(folder / "map")
    for shard, some in (("000001.parquet", posts[:30]), ("000002.parquet", posts[30:])):
        vectors.write(shard, [{} if one is None else {"text": one} for one in some])
    return AllVectors(vectors, {"000001.parquet": 0, "000002.parquet": 30}), posts


def test_the_nearest_are_those_of_a_plain_loop(tmp_path: Path) -> None:
    every, posts = random_vectors(tmp_path)
    for number, own in enumerate(posts):
        found = every.nearest(number, "text", 6)
        if own is None:
            assert found == []
            continue
        alike = {}
        for other, vector in enumerate(posts):
            if vector is not None and other != number:
                one, two = own.astype(float), vector.astype(float)
                alike[other] = one @ two / np.linalg.norm(one) / np.linalg.norm(two)
        best = sorted(alike, key=lambda other: -alike[other])[:6]
        assert [other for other, _ in found] == best
        assert [cosine for _, cosine in found] == pytest.approx([alike[other] for other in best], abs=1e-5)
    assert every.nearest(7, "text", 1)[0][0] == 41
    assert every.nearest(7, "image", 6) == []


def test_a_file_that_is_cut_or_of_something_else_is_one_line(tmp_path: Path) -> None:
    every, _ = random_vectors(tmp_path)
    path = tmp_path / "map" / "000001.text.npy"
    whole = path.read_bytes()
    for content in [whole[:cut] for cut in range(0, len(whole), 7)] + [b"\x80\x04", b"PK\x03\x04" + whole]:
        path.write_bytes(content)
        with pytest.raises(
            ExploreError, match=r"000001\.text\.npy: cannot be read \(.*rebuild it with --rebuild"
        ) as error:
            every.nearest(3, "text", 6)
        assert "\n" not in str(error.value)
    np.save(path, np.zeros(3))
    with pytest.raises(ExploreError, match="cannot be read"):
        every.nearest(3, "text", 6)
    path.unlink()
    with pytest.raises(ExploreError, match="cannot be read"):
        every.nearest(3, "text", 6)


def clouds(posts: int) -> tuple[np.ndarray, np.ndarray]:
    """Posts of three subjects, and which of them each is of."""
    which = np.arange(posts) % 3
    middles = 4 * np.eye(3, 20)
    return np.stack([as_integers(middles[one] + DRAW.normal(size=20)) for one in which]), which


def test_posts_that_are_alike_are_near_one_another_and_so_are_those_placed_later(tmp_path: Path) -> None:
    vectors, which = clouds(150)
    later, of_later = clouds(60)
    layout = Layout.fit(vectors)
    layout.write(tmp_path / "layout.npz")
    layout = Layout.read(tmp_path / "layout.npz")
    places, placed = layout.place(vectors), layout.place(later)
    assert places.min() >= 0 and places.max() < SIDE
    assert np.abs(places - layout.places).max() <= 1  # each of the sample where it was laid out
    assert np.ptp(places, axis=0).max() > 0.9 * SIDE
    for some, theirs in ((places, which), (placed, of_later)):
        apart = np.linalg.norm(some[:, None] - places[None].astype(float), axis=2)
        if some is places:
            np.fill_diagonal(apart, np.inf)
        assert np.mean(which[apart.argmin(axis=1)] == theirs) > 0.95
    assert np.abs(layout.place(later[::-1])[::-1] - placed).max() <= 1  # whatever comes beside them


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 14))
def test_a_few_posts_have_places_too(posts: int) -> None:
    vectors, _ = clouds(posts)
    same = np.concatenate([vectors, vectors[:1]])
    places = Layout.fit(vectors).place(same)
    assert places.min() >= 0 and places.max() < SIDE and np.abs(places[-1] - places[0]).max() <= 1


def test_a_damaged_layout_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "layout.npz"
    Layout.fit(clouds(20)[0]).write(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ExploreError, match=r"layout\.npz: not a readable \.npz .*rebuild it with --rebuild"):
        Layout.read(path)
    np.savez(path, mean=np.zeros(3))
    with pytest.raises(ExploreError, match="has no 'axes'; rebuild it"):
        Layout.read(path)
