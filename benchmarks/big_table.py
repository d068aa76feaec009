"""Predict a table of millions of short posts that a script makes, killed and resumed, and check what came out.

    python benchmarks/big_table.py big --texts posts.csv --model runs/words --rows 10000000
    python benchmarks/big_table.py big --texts posts.csv --model builtin --rows 200000

`--texts` is a posts table whose words the posts are made of, each as often as it is there. `feelscope predict` runs as
a process of its own. It is killed (`kill -9`) `--kills` times, at places drawn from `--seed`, and started again with
`--resume`. Twice a second the script reads from /proc how much memory the process takes, together with the second
process that a model from elsewhere runs in. When all posts are read, three things are checked: each post has exactly
one row, 1,000 posts drawn by chance have the answers that an uninterrupted run gives, and memory never exceeded 110% of
its peak over the first million rows (or the first tenth).

The script may be stopped and started again: what is there is kept, in FOLDER. Exit code 1 where a bar is missed.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from feelscope.table import PostsTable, open_writer
from feelscope.table.posts import open_rows

AT_ONCE = 100_000  # posts that are made together
WORDS = (3, 15)  # of a post: at least, and fewer than
SAMPLE = 1000
DIGEST = 16  # bytes a row in OUT.partial.read
EVERY = 0.5  # seconds
MARGIN = 1.1


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("folder", type=Path)
    given.add_argument("--texts", type=Path, required=True, help="a posts table, for its words")
    given.add_argument("--model", default="builtin")
    given.add_argument("--rows", type=int, default=10_000_000)
    given.add_argument("--group", type=int, default=1_000_000, help="rows of a row group")
    given.add_argument("--format", choices=("parquet", "csv", "jsonl"), default="parquet", help="of table and output")
    given.add_argument("--kills", type=int, default=3)
    given.add_argument("--seed", type=int, default=0)
    settings = given.parse_args()
    settings.folder.mkdir(exist_ok=True)
    table = settings.folder / f"posts-{settings.rows}-{settings.group}.{settings.format}"
    if not table.exists():
        make(table, settings.texts, settings.rows, settings.group, settings.seed)
    name = f"{Path(settings.model).name}-{settings.rows}-{settings.format}"
    out, log = (settings.folder / f"{name}.{ending}" for ending in (settings.format, "log.jsonl"))
    predict(table, settings.model, out, log, kill_places(settings.rows, settings.kills, settings.seed))
    missed = [*check_memory(log, settings.rows), *check_rows(out, settings.rows)]
    missed += check_answers(table, settings.model, out, settings.rows, settings.seed)
    for bar in missed:
        print(f"MISSED: {bar}")
    sys.exit(1 if missed else 0)


def make(path: Path, texts: Path, rows: int, group: int, seed: int) -> None:
    """Make a table of posts with the ids 0, 1, 2 and so on, in the words of another table."""
    counts = Counter(word for post in PostsTable(texts) for part in post.texts for word in part.split())
    words, weights = list(counts), np.array([*counts.values()], float)
    draw = np.random.default_rng(seed)
    partial = path.with_name(f"{path.name}.making")
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    with contextlib.ExitStack() as opened:
        if path.suffix == ".parquet":
            parquet = opened.enter_context(pq.ParquetWriter(partial, schema))
        else:
            writer = opened.enter_context(open_writer(path))
        waiting: list[pa.Table] = []
        for start in range(0, rows, AT_ONCE):
            lengths = draw.integers(*WORDS, min(AT_ONCE, rows - start))
            chosen = iter(draw.choice(len(words), lengths.sum(), p=weights / weights.sum()).tolist())
            made = [" ".join(words[next(chosen)] for _ in range(length)) for length in lengths.tolist()]
            ids = [str(start + place) for place in range(len(made))]
            if path.suffix == ".parquet":
                waiting.append(pa.table([ids, made], schema=schema))
                if sum(map(len, waiting)) >= group or start + AT_ONCE >= rows:
                    parquet.write_table(pa.concat_tables(waiting), row_group_size=group)
                    waiting = []
            else:
                for id, text in zip(ids, made, strict=True):
                    writer.write({"id": id, "text": text})
    if path.suffix == ".parquet":
        partial.rename(path)
    print(f"{path}: {rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")


def kill_places(rows: int, kills: int, seed: int) -> list[int]:
    """After how many rows each kill is; the last one late, where most has to be found again."""
    draw = random.Random(seed)
    return sorted([*(draw.randrange(rows // 20, rows) for _ in range(kills - 1)), int(rows * draw.uniform(0.85, 0.95))])


def predict(table: Path, model: str, out: Path, log: Path, places: list[int]) -> None:
    """Run the command to its end, killed on the way; each run is a line of the log."""
    runs = [json.loads(line) for line in log.open()] if log.exists() else []
    left = places[sum(run["ended"] == "killed" for run in runs) :]
    while not out.exists():
        partial = out.with_name(f"{out.name}.partial")
        run = one_run(table, model, out, left[0] if left else None, resume=partial.exists())
        with log.open("a") as file:
            file.write(json.dumps(run) + "\n")
        show(run)
        if run["ended"] == "killed":
            left = left[1:]
        elif run["ended"] != "done":
            sys.exit(f"feelscope predict ended with {run['ended']}")


def one_run(table: Path, model: str, out: Path, kill_at: int | None, *, resume: bool) -> dict[str, object]:
    """Run the command until it ends or has so many rows; what it took, and its most memory by row."""
    read = out.with_name(f"{out.name}.partial.read")
    before = rows_in(read) if resume else 0
    command = [sys.executable, "-m", "feelscope.cli", "predict", table, "--model", model, "--out", out]
    start = time.monotonic()
    process = subprocess.Popen([*map(str, command), *(["--resume"] if resume else [])], start_new_session=True)
    at_place = last_row = ended_rows = None
    kept, rows, memory = before, 0, []
    try:
        while process.poll() is None:
            time.sleep(EVERY)
            now = time.monotonic() - start
            rows = rows_in(read) or rows
            kept = min(kept, rows or kept)
            memory.append((rows, round(now, 1), *megabytes(process.pid)))
            if rows > kept and at_place is None:
                at_place = now
            if rows != ended_rows:
                ended_rows, last_row = rows, now
            if kill_at is not None and rows >= kill_at:
                process.send_signal(signal.SIGKILL)
                process.wait()
                break
    finally:
        process.kill()
    seconds = time.monotonic() - start
    ended = {0: "done", -signal.SIGKILL: "killed"}.get(process.returncode, f"exit code {process.returncode}")
    return {
        "ended": ended,
        "kept": kept,
        "rows": rows,
        "seconds": round(seconds, 1),
        "seconds_to_its_place": at_place and round(at_place, 1),
        "seconds_after_the_last_row": last_row and round(seconds - last_row, 1),
        "memory": thinned(memory),
    }


def rows_in(read: Path) -> int:
    try:
        return max(0, read.stat().st_size // DIGEST - 1)
    except FileNotFoundError:
        return 0


def megabytes(process: int) -> tuple[float, float]:
    """What a process takes, and what those that it started do."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    return resident(process), sum(map(resident, children))


def resident(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def thinned(memory: list[tuple[int, float, float, float]]) -> list[tuple[int, float, float, float]]:
    """The most memory for each hundred thousand rows, with the last row and second of them."""
    most: dict[int, tuple[int, float, float, float]] = {}
    for rows, seconds, own, children in memory:
        before = most.get(rows // AT_ONCE, (0, 0.0, 0.0, 0.0))
        most[rows // AT_ONCE] = (rows, seconds, round(max(own, before[2])), round(max(children, before[3])))
    return list(most.values())


def show(run: dict[str, object]) -> None:
    rows, kept, place = int(run["rows"]), int(run["kept"]), run["seconds_to_its_place"]  # type: ignore[call-overload]
    seconds = float(run["seconds"]) - float(run["seconds_after_the_last_row"] or 0) - float(place or 0)  # type: ignore[arg-type]
    again = f"the first {kept:,} found again in {place} s; " if kept else ""
    rate = (rows - kept) / max(seconds, 1e-9)
    after = run["seconds_after_the_last_row"]
    print(f"{run['ended']} with {rows:,} rows in {run['seconds']} s; {again}{rate:,.0f} rows a second; {after} s more")


def check_memory(log: Path, rows: int) -> Iterator[str]:
    """No more memory later than at first."""
    first = min(1_000_000, rows // 10)
    for number, run in enumerate(map(json.loads, log.open()), 1):
        seen = [(own, children, own + children, at) for at, _, own, children in run["memory"]]
        print(f"run {number}, most memory in MB (feelscope + its model):")
        for million in sorted({at // 1_000_000 for *_, at in seen}):
            here = [one for one in seen if one[3] // 1_000_000 == million]
            own, its_model = (max(one[place] for one in here) for place in (0, 1))
            print(f"  from row {million * 1_000_000:>10,}: {own} + {its_model}")
        early = [one[2] for one in seen if one[3] <= run["kept"] + first]
        if early and max(one[2] for one in seen) > MARGIN * max(early):
            yield f"run {number}: {max(one[2] for one in seen)} MB, where the first {first:,} rows took {max(early)}"


def check_rows(out: Path, rows: int) -> Iterator[str]:
    """Every id once, and in order, or among the posts in which nothing could be read."""
    found, count, last, sorted_ = np.zeros(rows, bool), 0, -1, True
    unread = out.with_name(f"{out.stem}.quarantine.jsonl")
    left_out = [int(json.loads(line)["id"]) for line in unread.read_text().splitlines()] if unread.exists() else []
    for id in ids_of(out):
        count += 1
        found[int(id)] = True
        sorted_, last = sorted_ and int(id) > last, int(id)
    print(f"{out}: {count:,} rows, {found.sum():,} different ids, {'in' if sorted_ else 'OUT OF'} the table's order")
    print(f"{unread}: {len(left_out):,} posts in which nothing could be read")
    count += len(left_out)
    found[left_out] = True
    if (count, int(found.sum()), sorted_) != (rows, rows, True):
        yield "every id once, in order"


def ids_of(out: Path) -> Iterator[str]:
    if out.suffix == ".parquet":
        for batch in pq.ParquetFile(out, buffer_size=2**20).iter_batches(columns=["id"]):
            yield from batch.column(0).to_pylist()
    else:
        for row in open_rows(out):
            yield str(row["id"])  # type: ignore[index]


def check_answers(table: Path, model: str, out: Path, rows: int, seed: int) -> Iterator[str]:
    """Some rows as of a run of these posts alone."""
    chosen = {str(id) for id in random.Random(seed).sample(range(rows), min(SAMPLE, rows))}
    small, alone = out.with_name("sample.parquet"), out.with_name("alone.parquet")
    with open_writer(small) as writer:
        for row in open_rows(table):
            if row["id"] in chosen:  # type: ignore[index]
                writer.write(row)  # type: ignore[arg-type]
    command = [sys.executable, "-m", "feelscope.cli", "predict", small, "--model", model, "--out", alone]
    subprocess.run([*map(str, command)], check=True, stderr=subprocess.DEVNULL)
    expected = {row["id"]: answer(row) for row in open_rows(alone)}  # type: ignore[index, arg-type]
    same = sum(expected[row["id"]] == answer(row) for row in open_rows(out) if row["id"] in chosen)  # type: ignore[index, arg-type]
    print(f"{same:,} of {len(chosen):,} answers as of these posts alone")
    if same != len(chosen):
        yield "the same answers"


def answer(row: dict[str, object]) -> tuple[object, ...]:
    """Emotion and probabilities of a row of any format."""
    nested = row.get("probabilities")
    numbers = nested if isinstance(nested, dict) else {name: row[name] for name in row if name.startswith("prob")}
    return (row["emotion"], *(round(float(value), 6) for value in numbers.values()))


if __name__ == "__main__":
    main()
