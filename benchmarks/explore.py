"""Exploring: how fast an archive is built, how fast its views are, and the same questions put to SQLite.

    python benchmarks/explore.py posts.parquet
    python benchmarks/explore.py posts.parquet --keep archive     # the index stays, and is used again

The table must have emotions (`feelscope predict --out`, or any labels): reading them is not timed here. States are
drawn at random: words, pairs of words, phrases or none; with and without subject, span and emotion; as many without any
hit as with 1 to 9, 10 to 99, 100 to 999, 1,000 to 9,999, and 10,000 to 50,000. SQLite has FTS5 over the same words and
stems, and tables with every index that helps; it is asked with GROUP BY for the same figures, without sentence choice
and merging of subjects, and its counts must equal ours.
"""

import argparse
import bisect
import http.client
import json
import math
import operator
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pyarrow as pa

from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.index.shard_subjects import ShardSubjects
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.text_numbers import TextNumbers
from feelscope.explore.search.query_text import Form, parse_query
from feelscope.explore.search.state import KEYS, State, settle

CLASSES = (0, 1, 10, 100, 1000, 10_000)  # least hits of each; the last one ends at 50,000
MOST_HITS = 50_000
BUILD = """
import json, resource, sys, time
from pathlib import Path
from feelscope.explore.index.build import build
from feelscope.table import PostsTable
table, folder, limit = sys.argv[1:]
times = []
def note(stage, done, total, detail):
    if not times or times[-1][0] != stage:
        times.append((stage, time.perf_counter(), time.process_time()))
facts = build(PostsTable(table, limit=int(limit) or None), Path(folder), progress=note)
times.append(("end", time.perf_counter(), time.process_time()))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(json.dumps({"posts": facts.posts, "times": times, "peak": peak}))
"""


def build(table: str, folder: Path, limit: int) -> None:
    command = [sys.executable, "-c", BUILD, table, str(folder), str(limit)]
    ran = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    (_, started, cpu), (_, tagged, tagged_cpu), (_, ended, ended_cpu) = ran["times"]
    print(f"{ran['posts']:,} posts, peak {ran['peak']:,.0f} MB")
    print("what | posts per second | posts per processor second")
    for what, wall, work in (
        ("index alone", ended - tagged, ended_cpu - tagged_cpu),
        ("with tagging", ended - started, ended_cpu - cpu),
    ):
        print(f"{what} | {ran['posts'] / wall:,.0f} | {ran['posts'] / work:,.0f}")


def frequencies(folder: Path, most: int | None = None) -> Counter[str]:
    """Words, and how many posts have each, of the first shards or all."""
    shards = Shards(folder / "posts")
    found: Counter[str] = Counter()
    for name in shards.names()[:most]:
        for words in shards.columns([name], ["words"])["words"].to_pylist():
            found.update({word for part in words for word in part.split()})
    return found


def draw_states(archive: Archive, words: Counter[str], number: int, seed: int) -> list[State]:
    """States by chance, as many of each class of `CLASSES`."""
    draw = random.Random(seed)
    rare_first = sorted((count, word) for word, count in words.items())
    logs = np.log([count for count, _ in rare_first])
    posts = archive.index.vocabulary.posts.tolist()
    subjects = sorted(
        (math.log(count), name[1:]) for name, count in zip(archive.index.vocabulary.names, posts, strict=True)
    )
    days = np.arange(archive.facts.start, archive.facts.end, dtype="datetime64[D]")

    def word() -> str:
        at = int(np.searchsorted(logs, draw.uniform(0, logs[-1])))
        return rare_first[draw.randint(at, min(len(logs) - 1, at + 20))][1]

    def subject() -> str:
        at = bisect.bisect(subjects, (draw.uniform(subjects[0][0], subjects[-1][0]), ""))
        return subjects[draw.randint(at, min(len(subjects) - 1, at + 20))][1]

    def query() -> str:
        kind = draw.random()
        if kind < 0.75:
            return word() if kind < 0.6 else f"{word()} {word()}"
        return f'"{subject()}"' if kind < 0.85 else ""

    def state() -> State:
        start = end = None
        if draw.random() < 0.5:
            first = draw.randrange(len(days) - 30)
            start, end = str(days[first]), str(days[min(len(days) - 1, first + draw.randint(30, 1100))])
        emotion = draw.choice(archive.facts.emotions) if draw.random() < 1 / 3 else None
        return State(query(), subject() if draw.random() < 1 / 3 else None, start, end, emotion)

    wanted = Counter({place: number // len(CLASSES) for place in range(len(CLASSES))})
    wanted[1] += number % len(CLASSES)
    found = []
    for _ in range(500 * number):  # a small archive has no state of the last classes
        one = state()
        hits = archive.views(one, parts=())["counts"]["query"]
        place = bisect.bisect(CLASSES, hits) - 1
        if wanted[place] > 0 and hits <= MOST_HITS:
            wanted[place] -= 1
            found.append(one)
        if len(found) == number:
            break
    draw.shuffle(found)
    return found


def fts(form: Form) -> str:
    """A word or phrase as FTS5 asks for it."""
    field, words = form
    columns = "stems" if field == "words" else "{title text beside}"
    return f'{columns} : "{" ".join(words)}"'


class Sqlite:
    """The same archive in SQLite, and its views as SQL."""

    def __init__(self, folder: Path, archive: Archive, file: Path) -> None:
        self.archive = archive
        self.base = sqlite3.connect(file)
        self.base.executescript(
            "PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 2000000000;"
        )
        if not self.base.execute("SELECT count(*) FROM sqlite_master WHERE name = 'posts'").fetchone()[0]:
            self._fill(folder)
        self.base.execute("CREATE TEMP TABLE hits (post INTEGER PRIMARY KEY)")

    def _fill(self, folder: Path) -> None:
        self.base.executescript("""
            CREATE TABLE posts (
              post INTEGER PRIMARY KEY, at INTEGER, day TEXT, month TEXT, emotion TEXT, id TEXT, text TEXT
            );
            CREATE VIRTUAL TABLE found USING fts5 (title, text, beside, stems, content='',
              tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* S* Co' tokenchars ''''");
            CREATE TABLE has (subject INTEGER, post INTEGER, PRIMARY KEY (subject, post)) WITHOUT ROWID;
            CREATE TABLE subjects (subject INTEGER PRIMARY KEY, weight REAL);
        """)
        shards = Shards(folder / "posts")
        numbers = TextNumbers(pa.array(self.archive.index.vocabulary.names)).numbers
        number = 0
        for name in shards.names():
            posts = ShardSubjects(shards, name, number, numbers).documents()
            for row, post in zip(shards.rows(name), posts, strict=True):
                number += 1
                at = row["created_at"]
                day = None if at is None else str(np.datetime64(at, "s").astype("datetime64[D]"))
                month = day and day[:7]
                values = (number, at, day, month, row["emotion"], row["id"], f"{row['title']}\n{row['text']}")
                self.base.execute("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?)", values)
                texts = (*(*row["words"], "", "")[:2], " | ".join(row["beside"]), row["stems"])
                self.base.execute(
                    "INSERT INTO found (rowid, title, text, beside, stems) VALUES (?, ?, ?, ?, ?)", (number, *texts)
                )
                self.base.executemany("INSERT INTO has VALUES (?, ?)", [(one, number) for one in post["subject"]])
        weights = np.log(self.archive.facts.posts / self.archive.index.vocabulary.posts).tolist()
        self.base.executemany("INSERT INTO subjects VALUES (?, ?)", enumerate(weights))
        self.base.executescript("""
            CREATE INDEX has_by_post ON has (post, subject);
            CREATE INDEX posts_by_day ON posts (day, emotion, month);
            CREATE INDEX posts_by_emotion ON posts (emotion, month);
            INSERT INTO found (found) VALUES ('optimize');
            ANALYZE;
        """)
        self.base.commit()

    def views(self, given: State) -> tuple[int, int | None]:
        """Ask for everything; gives the two counts."""
        state = settle(given, self.archive.facts)
        subject = None if state.subject is None else self.archive.index.vocabulary.number(state.subject)
        parsed = parse_query(state.query)
        run, everything = self.base.execute, state.query == ""
        hits = "posts"
        if not everything:
            run("DELETE FROM hits")
            terms = [f"({' OR '.join(map(fts, leaf.forms))})" for leaf in parsed.leaves]
            if terms:
                run("INSERT INTO hits SELECT rowid FROM found WHERE found MATCH ?", (" AND ".join(terms),))
            hits = "hits CROSS JOIN posts USING (post)"
        in_time = "day >= :start AND day < :end" if state.start else "1"
        of_e = "emotion = :emotion" if state.emotion else "1"
        of_f = "post IN (SELECT post FROM has WHERE subject = :subject)" if subject is not None else "1"
        values = {"start": state.start, "end": state.end, "emotion": state.emotion, "subject": subject}

        def ask(what: str, where: str, more: str = "", tables: str = hits) -> list[tuple[Any, ...]]:
            return run(f"SELECT {what} FROM {tables} WHERE {where} {more}", values).fetchall()  # noqa: S608 # our own words

        ((count,),) = ask("count(*)", f"{in_time} AND {of_e}")
        both = None if subject is None else ask("count(*)", f"{in_time} AND {of_e} AND {of_f}")[0][0]
        ask("emotion, count(*)", f"{in_time} AND {of_f}", "GROUP BY emotion")
        ask("month, emotion, count(*)", of_f, "GROUP BY month, emotion")
        if subject is not None:
            ask("month, count(*)", of_e, "GROUP BY month")
        tables = f"{hits} CROSS JOIN has USING (post)"
        ranked = ask("subject, count(*) c", f"{in_time} AND {of_e}", "GROUP BY subject", tables)
        weights = dict(run("SELECT subject, weight FROM subjects")) if not hasattr(self, "weights") else self.weights
        self.weights = weights
        best = sorted(ranked, key=lambda row: -row[1] * weights[row[0]])[:10]
        few = ",".join(str(int(number)) for number, _ in best)
        ask("emotion, count(*)", in_time, "GROUP BY emotion")
        tables = "has CROSS JOIN posts USING (post)" + ("" if everything else " CROSS JOIN hits USING (post)")
        ask("subject, month, count(*)", f"subject IN ({few}) AND {of_e}", "GROUP BY subject, month", tables)
        ask("subject, emotion, count(*)", f"subject IN ({few}) AND {in_time}", "GROUP BY subject, emotion", tables)
        ask("id, day, emotion, text", f"{in_time} AND {of_e} AND {of_f}", "ORDER BY at LIMIT 10")
        return count, both


def timed(run: Any, states: list[State], clock: Any) -> tuple[np.ndarray, list[Any]]:
    """Milliseconds of each state, and what came of it."""
    spent, answers = [], []
    for state in states:
        started = clock()
        answers.append(run(state))
        spent.append((clock() - started) * 1e3)
    return np.array(spent), answers


@contextmanager
def served(folder: Path) -> Iterator[Any]:
    """The page's server as users start it; gives a function from a state to its views, over one connection."""
    command = [sys.executable, "-m", "feelscope.cli", "explore", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = urlsplit(next(word for word in server.stderr.readline().split() if word.startswith("http")))
        connection = http.client.HTTPConnection(address.netloc)

        def views(state: State) -> dict[str, Any]:
            values = (state.query, state.subject, state.start, state.end, state.emotion)
            asked = {name: value for name, value in zip(KEYS, values, strict=True) if value}
            connection.request("GET", f"/views.json?{urlencode(asked)}")
            said = connection.getresponse()
            answer: dict[str, Any] = json.loads(said.read())
            if said.status != 200:
                raise SystemExit(f"{asked}: {answer}")
            return answer

        yield views
        connection.close()
        server.terminate()


def show(what: str, spent: np.ndarray, hits: np.ndarray) -> None:
    for of, some in ((what, spent), ("of these with 10,000 hits and more", spent[hits >= 10_000])):
        if len(some):
            half, most = np.percentile(some, (50, 95))
            print(f"{of} | {len(some)} | {half:.1f} | {most:.1f} | {some.max():.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("--keep", type=Path, help="where the index is, or stays")
    parser.add_argument("--limit", type=int, default=0, help="posts; default: all")
    parser.add_argument("--states", type=int, default=200)
    parser.add_argument("--without-sqlite", action="store_true")
    parser.add_argument("--processor-time", action="store_true", help="of all threads, for a machine that is busy")
    asked = parser.parse_args()
    clock = time.process_time if asked.processor_time else time.perf_counter
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary) / "index"
        if not (folder / "about.json").exists():
            build(asked.table, folder, asked.limit)
        archive = open_archive(folder)
        words = frequencies(folder)
        warm, states = (draw_states(archive, words, asked.states, seed) for seed in (1, 0))
        timed(archive.views, warm, clock)
        spent, answers = timed(archive.views, states, clock)
        hits = np.array([answer["counts"]["query"] for answer in answers])
        parts = ", ".join(f"{value:,.0f}" for value in np.percentile(hits, (0, 25, 50, 75, 95, 100)))
        print(f"\nhits of the states (least, quarters, 95%, most): {parts}")
        print("all views of a state | states | p50 ms | p95 ms | most ms")
        show("in process", spent, hits)
        with served(folder) as views:
            timed(views, warm, time.perf_counter)
            over_http, same = timed(views, states, time.perf_counter)  # the work is another process's
        show("over HTTP, by the clock", over_http, hits)
        print(f"the same answers in {sum(map(operator.eq, same, answers))} of {len(answers)} states")
        if asked.without_sqlite:
            return
        sqlite = Sqlite(folder, archive, folder / "sqlite.db" if asked.keep else Path(temporary) / "sqlite.db")
        timed(sqlite.views, warm, clock)
        theirs, counts = timed(sqlite.views, states, clock)
        show("SQLite FTS5 with GROUP BY", theirs, hits)
        ours = [(answer["counts"]["query"], answer["counts"]["subject"]) for answer in answers]
        alike = sum(one == other for one, other in zip(ours, counts, strict=True))
        print(f"the same counts in {alike} of {len(ours)} states")
        half, most = (np.percentile(theirs, part) / np.percentile(spent, part) for part in (50, 95))
        print(f"times faster: p50 {half:.1f}, p95 {most:.1f}")


if __name__ == "__main__":
    main()
