"""How well the map of an index keeps neighbours, beside two principal components and places drawn by chance.

    python benchmarks/explore_map.py INDEX

Of 500 posts drawn by lot, the ten posts with the most similar vectors are compared with the ten that are nearest on the
map. Both are looked for among 20,000 posts: those that were laid out; and, where the index has more, as many of those
that were placed beside them. `--others` lays the first ones out by umap-learn and PaCMAP too, where they are installed.
With `--time`, similar posts and the map of all posts are asked for 20 times.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from feelscope.explore.archive import open_archive
from feelscope.explore.index.layout import SAMPLE, Layout
from feelscope.explore.index.placing import Places
from feelscope.explore.index.vectors import Vectors, directions
from feelscope.explore.search.chance import chance_of, number_of

ASKED, NEAR = 500, 10


def nearest(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The numbers of the nearest rows of each that is asked about, (A, NEAR)."""
    rows = rows.astype(np.float64)
    squares = (rows**2).sum(axis=1)
    found = []
    for one in asked:
        apart = squares - 2 * rows @ rows[one]
        apart[one] = np.inf
        found.append(np.argpartition(apart, NEAR)[:NEAR])
    return np.array(found)


def kept(places: np.ndarray, asked: np.ndarray, truth: np.ndarray) -> float:
    pairs = zip(nearest(places, asked), truth, strict=True)
    return float(np.mean([len(set(one) & set(other)) / NEAR for one, other in pairs]))


def components(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ axes[:, ::-1][:, :2])


def measure(
    name: str, vectors: np.ndarray, places: np.ndarray, felt: Sequence[int], layouts: Mapping[str, np.ndarray]
) -> None:
    draw = np.random.default_rng(0)
    rows = directions(vectors)
    asked = draw.choice(len(rows), min(ASKED, len(rows)), replace=False)
    truth = nearest(rows, asked)
    ways = {
        "the map": places,
        "two principal components": components(rows),
        "by chance": draw.random((len(rows), 2)),
        **layouts,
    }
    print(f"{name}: {len(rows):,} posts; of the {NEAR} nearest, on the map too:")
    for way, where in ways.items():
        print(f"  {way:26} {kept(where, asked, truth):6.1%}")
    if len(felt) == len(rows):
        emotions = np.array(felt)
        same = np.mean(emotions[nearest(places, asked)] == emotions[asked][:, None])
        print(f"  of the {NEAR} nearest on the map, {same:.0%} have the same emotion")


def others(vectors: np.ndarray) -> dict[str, np.ndarray]:
    """The same posts laid out by other libraries, by the same principal components."""
    layout = Layout.fit(vectors[:50])  # imports what is timed below
    rows = directions(vectors)
    rows -= rows.mean(axis=0)
    _, axes = np.linalg.eigh(rows.T @ rows)
    known = rows @ axes[:, ::-1][:, : layout.axes.shape[1]]

    def umap() -> np.ndarray:
        from umap import UMAP

        return np.asarray(UMAP(init="pca").fit_transform(known))

    def pacmap() -> np.ndarray:
        from pacmap import PaCMAP

        return np.asarray(PaCMAP(random_state=0).fit_transform(known, init="pca"))

    ways: dict[str, Callable[[], np.ndarray]] = {"umap-learn": umap, "PaCMAP": pacmap}
    found = {}
    for name, lay_out in ways.items():
        try:
            begin, used = time.perf_counter(), time.process_time()
            found[name] = lay_out()
            print(f"{name}: {time.perf_counter() - begin:.0f} s, {time.process_time() - used:.0f} s of processor time")
        except ImportError as error:
            print(f"{name}: {error}")
    return found


def timed(name: str, ask: Callable[[int], object], numbers: Sequence[int]) -> None:
    times = []
    for number in numbers:
        begin = time.perf_counter()
        ask(number)
        times.append(1000 * (time.perf_counter() - begin))
    print(f"{name}: median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("index", type=Path)
    asked.add_argument("--others", action="store_true")
    asked.add_argument("--time", action="store_true")
    given = asked.parse_args()
    archive = open_archive(given.index)
    alike = archive.index.vectors
    assert alike is not None, archive.index.no_map
    read, places = [], []
    for shard, first in alike.firsts.items():
        posts, vectors = alike.vectors.read(shard, "text")
        where = Places(Vectors(alike.vectors.folder)).read(shard)
        read += [(chance_of(first + post), vector) for post, vector in zip(posts.tolist(), vectors, strict=True)]
        places += [where[post] for post in posts.tolist()]
    felt = archive.views({}, parts=("map",))["map"]["points"]["emotion"]  # of the first ones by chance
    order = sorted(range(len(read)), key=lambda one: read[one][0])
    for name, begin in (("laid out", 0), ("placed beside them", SAMPLE)):
        some = order[begin : begin + SAMPLE]
        if len(some) > ASKED:
            vectors = np.array([read[one][1] for one in some])
            layouts = others(vectors) if given.others and not begin else {}
            measure(name, vectors, np.array([places[one] for one in some]), [] if begin else felt, layouts)
    if given.time:
        keys = archive.views({}, parts=("map",))["map"]["points"]["key"][:20]
        ids = [(archive.spot(key) or {})["id"] for key in keys]
        timed("similar posts", lambda number: archive.similar(ids[number]), range(20))
        numbers = [number_of(key) for key in keys]
        timed("  their vectors alone", lambda number: alike.nearest(numbers[number], "text", 8), range(20))
        timed("map of all posts", lambda _: archive.views({}, parts=("map",)), range(20))


if __name__ == "__main__":
    main()
