"""A large archive made of a small one that is tagged: what indexing, adding and asking cost at two million posts.

    explore_replicated.py make SMALL LARGE --posts 2260510    shards of new ids, dates, emotions; nothing is predicted
    explore_replicated.py index LARGE                         the index of these shards, alone
    explore_replicated.py add LARGE POSTS.parquet             10,000 posts, the last ones of the table of SMALL
    explore_replicated.py csv LARGE QUERY                     all sentences of a query as CSV
    explore_replicated.py pages LARGE QUERY                   pages of sentences, the first to the last
    explore_replicated.py states LARGE STATES.json            all views of 200 random states, and of 55 broad ones

The states are drawn once, of the words of the first shards, and written to the file; another run, of another Feelscope
too, asks the same. Each is asked once, after others that warm the process up.

SMALL's last shard is left out, so that most of the posts that are added are not like any that are there. Each step is a
process of its own; it prints its processor time, and the most memory it had.
"""

import argparse
import cProfile
import json
import pstats
import random
import resource
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from feelscope.explore.archive import open_archive
from feelscope.explore.index.about import POSTS, read_about, write_about
from feelscope.explore.index.build import add
from feelscope.explore.index.shards import Shards
from feelscope.explore.search.state import State
from feelscope.table import PostsTable

EMOTIONS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral")
DAY = 86_400


def random_emotions(rows: int, draw: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """Emotions, and the probabilities that give them, (rows, K)."""
    probabilities = draw.dirichlet(np.full(len(EMOTIONS), 0.5), rows).astype(np.float32)
    return [EMOTIONS[place] for place in probabilities.argmax(axis=1)], probabilities


def make(small: Path, large: Path, posts: int) -> None:
    """Write shards of a small archive again and again, until there are so many posts."""
    shards, draw = Shards(small / POSTS), np.random.default_rng(0)
    (large / POSTS).mkdir(parents=True)
    names, written, number = shards.names()[:-1], 0, 0
    while written < posts:
        copy, place = divmod(number, len(names))
        table = pq.read_table(shards.folder / names[place])
        table = table.slice(0, posts - written)
        emotions, probabilities = random_emotions(len(table), draw)
        changed = {
            "id": [f"{id}-{copy}" for id in table["id"].to_pylist()],
            "created_at": [None if at is None else at + 7 * copy * DAY for at in table["created_at"].to_pylist()],
            "emotion": emotions,
            "probabilities": probabilities.tolist(),
        }
        for name, values in changed.items():
            at = table.schema.get_field_index(name)
            table = table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
        metadata = {**table.schema.metadata, b"emotion names": json.dumps(EMOTIONS).encode()}
        number += 1
        path = large / POSTS / f"{number:06}.parquet"
        pq.write_table(table.replace_schema_metadata(metadata), path, compression="zstd", write_page_checksum=True)
        written += len(table)
    about = read_about(small)
    write_about(large, replace(about, name="replicated", search="", shards=(), facts=None, inside=""))


def index(large: Path) -> None:
    """Index the shards that are there."""
    from feelscope.explore.index.indexing import index_shards

    about = index_shards(large, read_about(large))
    write_about(large, about)
    assert about.facts is not None
    posts = about.facts.posts
    print(f"{posts:,} posts, {posts / time.process_time():,.0f} a processor second")


def add_posts(large: Path, table: Path, posts: int) -> None:
    """Add the last posts of a table, under ids of their own."""
    rows = pq.read_table(table, columns=["created_at", "title", "text", "subreddit", "url"])
    rows = rows.slice(len(rows) - posts)
    emotions, probabilities = random_emotions(len(rows), np.random.default_rng(1))
    facts = read_about(large).facts
    before = facts.posts if facts else 0
    rows = rows.append_column("id", pa.array([f"added-{before + number}" for number in range(len(rows))]))
    rows = rows.append_column("emotion", pa.array(emotions))
    for at, name in enumerate(EMOTIONS):
        rows = rows.append_column(f"p_{name}", pa.array(probabilities[:, at].astype(float)))
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(rows, Path(folder) / "added.parquet")
        started = time.process_time(), time.perf_counter()
        stages: dict[str, float] = {}
        facts = add(
            PostsTable(Path(folder) / "added.parquet"),
            large,
            progress=lambda stage, *_: stages.setdefault(stage, time.process_time() - started[0]) and None,
        )
        spent, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    print(f"{len(rows):,} posts added, now {facts.posts:,}: {spent:.1f} s of processor time, {wall:.1f} s by the clock")
    print(f"stages began after { ({name: round(at, 1) for name, at in stages.items()}) } s")


def stream(large: Path, query: str) -> None:
    """All sentences of a query as CSV."""
    from feelscope.explore.views.csv_export import csv_lines

    archive = open_archive(large)
    question = {"state": {"query": query}}
    hits = archive.views(**question, parts=())["counts"]["query"]
    started, cpu = time.perf_counter(), time.process_time()

    def ask(**change: object) -> dict[str, object]:
        return archive.views(**(question | {"parts": ("sentences",)} | change))

    try:
        lines = csv_lines("sentences", ask, lambda: archive.all_sentences({"query": query}))
    except TypeError:  # an older Feelscope
        lines = csv_lines("sentences", ask)
    rows, first = -1, 0.0
    for rows, _ in enumerate(lines):
        if rows == 1:
            first = time.perf_counter() - started
        if time.perf_counter() - started > 60:
            break
    wall, spent = time.perf_counter() - started, time.process_time() - cpu
    print(f"{rows:,} of {hits:,} rows in {wall:.1f} s ({spent:.1f} s of processor time), the first after {first:.2f} s")


def pages(large: Path, query: str) -> None:
    """Pages of sentences, the first to the last; milliseconds, the median of five pages by each."""
    archive = open_archive(large)

    def ask(page: int) -> dict[str, object]:
        return archive.views({"query": query}, parts=("sentences",), sentences_page=page)

    last = ask(1)["sentences"]["pages"]  # type: ignore[index]
    for name, share in (("first", 0.0), ("a quarter", 0.25), ("middle", 0.5), ("three quarters", 0.75), ("last", 1.0)):
        spent = []
        for step in range(5):
            page = min(last, max(1, round(share * last) - step))
            started = time.perf_counter()
            ask(page)
            spent.append(1e3 * (time.perf_counter() - started))
        print(f"{name} | page {page:,} of {last:,} | {sorted(spent)[2]:.0f} ms")


def states(large: Path, file: Path, profiled: str) -> None:
    """All views of random states of up to 50,000 hits, and of broad ones; milliseconds."""
    archive = open_archive(large)
    if not file.exists():
        from explore import draw_states, frequencies

        words = frequencies(large, 16)
        drawn = {"random": [asdict(one) for one in draw_states(archive, words, 200, 0)]}
        drawn["warm"] = [asdict(one) for one in draw_states(archive, words, 40, 1)]
        broad = [
            {"query": query, "subject": subject, "start": time and time[0], "end": time and time[1], "emotion": emotion}
            for query in ("", "the", "i", "love")
            for subject in (None, "people", "white house")
            for time in (None, ("2012-01-01", "2013-01-01"), ("2013-02-10", "2013-05-20"))
            for emotion in (None, "fear", "happiness")
        ]
        random.Random(0).shuffle(broad)
        drawn["broad"], drawn["warm"] = broad[:55], drawn["warm"] + broad[55:70]
        file.write_text(json.dumps(drawn))
    drawn = {kind: [State(**one) for one in some] for kind, some in json.loads(file.read_text()).items()}
    for one in drawn["warm"]:
        archive.views(one)
    if profiled:
        profile = cProfile.Profile(time.perf_counter)
        for one in drawn[profiled]:
            profile.runcall(archive.views, one)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    print("all views of a state, in process | states | p50 ms | p95 ms | most ms | p95 ms of processor time")
    for kind in ("random", "broad"):
        wall, work = [], []
        for one in drawn[kind]:
            started = time.perf_counter(), time.process_time()
            archive.views(one)
            wall.append(1e3 * (time.perf_counter() - started[0]))
            work.append(1e3 * (time.process_time() - started[1]))
        half, most = np.percentile(wall, (50, 95))
        print(f"{kind} | {len(wall)} | {half:.1f} | {most:.1f} | {max(wall):.1f} | {np.percentile(work, 95):.1f}")


def memory() -> str:
    """The most memory this process had, and how much of what it has now is its own."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    now = ", ".join(f"{name} {int(status[name].split()[0]) / 1e3:,.0f}" for name in ("RssAnon", "RssFile"))
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB (now {now})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("make", "index", "add", "csv", "pages", "states"))
    parser.add_argument("first", type=Path)
    parser.add_argument("second", nargs="?", default="")
    parser.add_argument("--posts", type=int, default=0)
    parser.add_argument("--profile", default="", choices=("", "random", "broad"), help="where the time of states goes")
    asked = parser.parse_args()
    if asked.what == "make":
        make(asked.first, Path(asked.second), asked.posts or 226_051)
    elif asked.what == "index":
        index(asked.first)
    elif asked.what == "add":
        add_posts(asked.first, Path(asked.second), asked.posts or 10_000)
    elif asked.what == "csv":
        stream(asked.first, asked.second)
    elif asked.what == "states":
        states(asked.first, Path(asked.second), asked.profile)
    else:
        pages(asked.first, asked.second)
    print(f"{asked.what}: {time.process_time():.1f} s of processor time in all, {memory()}")


if __name__ == "__main__":
    main()
